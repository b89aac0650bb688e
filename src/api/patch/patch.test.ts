import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { copyJson, equalJson } from '../json.ts';
import { createMergePatch, mergePatch } from './merge.ts';
import { jsonPatch } from './json.ts';
import { strategicMerge } from './strategic.ts';
import { createThreeWayMergePatch, createTwoWayMergePatch } from './diff.ts';

const dangerous = JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"a":{"__proto__":{"polluted":1}}}') as Record<string, unknown>;
const json = fc.jsonValue({ noUnicodeString: true, maxDepth: 3 } as fc.JsonSharedConstraints).map((v) => JSON.parse(JSON.stringify(v)) as unknown);
const keyed = fc.letrec((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, fc.integer(), fc.string(), fc.boolean(), fc.array(fc.integer()), tie('object')),
  object: fc.dictionary(fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor'), tie('value')),
})).object;

function unpolluted(): void {
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
}

describe('mergePatch', () => {
  it.each([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }], [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }], [{ a: 'b' }, { a: null }, {}], [{ a: ['b'] }, { a: 'c' }, { a: 'c' }], [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }], [['a'], ['c'], ['c']], [{ e: null }, { a: 1 }, { e: null, a: 1 }], [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }], [[1], { a: 'b', c: null }, { a: 'b' }],
  ])('%j + %j = %j (RFC 7386)', (original, patch, result) => expect(mergePatch(original, patch)).toEqual(result));

  it('takes an object to any other with the patch made for it', () => fc.assert(fc.property(keyed, keyed, (a, b) => {
    expect(equalJson(mergePatch(a, createMergePatch(a, b)), b)).toBe(true);
  })));

  it('changes neither argument nor any prototype', () => fc.assert(fc.property(json, keyed, (a, patch) => {
    const before = JSON.stringify([a, patch]);
    mergePatch(a, patch);
    mergePatch(a, dangerous);
    expect(JSON.stringify([a, patch])).toBe(before);
    unpolluted();
  })));
});

describe('jsonPatch', () => {
  it.each<[unknown, unknown[], unknown]>([
    [{ a: 1 }, [{ op: 'add', path: '/b', value: 2 }], { a: 1, b: 2 }],
    [{ a: [1, 3] }, [{ op: 'add', path: '/a/1', value: 2 }, { op: 'add', path: '/a/-', value: 4 }], { a: [1, 2, 3, 4] }],
    [{ a: { 'x/y': 1, 'm~n': 2 } }, [{ op: 'remove', path: '/a/x~1y' }, { op: 'replace', path: '/a/m~0n', value: 3 }], { a: { 'm~n': 3 } }],
    [{ a: [1, 2] }, [{ op: 'move', from: '/a/0', path: '/a/1' }], { a: [2, 1] }],
    [{ a: { b: 1 } }, [{ op: 'copy', from: '/a', path: '/c' }, { op: 'test', path: '/c', value: { b: 1 } }], { a: { b: 1 }, c: { b: 1 } }],
    [{ a: 1 }, [{ op: 'replace', path: '', value: { b: 2 } }], { b: 2 }],
    [{ a: 1 }, [{ op: 'add', path: '/b' }], { a: 1, b: null }],
    [{}, [{ op: 'test', path: '/a', value: null }], {}],
    [{}, [{ op: 'replace', path: '/a', value: 1 }], { a: 1 }],
    [{}, [{ op: 'copy', from: '/a', path: '/b' }], { b: null }],
  ])('%j with %j', (original, ops, result) => expect(jsonPatch(original, ops)).toEqual(result));

  it.each<[unknown, unknown, number]>([
    [{}, {}, 400], [{}, ['x'], 400], [{ a: [1] }, [{ op: 'replace', path: '/a/1', value: 1 }], 422], [{}, [{ op: 'remove', path: '/a' }], 422], [{}, [{ op: 'add', path: '/a/b', value: 1 }], 422],
    [{ a: [1] }, [{ op: 'add', path: '/a/3', value: 1 }], 422], [{ a: [1] }, [{ op: 'add', path: '/a/01', value: 1 }], 422], [{ a: 1 }, [{ op: 'test', path: '/a', value: 2 }], 422],
    [{}, [{ op: 'nope', path: '/a' }], 422], [{}, [{ op: 'add', path: 'a', value: 1 }], 422], [{}, [{ op: 'add', path: '/toString/x', value: 1 }], 422], [{}, [{ op: 'add', path: '/__proto__/polluted', value: 1 }], 422],
    [{}, [{ op: 'add', path: '/constructor/prototype/polluted', value: 1 }], 422], [{ a: { b: 1 } }, [{ op: 'move', from: '/a', path: '/a/b' }], 422], [{}, Array.from({ length: 10_001 }, () => ({ op: 'test', path: '', value: {} })), 413],
  ])('%j refuses %j', (original, ops, code) => {
    expect(() => jsonPatch(original, ops)).toThrow(expect.objectContaining({ code }) as Error);
    unpolluted();
  });

  it('stops patches that double the document again and again', () => {
    const ops = Array.from({ length: 60 }, (_, i) => ({ op: 'copy', from: '', path: `/c${i}` }));
    expect(() => jsonPatch({ a: 'x'.repeat(100) }, ops)).toThrow(expect.objectContaining({ code: 422 }) as Error);
  });

  it('does not keep a hold on the patch', () => {
    const value = { b: 1 };
    (jsonPatch({}, [{ op: 'add', path: '/a', value }]) as { a: { b: number } }).a.b = 2;
    expect(value.b).toBe(1);
  });
});

