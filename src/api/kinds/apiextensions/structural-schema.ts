import { isDeepStrictEqual } from 'node:util';
import { goRegExp } from '../../../base/go-regexp.ts';
import type { FieldError } from '../../errors.ts';
import { ruleProblems } from '../../schema/rules/rules.ts';
import { validateValue } from '../../schema/structural-validate.ts';
import type { StructuralSchema } from '../../schema/structural.ts';
import type { JSONSchemaProps } from '../../types/apiextensions.v1.ts';
import { each, forbidden, invalid, required, unsupported } from '../../validation/field.ts';

/**
 * Whether a custom resource's schema is structural: every value has a type, said once, outside of anyOf, oneOf, allOf and not. Only then can unknown
 * fields be pruned and defaults be set. Rules and texts: apiextensions-apiserver pkg/apiserver/schema/validation.go and pkg/apis/apiextensions/validation.
 */
export function validateStructuralSchema(schema: JSONSchemaProps, at: string): FieldError[] {
  return validateLevel(schema, 'root', at).sort((a, b) => (a.field < b.field ? -1 : a.field > b.field ? 1 : 0));
}

type Level = 'root' | 'item' | 'field';

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
const MISSING: Readonly<Record<Level, string>> = { root: 'at the root', item: 'for specified array items', field: 'for specified object fields' };
const FORBIDDEN_KEYS = ['definitions', 'dependencies', 'patternProperties', 'additionalItems', 'id', '$ref'] as const;
const INT_OR_STRING: JSONSchemaProps[] = [{ type: 'integer' }, { type: 'string' }];

const asSchema = (value: unknown): JSONSchemaProps | undefined => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JSONSchemaProps) : undefined);

function validateLevel(schema: JSONSchemaProps, level: Level, at: string): FieldError[] {
  return [...ruleProblems(schema as StructuralSchema, at, level === 'root'), ...validateForm(schema, at), ...validateType(schema, level, at), ...validateMetadata(schema, level, at), ...validateLists(schema, at), ...validateChildren(schema, level, at), ...validateJunctors(schema, at)];
}

