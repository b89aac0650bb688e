import type { FieldError } from '../errors.ts';
import type { StructuralSchema } from './structural.ts';

/** What a schema is part of decides what it must say. */
type Level = 'root' | 'field' | 'item';

const WHERE: Readonly<Record<Level, string>> = { root: 'at the root', field: 'for specified object fields', item: 'for specified array items' };
const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string'];

/**
 * Complaints about a CRD's schema that is not structural; `path` is where it stands (`spec.versions[0].schema.openAPIV3Schema`). Rules and texts:
 * apiextensions-apiserver pkg/apiserver/schema/validation.go.
 */
export function structuralProblems(schema: StructuralSchema, path: string): FieldError[] {
  return check(schema, path, 'root');
}

function check(schema: StructuralSchema, path: string, level: Level): FieldError[] {
  const errors: FieldError[] = [];
  const required = (field: string, text: string) => errors.push({ type: 'FieldValueRequired', field: `${path}.${field}`, detail: `Required value: ${text}` });
  const invalid = (field: string, value: unknown, text: string) => errors.push({ type: 'FieldValueInvalid', field: `${path}.${field}`, detail: `Invalid value: ${JSON.stringify(value)}: ${text}` });
  const typeless = schema['x-kubernetes-int-or-string'] === true || schema['x-kubernetes-preserve-unknown-fields'] === true;
  if (!schema.type && (level === 'root' || !typeless)) required('type', `must not be empty ${WHERE[level]}`);
  if (schema.type && !TYPES.includes(schema.type)) {
    errors.push({ type: 'FieldValueNotSupported', field: `${path}.type`, detail: `Unsupported value: ${JSON.stringify(schema.type)}: supported values: ${TYPES.map((t) => JSON.stringify(t)).join(', ')}` });
  }
  if (level === 'root' && schema.type && schema.type !== 'object') invalid('type', schema.type, 'must be object at the root');
  if (schema.type === 'array' && !schema.items) required('items', 'must be specified');
  if (schema['x-kubernetes-int-or-string'] && schema.type) invalid('type', schema.type, 'must be empty if x-kubernetes-int-or-string is true');
  if (schema['x-kubernetes-embedded-resource'] && schema.type !== 'object') invalid('type', schema.type ?? '', 'must be object if x-kubernetes-embedded-resource is true');
  if (schema.properties && schema.additionalProperties !== undefined && schema.additionalProperties !== false) {
    errors.push({ type: 'FieldValueForbidden', field: `${path}.additionalProperties`, detail: 'Forbidden: additionalProperties and properties are mutual exclusive' });
  }
  if (schema.uniqueItems) errors.push({ type: 'FieldValueForbidden', field: `${path}.uniqueItems`, detail: "Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic" });
  errors.push(...checkLists(schema, path));
  if (schema.items) errors.push(...check(schema.items, `${path}.items`, 'item'));
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (level === 'root' && name === 'metadata') continue;
    errors.push(...check(property, `${path}.properties[${name}]`, 'field'));
  }
  if (typeof schema.additionalProperties === 'object') errors.push(...check(schema.additionalProperties, `${path}.additionalProperties`, 'field'));
  return errors;
}

function checkLists(schema: StructuralSchema, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const kind = schema['x-kubernetes-list-type'];
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  if (kind !== undefined && schema.type !== 'array') {
    const detail = schema.type ? `Invalid value: ${JSON.stringify(schema.type)}: must be array if x-kubernetes-list-type is specified` : 'Required value: must be array if x-kubernetes-list-type is specified';
    errors.push({ type: schema.type ? 'FieldValueInvalid' : 'FieldValueRequired', field: `${path}.type`, detail });
  }
  if (kind === 'map' && keys.length === 0) errors.push({ type: 'FieldValueRequired', field: `${path}.x-kubernetes-list-map-keys`, detail: 'Required value: must not be empty if x-kubernetes-list-type is map' });
  if (kind !== 'map' && keys.length > 0) {
    errors.push({ type: 'FieldValueInvalid', field: `${path}.x-kubernetes-list-type`, detail: `Invalid value: ${JSON.stringify(kind ?? '')}: must be map if x-kubernetes-list-map-keys is non-empty` });
  }
  for (const [i, key] of keys.entries()) {
    if (kind === 'map' && !schema.items?.properties?.[key]) {
      errors.push({ type: 'FieldValueInvalid', field: `${path}.x-kubernetes-list-map-keys[${i}]`, detail: `Invalid value: ${JSON.stringify(key)}: entries must all be names of item properties` });
    }
  }
  return errors;
}