const POD = 'core/v1.Pod';
const pod = (spec: object) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec });
const containers = (...list: object[]) => pod({ containers: list });

describe('strategicMerge', () => {
  it.each<[string, object, object, object]>([
    ['merges by key', containers({ name: 'a', image: '1' }, { name: 'b', image: '1' }), { spec: { containers: [{ name: 'a', image: '2' }] } }, containers({ name: 'a', image: '2' }, { name: 'b', image: '1' })],
    ['adds new elements first, as upstream', containers({ name: 'a' }), { spec: { containers: [{ name: 'b' }] } }, containers({ name: 'b' }, { name: 'a' })],
    ['deletes an element', containers({ name: 'a' }, { name: 'b' }), { spec: { containers: [{ name: 'a', $patch: 'delete' }] } }, containers({ name: 'b' })],
    ['replaces a list', containers({ name: 'a' }, { name: 'b' }), { spec: { containers: [{ name: 'c' }, { $patch: 'replace' }] } }, containers({ name: 'c' })],
    ['orders elements', containers({ name: 'a' }, { name: 'b' }), { spec: { '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }] } }, containers({ name: 'b' }, { name: 'a' })],
    ['replaces a map', pod({ nodeSelector: { a: '1', b: '2' } }), { spec: { nodeSelector: { $patch: 'replace', c: '3' } } }, pod({ nodeSelector: { c: '3' } })],
    ['empties a map', pod({ nodeSelector: { a: '1' } }), { spec: { nodeSelector: { $patch: 'delete' } } }, pod({ nodeSelector: {} })],
    ['retains keys of a volume', pod({ volumes: [{ name: 'v', emptyDir: {} }] }), { spec: { volumes: [{ name: 'v', $retainKeys: ['name', 'hostPath'], hostPath: { path: '/x' } }] } }, pod({ volumes: [{ name: 'v', hostPath: { path: '/x' } }] })],
    ['deletes from a primitive list', { metadata: { finalizers: ['a', 'b', 'c'] } }, { metadata: { '$deleteFromPrimitiveList/finalizers': ['b'] } }, { metadata: { finalizers: ['a', 'c'] } }],
    ['unites a primitive list', { metadata: { finalizers: ['a'] } }, { metadata: { finalizers: ['b', 'a'] } }, { metadata: { finalizers: ['b', 'a'] } }],
    ['replaces lists without a key', containers({ name: 'a', args: ['1', '2'] }), { spec: { containers: [{ name: 'a', args: ['3'] }] } }, containers({ name: 'a', args: ['3'] })],
    ['deletes with null and drops nulls it adds', pod({ hostname: 'h' }), { spec: { hostname: null, securityContext: { fsGroup: null, runAsUser: 1 } } }, pod({ securityContext: { runAsUser: 1 } })],
    ['creates a list without directives', pod({}), { spec: { containers: [{ name: 'a', $patch: 'delete' }, { name: 'b' }] } }, pod({ containers: [{ name: 'b' }] })],
  ])('%s', (_, original, patch, result) => {
    const before = JSON.stringify([original, patch]);
    expect(strategicMerge(POD, original, patch)).toEqual(result);
    expect(JSON.stringify([original, patch])).toBe(before);
  });

  it.each<[object, object, string]>([
    [containers({ name: 'a' }), { spec: { containers: [{ image: 'x' }] } }, 'map: map[image:x] does not contain declared merge key: name'],
    [containers({ name: 'a' }), { spec: { $patch: 'explode' } }, 'unknown patch type: explode in map: map[$patch:explode]'],
    [containers({ name: 'a' }), { spec: { containers: [{ name: 'a', $patch: 'merge' }] } }, 'merging lists cannot yet be specified in the patch'],
    [containers({ name: 'a' }), { spec: { containers: [{ name: 'a' }], '$setElementOrder/containers': [{ name: 'b' }] } }, "The order in patch list:\n[map[name:a]]\n doesn't match $setElementOrder list:\n[map[name:b]]\n"],
    [pod({ volumes: [{ name: 'v' }] }), { spec: { volumes: [{ name: 'v', $retainKeys: ['name'], emptyDir: {} }] } }, 'invalid patch format of retainKeys'],
    [pod({ foo: { a: 1 } }), { spec: { foo: { b: 1 } } }, 'unable to find api field in struct PodSpec for the json field "foo"'],
    [{ metadata: { finalizers: ['a'] } }, { metadata: { finalizers: ['b', 1] } }, 'list element types are not identical: [[a] [b 1]]'],
    [{}, [], 'invalid JSON document'],
  ])('%j refuses %j', (original, patch, message) => expect(() => strategicMerge(POD, original, patch)).toThrow(message));

  it('never touches a prototype', () => {
    strategicMerge(POD, pod({}), dangerous);
    strategicMerge(POD, { a: {} }, { spec: dangerous });
    strategicMerge(POD, { metadata: { labels: { a: 'b' } } }, { metadata: { labels: dangerous } });
    unpolluted();
  });
});

describe('diffs', () => {
  const spec = fc.record({
    hostname: fc.option(fc.constantFrom('x', 'y'), { nil: undefined }),
    nodeSelector: fc.option(fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('1', '2'), { minKeys: 1 }), { nil: undefined }),
    containers: fc.uniqueArray(fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd'), image: fc.constantFrom('1', '2'), args: fc.array(fc.constantFrom('x', 'y'), { minLength: 1 }) }), { selector: (c) => c.name, minLength: 1 }),
    volumes: fc.uniqueArray(fc.oneof(fc.record({ name: fc.constantFrom('v', 'w'), emptyDir: fc.constant({}) }), fc.record({ name: fc.constantFrom('v', 'w'), hostPath: fc.constant({ path: '/' }) })), { selector: (v) => v.name, minLength: 1 }),
  }).map((s) => JSON.parse(JSON.stringify(pod(s))) as ReturnType<typeof pod>);

  it('two-way: patching gives what was wanted', () => fc.assert(fc.property(spec, spec, (a, b) => {
    expect(strategicMerge(POD, a, createTwoWayMergePatch(POD, a, b))).toEqual(b);
  })));

  it('three-way: without changes of others it is the two-way result, and applying twice changes nothing more', () => fc.assert(fc.property(spec, spec, (a, b) => {
    const once = strategicMerge(POD, a, createThreeWayMergePatch(POD, a, b, a));
    expect(once).toEqual(b);
    expect(strategicMerge(POD, once, createThreeWayMergePatch(POD, b, b, once))).toEqual(once);
  })));

  it('three-way: keeps what others added and deletes only what was applied', () => {
    const original = pod({ hostname: 'x', containers: [{ name: 'a', image: '1' }] });
    const live = pod({ hostname: 'x', nodeName: 'n1', containers: [{ name: 'a', image: '1' }, { name: 'sidecar', image: 's' }] });
    const wanted = pod({ containers: [{ name: 'a', image: '2' }] });
    const patch = createThreeWayMergePatch(POD, original, wanted, live);
    expect(patch).toEqual({ spec: { hostname: null, '$setElementOrder/containers': [{ name: 'a' }], containers: [{ name: 'a', image: '2' }] } });
    expect(strategicMerge(POD, live, patch)).toEqual(pod({ nodeName: 'n1', containers: [{ name: 'a', image: '2' }, { name: 'sidecar', image: 's' }] }));
  });

  it('three-way: refuses to overwrite when told so', () => {
    expect(() => createThreeWayMergePatch(POD, pod({ hostname: 'x' }), pod({ hostname: 'y' }), pod({ hostname: 'z' }), false)).toThrow(/conflicts with changes made from original to current/);
  });

  it('writes $retainKeys for fields that need it', () => {
    expect(createTwoWayMergePatch('apps/v1.Deployment', { spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } } }, { spec: { strategy: { type: 'Recreate' } } }))
      .toEqual({ spec: { strategy: { $retainKeys: ['type'], type: 'Recreate', rollingUpdate: null } } });
  });
});

it('copies and compares JSON', () => fc.assert(fc.property(json, keyed, (a, b) => {
  expect(equalJson(copyJson(a), a)).toBe(true);
  expect(equalJson(copyJson(b), b)).toBe(true);
})));