function validateForm(schema: JSONSchemaProps, at: string): FieldError[] {
  const errors = FORBIDDEN_KEYS.filter((key) => schema[key] !== undefined && schema[key] !== '').map((key) => forbidden(`${at}.${key}`, `${key} is not supported`));
  if (schema.uniqueItems) errors.push(forbidden(`${at}.uniqueItems`, 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic'));
  if (schema.type === 'null') errors.push(forbidden(`${at}.type`, 'type cannot be set to null, use nullable as an alternative'));
  else if (schema.type && !TYPES.includes(schema.type)) errors.push(unsupported(`${at}.type`, schema.type, TYPES));
  if (Object.keys(schema.properties ?? {}).length > 0 && schema.additionalProperties !== undefined) errors.push(forbidden(`${at}.additionalProperties`, 'additionalProperties and properties are mutual exclusive'));
  if (schema.pattern) errors.push(...validatePattern(schema.pattern, `${at}.pattern`));
  if (schema.default !== undefined && (schema.type === undefined || TYPES.includes(schema.type))) errors.push(...validateValue(schema as StructuralSchema, schema.default, `${at}.default`));
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) errors.push(invalid(`${at}.x-kubernetes-preserve-unknown-fields`, false, 'must be true or undefined'));
  if (schema['x-kubernetes-int-or-string']) {
    for (const key of ['x-kubernetes-preserve-unknown-fields', 'x-kubernetes-embedded-resource'] as const) {
      if (schema[key]) errors.push(invalid(`${at}.${key}`, true, 'must be false if x-kubernetes-int-or-string is true'));
    }
  }
  return errors;
}

function validatePattern(pattern: string, at: string): FieldError[] {
  try {
    goRegExp(pattern);
    return [];
  } catch (error) {
    return [invalid(at, pattern, `must be a valid regular expression, but isn't: ${error instanceof Error ? error.message : String(error)}`)];
  }
}

function validateType(schema: JSONSchemaProps, level: Level, at: string): FieldError[] {
  const { type = '' } = schema;
  if (schema['x-kubernetes-embedded-resource'] && type !== 'object') {
    const text = 'must be object if x-kubernetes-embedded-resource is true';
    return [type === '' ? required(`${at}.type`, text) : invalid(`${at}.type`, type, text)];
  }
  if (type === '' && !schema['x-kubernetes-int-or-string'] && !schema['x-kubernetes-preserve-unknown-fields']) return [required(`${at}.type`, `must not be empty ${MISSING[level]}`)];
  return level === 'root' && type !== '' && type !== 'object' ? [invalid(`${at}.type`, type, 'must be object at the root')] : [];
}

/** apiVersion, kind and metadata are everyone's: a schema may only restrict names. */
function validateMetadata(schema: JSONSchemaProps, level: Level, at: string): FieldError[] {
  const own = level === 'root' || schema['x-kubernetes-embedded-resource'];
  const properties = schema.properties ?? {};
  const errors: FieldError[] = [];
  if (schema['x-kubernetes-embedded-resource'] && !schema['x-kubernetes-preserve-unknown-fields'] && Object.keys(properties).length === 0) {
    errors.push(required(`${at}.properties`, 'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields'));
  }
  if (!own) return errors;
  for (const key of ['kind', 'apiVersion'] as const) {
    if (properties[key] && properties[key].type !== 'string') errors.push(invalid(`${at}.properties[${key}].type`, properties[key].type ?? '', 'must be string'));
  }
  const { metadata } = properties;
  if (!metadata) return errors;
  if (metadata.type !== 'object') errors.push(invalid(`${at}.properties[metadata].type`, metadata.type ?? '', 'must be object'));
  const { type: _type, properties: named = {}, default: _default, description: _description, ...others } = metadata;
  const more = Object.keys(named).some((key) => key !== 'name' && key !== 'generateName') || Object.values(others).some((value) => value !== undefined);
  if (level === 'root' && more) errors.push(forbidden(`${at}.properties[metadata]`, 'must not specify anything other than name and generateName, but metadata is implicitly specified'));
  return errors;
}

function validateLists(schema: JSONSchemaProps, at: string): FieldError[] {
  const listType = schema['x-kubernetes-list-type'];
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const errors: FieldError[] = [];
  if (listType !== undefined) {
    if (!['atomic', 'set', 'map'].includes(listType)) errors.push(unsupported(`${at}.x-kubernetes-list-type`, listType, ['atomic', 'set', 'map']));
    if (schema.type !== 'array') errors.push(invalid(`${at}.type`, schema.type ?? '', 'must be array if x-kubernetes-list-type is specified'));
  }
  if (keys.length > 0 && listType !== 'map') errors.push(invalid(`${at}.x-kubernetes-list-type`, listType ?? null, 'must be map if x-kubernetes-list-map-keys is non-empty'));
  if (listType === 'map') {
    const items = asSchema(schema.items);
    if (keys.length === 0) errors.push(required(`${at}.x-kubernetes-list-map-keys`, 'must not be empty if x-kubernetes-list-type is map'));
    if (!items) errors.push(required(`${at}.items`, 'must have a schema if x-kubernetes-list-type is map'));
    else if (items.type !== 'object') errors.push(invalid(`${at}.items.type`, items.type ?? '', "must be object if parent array's x-kubernetes-list-type is map"));
    errors.push(...each(keys, `${at}.x-kubernetes-list-map-keys`, (key, path) => {
      const property = items?.properties?.[key];
      if (items && !property) return [invalid(path, key, `entries in x-kubernetes-list-map-keys must match an existing property`)];
      return property?.type === 'array' || property?.type === 'object' ? [invalid(`${at}.items.properties[${key}].type`, property.type, 'must be a scalar type if parent array specifies it in x-kubernetes-list-map-keys')] : [];
    }));
  }
  const mapType = schema['x-kubernetes-map-type'];
  if (mapType !== undefined) {
    if (!['granular', 'atomic'].includes(mapType)) errors.push(unsupported(`${at}.x-kubernetes-map-type`, mapType, ['granular', 'atomic']));
    if (schema.type !== 'object') errors.push(invalid(`${at}.type`, schema.type ?? '', 'must be object if x-kubernetes-map-type is specified'));
  }
  return errors;
}

function validateChildren(schema: JSONSchemaProps, level: Level, at: string): FieldError[] {
  const items = asSchema(schema.items);
  const extra = asSchema(schema.additionalProperties);
  const errors: FieldError[] = [];
  if (Array.isArray(schema.items)) errors.push(forbidden(`${at}.items`, 'items must be a schema object and not an array'));
  else if (schema.type === 'array' && !items) errors.push(required(`${at}.items`, 'must be specified'));
  if (items) errors.push(...validateLevel(items, 'item', `${at}.items`));
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    const path = `${at}.properties[${key}]`;
    // The object's own metadata has its own rules, and no type but object.
    errors.push(...(level === 'root' && key === 'metadata' ? [] : validateLevel(property, 'field', path)));
  }
  if (schema.additionalProperties !== undefined && level === 'root') errors.push(forbidden(`${at}.additionalProperties`, 'must not be used at the root'));
  if (schema['x-kubernetes-embedded-resource'] && schema.additionalProperties !== undefined) errors.push(forbidden(`${at}.additionalProperties`, 'must not be used if x-kubernetes-embedded-resource is set'));
  if (extra) errors.push(...validateLevel(extra, 'field', `${at}.additionalProperties`));
  return errors;
}

