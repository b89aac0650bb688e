import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyServerSide } from '../patch/apply/apply.ts';
import type { KubeObject } from '../object.ts';
import { applyTypeOf, defaultCustom, pruneCustom } from './structural.ts';
import type { StructuralSchema } from './structural.ts';
import { validateCustom } from './structural-validate.ts';

const object = (properties: Record<string, StructuralSchema>, more: Partial<StructuralSchema> = {}): StructuralSchema => ({ type: 'object', properties, ...more });
const ofSpec = (properties: Record<string, StructuralSchema>, more: Partial<StructuralSchema> = {}) => object({ spec: object(properties, more) });
const widget = (spec: unknown, metadata: object = { name: 'w' }) => ({ apiVersion: 'e.com/v1', kind: 'Widget', metadata, spec }) as unknown as KubeObject;
const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

describe('pruneCustom', () => {
  const schema = object({
    spec: object({ size: { type: 'integer' }, list: { type: 'array', items: object({ a: { type: 'string' } }) }, free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { known: object({ x: { type: 'string' } }) } },
      map: { type: 'object', additionalProperties: object({ v: { type: 'string' } }) }, pod: { type: 'object', 'x-kubernetes-embedded-resource': true, properties: {} } }),
  });
  it('removes and names what is unknown', () => {
    const value = widget({ size: 1, foo: 2, list: [{ a: 'x', b: 'y' }], free: { any: 1, known: { x: 'a', y: 'b' } }, map: { k: { v: 'a', w: 'b' } }, pod: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', nope: 1 }, spec: {} } });
    expect(pruneCustom(schema, value)).toEqual(['unknown field "spec.foo"', 'unknown field "spec.list[0].b"', 'unknown field "spec.free.known.y"', 'unknown field "spec.map.k.w"', 'unknown field "spec.pod.metadata.nope"', 'unknown field "spec.pod.spec"']);
    expect(value).toEqual(widget({ size: 1, list: [{ a: 'x' }], free: { any: 1, known: { x: 'a' } }, map: { k: { v: 'a' } }, pod: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' } } }));
  });
  it('keeps everything without a schema but metadata in order', () => {
    const value = { ...widget({ a: 1 }, { name: 'w', labels: {}, nope: 1 }) };
    expect(pruneCustom(undefined, value)).toEqual(['unknown field "metadata.nope"']);
    expect(value).toEqual(widget({ a: 1 }));
  });
  it('treats dangerous keys as unknown', () => {
    const value = widget(JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'));
    expect(pruneCustom(schema, value)).toHaveLength(2);
    defaultCustom(schema, value);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

it('fills in defaults, also for nulls that are not allowed', () => {
  const schema = ofSpec({ a: { type: 'string', default: 'x' }, b: { type: 'string', nullable: true, default: 'y' }, c: { type: 'string' }, inner: object({ d: { type: 'integer', default: 3 } }, { default: {} }), list: { type: 'array', items: object({ e: { type: 'boolean', default: true } }) },
    map: { type: 'object', additionalProperties: object({ f: { type: 'string', default: 'f' } }) } });
  const value = widget({ a: null, b: null, c: null, list: [{}, { e: false }], map: { k: {} } });
  defaultCustom(schema, value);
  expect(value).toEqual(widget({ a: 'x', b: null, inner: { d: 3 }, list: [{ e: true }, { e: false }], map: { k: { f: 'f' } } }));
  const once = copy(value);
  defaultCustom(schema, value);
  expect(value).toEqual(once);
});

describe('validateCustom', () => {
  const complaints = (schema: StructuralSchema, spec: unknown) => validateCustom(ofSpec({ x: schema }), widget({ x: spec })).map((e) => `${e.field}: ${e.detail}`);
  it.each<[StructuralSchema, unknown, string[]]>([
    [{ type: 'integer' }, 3, []], [{ type: 'number' }, 3, []], [{ 'x-kubernetes-int-or-string': true }, '50%', []], [{ type: 'string', nullable: true }, null, []],
    [{ type: 'integer' }, 'big', ['spec.x: Invalid value: "string": spec.x in body must be of type integer: "string"']],
    [{ type: 'integer' }, 1.5, ['spec.x: Invalid value: "number": spec.x in body must be of type integer: "number"']],
    [{ type: 'string' }, null, ['spec.x: Invalid value: "null": spec.x in body must be of type string: "null"']],
    [{ 'x-kubernetes-int-or-string': true }, true, ['spec.x: Invalid value: "boolean": spec.x in body must be of type integer,string: "boolean"']],
    [{ type: 'integer', minimum: 1 }, 0, ['spec.x: Invalid value: 0: spec.x in body should be greater than or equal to 1']],
    [{ type: 'integer', maximum: 1, exclusiveMaximum: true }, 1, ['spec.x: Invalid value: 1: spec.x in body should be less than 1']],
    [{ type: 'integer', multipleOf: 2 }, 3, ['spec.x: Invalid value: 3: spec.x in body should be a multiple of 2']],
    [{ type: 'string', maxLength: 2 }, 'abc', ['spec.x: Too long: may not be more than 2 bytes']],
    [{ type: 'string', minLength: 1 }, '', ['spec.x: Invalid value: "": spec.x in body should be at least 1 chars long']],
    [{ type: 'string', pattern: '^a+$' }, 'b', ["spec.x: Invalid value: \"b\": spec.x in body should match '^a+$'"]],
    [{ type: 'string', pattern: '^(?i)(abort|warn)?$' }, 'WARN', []], [{ type: 'string', pattern: '^[[:alpha:]]$' }, 'b', []],
    [{ type: 'string', enum: ['a', 'b'] }, 'c', ['spec.x: Unsupported value: "c": supported values: "a", "b"']],
    [{ type: 'string', format: 'date-time' }, 'now', ['spec.x: Invalid value: "now": spec.x in body must be of type date-time: "now"']],
    [{ type: 'string', format: 'ipv4' }, '1.2.3.4', []], [{ type: 'string', format: 'of-my-own' }, 'x', []],
    [{ type: 'array', items: { type: 'string' }, maxItems: 1 }, ['a', 'b'], ['spec.x: Too many: 2: must have at most 1 items']],
    [{ type: 'array', items: { type: 'string' } }, ['a', 1], ['spec.x[1]: Invalid value: "integer": spec.x[1] in body must be of type string: "integer"']],
    [{ type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' }, ['a', 'b', 'a', 'a'], ['spec.x[2]: Duplicate value: "a"']],
    [{ type: 'array', items: object({ n: { type: 'string' } }), 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['n'] }, [{ n: 'a' }, { n: 'a' }], ['spec.x[1]: Duplicate value: map[string]interface {}{"n":"a"}']],
    [object({ a: { type: 'string' } }, { required: ['a', 'b'] }), { a: 'x' }, ['spec.x.b: Required value']],
    [{ type: 'object', additionalProperties: { type: 'integer' } }, { k: 'v' }, ['spec.x.k: Invalid value: "string": spec.x.k in body must be of type integer: "string"']],
    [{ type: 'object', oneOf: [{ required: ['a'] }, { required: ['b'] }], properties: { a: { type: 'string' }, b: { type: 'string' } } }, { a: 'x', b: 'y' },
      ['<nil>: Invalid value: "": "spec.x" must validate one and only one schema (oneOf). Found 2 valid alternatives']],
    [{ type: 'object', anyOf: [{ required: ['a'] }], properties: { a: { type: 'string' } } }, {}, ['<nil>: Invalid value: "": "spec.x" must validate at least one schema (anyOf)', 'spec.x.a: Required value']],
    [{ type: 'string', not: { enum: ['a'] } }, 'a', ['<nil>: Invalid value: "": "spec.x" must not validate the schema (not)']],
    [{ type: 'integer', allOf: [{ minimum: 5 }, { minimum: 1 }] }, 2, ['spec.x: Invalid value: 2: spec.x in body should be greater than or equal to 5', '<nil>: Invalid value: "": "spec.x" must validate all the schemas (allOf)']],
  ])('%j of %j', (schema, value, texts) => expect(complaints(schema, value)).toEqual(texts));

  it('leaves metadata alone', () => expect(validateCustom({ type: 'object', required: ['metadata', 'spec'], properties: { metadata: { type: 'object' } } }, { apiVersion: 'v1', kind: 'W' }).map((e) => e.field)).toEqual(['spec']));
});

describe('server-side apply of custom resources', () => {
  const schema = ofSpec({
    atomic: { type: 'array', items: { type: 'string' } }, set: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
    map: { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['port', 'protocol'], items: object({ port: { type: 'integer' }, protocol: { type: 'string', default: 'TCP' }, name: { type: 'string' } }) },
    one: object({ a: { type: 'string' }, b: { type: 'string' } }, { 'x-kubernetes-map-type': 'atomic' }), free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  });
  const apply = (live: KubeObject | undefined, manager: string, spec: object) => applyServerSide({ messageId: applyTypeOf(schema), live, applied: widget(spec), manager, force: false, apiVersion: 'e.com/v1', now: '2025-01-01T00:00:00Z' });
  const specOf = (value: KubeObject) => (value as unknown as { spec: unknown }).spec;

  it('merges by the schema', () => {
    const live = apply(undefined, 'one', { set: ['a'], map: [{ port: 80 }], free: { x: { y: 1 } } });
    expect(specOf(apply(live, 'two', { set: ['b'], map: [{ port: 80, protocol: 'TCP', name: 'web' }, { port: 80, protocol: 'UDP' }], free: { x: { z: 2 } } }))).toEqual({
      set: ['a', 'b'], map: [{ port: 80, protocol: 'TCP', name: 'web' }, { port: 80, protocol: 'UDP' }], free: { x: { y: 1, z: 2 } },
    });
  });
  it.each([[{ atomic: ['a'] }, { atomic: ['b'] }], [{ one: { a: 'x' } }, { one: { b: 'x' } }]])('has atomics: %j and %j conflict', (a, b) => expect(() => apply(apply(undefined, 'one', a), 'two', b)).toThrow('conflict'));
  it('refuses fields that the schema does not know', () => expect(() => apply(undefined, 'one', { nope: 1 })).toThrow('.spec.nope: field not declared in schema'));
});

it('prunes, defaults and validates anything without failing', () => {
  const schema = ofSpec({ a: { type: 'string', default: 'x' }, l: { type: 'array', items: object({ n: { type: 'integer' } }) }, f: { 'x-kubernetes-preserve-unknown-fields': true } });
  fc.assert(fc.property(fc.jsonValue(), (spec) => {
    const value = widget(copy(spec));
    pruneCustom(schema, value);
    defaultCustom(schema, value);
    validateCustom(schema, value);
    const once = copy(value);
    expect(pruneCustom(schema, value)).toEqual([]);
    expect(value).toEqual(once);
  }));
});
