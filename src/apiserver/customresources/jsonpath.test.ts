import { expect, it } from 'vitest';
import { compileJsonPath } from './jsonpath.ts';

const root = {
  metadata: { name: 'w', annotations: { 'a.b/c': 'dotted' } },
  spec: { replicas: 3, list: ['a', 'b', 'c'], map: { x: 1, y: 2 } },
  status: { conditions: [{ type: 'Ready', status: 'True', n: 2 }, { type: 'Other', status: 'False', n: 5 }] },
};

it.each<[string, unknown[]]>([
  ['.spec.replicas', [3]],
  ['.metadata.annotations.a\\.b/c', ['dotted']],
  ["['metadata']['annotations']['a.b/c']", ['dotted']],
  ['.spec.list[0]', ['a']],
  ['.spec.list[-1]', ['c']],
  ['.spec.list[9]', []],
  ['.spec.list[0:2]', ['a', 'b']],
  ['.spec.list[1:]', ['b', 'c']],
  ['.spec.list[::2]', ['a', 'c']],
  ['.spec.list[*]', ['a', 'b', 'c']],
  ['.spec.map.*', [1, 2]],
  [".spec.map['y','x']", [2, 1]],
  ['.status.conditions[?(@.type=="Ready")].status', ['True']],
  [".status.conditions[?(@.type == 'Other')].status", ['False']],
  ['.status.conditions[?(@.n>=3)].type', ['Other']],
  ['.status.conditions[?(@.missing)].type', []],
  ['.status.conditions[*].status', ['True', 'False']],
  ['..status', [root.status, 'True', 'False']],
  ['.spec.constructor', []],
  ['.nope.nope', []],
])('%s', (path, found) => expect(compileJsonPath(path)(root)).toEqual(found));

it.each(['spec', '.spec[', '.spec[x]', '.a..', '.a b', '.l[?(@.x=]'])('%s is refused', (path) => expect(() => compileJsonPath(path)).toThrow(SyntaxError));