/** Inside anyOf, allOf, oneOf and not, values are only checked: nothing is declared. */
function validateJunctors(schema: JSONSchemaProps, at: string): FieldError[] {
  const intOrString = schema['x-kubernetes-int-or-string'];
  const isPattern = (anyOf: readonly JSONSchemaProps[] | undefined) => intOrString && isDeepStrictEqual(anyOf, INT_OR_STRING);
  const errors = isPattern(schema.anyOf) ? [] : each(schema.anyOf, `${at}.anyOf`, validateNested);
  errors.push(...each(schema.allOf, `${at}.allOf`, (nested, path, i) => (i === 0 && isPattern(nested.anyOf) ? validateNested({ ...nested, anyOf: undefined }, path) : validateNested(nested, path))));
  errors.push(...each(schema.oneOf, `${at}.oneOf`, validateNested));
  return schema.not ? [...errors, ...validateNested(schema.not, `${at}.not`)] : errors;
}

const MUST_BE: readonly (readonly [keyof JSONSchemaProps, string])[] = [
  ['type', 'must be empty to be structural'],
  ['additionalProperties', 'must be undefined to be structural'],
  ['default', 'must be undefined to be structural'],
  ['title', 'must be empty to be structural'],
  ['description', 'must be empty to be structural'],
  ['nullable', 'must be false to be structural'],
  ['x-kubernetes-preserve-unknown-fields', 'must be false to be structural'],
  ['x-kubernetes-embedded-resource', 'must be false to be structural'],
  ['x-kubernetes-int-or-string', 'must be false to be structural'],
  ['x-kubernetes-list-map-keys', 'must be empty to be structural'],
  ['x-kubernetes-list-type', 'must be undefined to be structural'],
  ['x-kubernetes-map-type', 'must be undefined to be structural'],
  ['x-kubernetes-validations', 'must be empty to be structural'],
];

function validateNested(schema: JSONSchemaProps, at: string): FieldError[] {
  const items = asSchema(schema.items);
  return [
    ...MUST_BE.filter(([key]) => schema[key] !== undefined && schema[key] !== '' && schema[key] !== false).map(([key, text]) => forbidden(`${at}.${key}`, text)),
    ...(schema.pattern ? validatePattern(schema.pattern, `${at}.pattern`) : []),
    ...(schema.properties?.metadata ? [forbidden(`${at}.properties[metadata]`, 'must not be specified in a nested context')] : []),
    ...(items ? validateNested(items, `${at}.items`) : []),
    ...Object.entries(schema.properties ?? {}).flatMap(([key, property]) => validateNested(property, `${at}.properties[${key}]`)),
    ...validateJunctors(schema, at),
  ];
}
