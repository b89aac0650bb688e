import { expect, it } from 'vitest';
import type { JSONSchemaProps } from '../../types/apiextensions.v1.ts';
import { validateStructuralSchema } from './structural-schema.ts';

const object = (properties: Record<string, JSONSchemaProps>): JSONSchemaProps => ({ type: 'object', properties });

// Recorded from a kube-apiserver.
it.each<[JSONSchemaProps, string[]]>([
  [object({ spec: object({ a: { type: 'string' } }) }), []],
  [{}, ['S.type: Required value: must not be empty at the root']],
  [{ type: 'string' }, ['S.type: Invalid value: "string": must be object at the root']],
  [object({ a: {}, l: { type: 'array', items: {} }, m: { type: 'array' } }), ['S.properties[a].type: Required value: must not be empty for specified object fields', 'S.properties[l].items.type: Required value: must not be empty for specified array items', 'S.properties[m].items: Required value: must be specified']],
  [object({ a: { 'x-kubernetes-int-or-string': true }, b: { 'x-kubernetes-preserve-unknown-fields': true } }), []],
  [object({ l: { type: 'array', items: object({}), 'x-kubernetes-list-type': 'map' } }), ['S.properties[l].x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map']],
  [object({ p: { type: 'string', pattern: '(?=a)' } }), ['S.properties[p].pattern: Invalid value: "(?=a)": must be a valid regular expression, but isn\'t: error parsing regexp: invalid or unsupported Perl syntax: `(?=`']],
  [object({ t: { type: 'text' } }), ['S.properties[t].type: Unsupported value: "text": supported values: "array", "boolean", "integer", "number", "object", "string"']],
  [object({ u: { type: 'array', uniqueItems: true, items: { type: 'string' } } }), ['S.properties[u].uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic']],
  [object({ o: { type: 'object', properties: { a: { type: 'string' } }, additionalProperties: { type: 'string' } } }), ['S.properties[o].additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive']],
])('%j: %j', (schema, texts) => expect(validateStructuralSchema(schema, 'S').map((e) => `${e.field}: ${e.detail}`)).toEqual(texts));
