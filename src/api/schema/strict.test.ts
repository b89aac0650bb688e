import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findUnknown, parseJsonStrict, suggest, suggestField } from './strict.ts';

describe('findUnknown', () => {
  it.each<[string, object, string[]]>([
    ['apps/v1.Deployment', { apiVersion: 'apps/v1', kind: 'Deployment', spec: { replicas: 1 } }, []],
    ['apps/v1.Deployment', { apiVersoin: 'x', spec: { foo: 1, template: { spec: { containers: [{ name: 'a' }, { imge: 'x' }] } } } },
      ['unknown field "apiVersoin" (did you mean "apiVersion"?)', 'unknown field "spec.foo"', 'unknown field "spec.template.spec.containers[1].imge" (did you mean "image"?)']],
    ['core/v1.Pod', { metadata: { labels: { anything: 'goes' } }, spec: { kind: 'x' } }, ['unknown field "spec.kind"']],
    ['core/v1.Probe', { exec: { comand: [] } }, ['unknown field "exec.comand" (did you mean "command"?)']],
    ['apiextensions/v1.JSONSchemaProps', { properties: { a: { tpye: 'x', items: { foo: 1 } } } }, ['unknown field "properties.a.tpye" (did you mean "type"?)', 'unknown field "properties.a.items.foo"']],
    ['core/v1.PodSpec', JSON.parse('{"__proto__":{"a":1},"constructor":1}') as object, ['unknown field "__proto__"', 'unknown field "constructor"']],
  ])('%s %j', (id, object, unknown) => expect(findUnknown(id, object)).toEqual(unknown));

  it('stops at a hundred', () => expect(findUnknown('core/v1.PodSpec', Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`x${i}`, 1])))).toHaveLength(100));
});

describe('parseJsonStrict', () => {
  it.each<[string, string[]]>([
    ['{"a":1,"b":2}', []], ['{"a":1,"a":2}', ['duplicate field "a"']], ['{"spec":{"a":[{"b":1},{"b":1,"b":2}]}}', ['duplicate field "spec.a[1].b"']], [String.raw`{"a\"":1,"a\"":2,"x":"\"a\":{"}`, [String.raw`duplicate field "a\""`]],
    ['{"a":{"a":1},"b":{"a":1}}', []], [String.raw`{"a":1,"\u0061":2}`, ['duplicate field "a"']], ['[1,"x","x"]', []],
  ])('%s', (text, duplicates) => expect(parseJsonStrict(text)).toEqual({ value: JSON.parse(text) as unknown, duplicates }));

  it.each<[string, string]>([['', 'unexpected end of JSON input'], ['{"a":', 'unexpected end of JSON input'], ['<html>', "invalid character '<' looking for beginning of value"],
    ['{"a":{"__proto__":{}}}', 'the key "__proto__" is not supported'], [String.raw`{"\u005f_proto__":1}`, 'the key "__proto__" is not supported'], ['['.repeat(20_000), 'exceeded max depth']])(
    'refuses %.20s', (text, message) => expect(() => parseJsonStrict(text)).toThrow(message));

  it('reads what JSON.parse reads', () => fc.assert(fc.property(fc.json(), (text) => {
    if (!text.includes('__proto__')) expect(parseJsonStrict(text).value).toEqual(JSON.parse(text));
  })));
});

it.each([['apiVerson', 'apiVersion'], ['Kind', 'kind'], ['metdata', 'metadata'], ['sepc', 'spec'], ['zebra', undefined]])('suggests for %s: %s', (word, field) => {
  expect(suggestField('apps/v1.Deployment', word)).toBe(field);
});
it('suggests the nearest', () => expect(suggest('conatiners', ['initContainers', 'containers', 'volumes'])).toBe('containers'));
