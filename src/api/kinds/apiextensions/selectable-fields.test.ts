import { expect, it } from 'vitest';
import type { JSONSchemaProps } from '../../types/apiextensions.v1.ts';
import { validateSelectableFields } from './selectable-fields.ts';

const schema: JSONSchemaProps = {
  type: 'object', properties: {
    metadata: { type: 'object', properties: { name: { type: 'string' } } },
    spec: { type: 'object', properties: { a: { type: 'integer' }, b: { type: 'string' }, n: { type: 'number' }, o: { type: 'array', items: { type: 'string' } }, m: { type: 'object', additionalProperties: { type: 'string' } } } },
  },
};

// Recorded from a kube-apiserver.
it.each<[string[], string[]]>([
  [['.spec.a', '.spec.b', '.spec.m.k'], []],
  [[''], ['[0].jsonPath: Required value']],
  [['.x'], ['[0].jsonPath: Invalid value: ".x": is an invalid path: does not refer to a valid field']],
  [['x'], ['[0].jsonPath: Invalid value: "x": is an invalid path: expected [ or . but got: x']],
  [['.spec.'], ['[0].jsonPath: Invalid value: ".spec.": is an invalid path: unexpected end of JSON path']],
  [['.spec.o[0]'], ['[0].jsonPath: Invalid value: ".spec.o[0]": is an invalid path: array notation is not allowed']],
  [['.spec.n'], ['[0].jsonPath: Invalid value: ".spec.n": must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.']],
  [['.metadata.name'], ['[0].jsonPath: Invalid value: ".metadata.name": must not point to fields in metadata']],
  [['.spec.a', '.spec.a'], ['[1].jsonPath: Duplicate value: ".spec.a"']],
  [Array.from({ length: 9 }, (_, i) => `.spec.m.k${i}`), [': Too many: 9: must have at most 8 items']],
])('%j', (paths, complaints) => expect(validateSelectableFields(paths.map((jsonPath) => ({ jsonPath })), schema, '').map(({ field, detail }) => `${field}: ${detail}`)).toEqual(complaints));
