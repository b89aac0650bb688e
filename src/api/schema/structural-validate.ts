import { goRegExp } from '../../base/go-regexp.ts';
import type { FieldError } from '../errors.ts';
import { equalJson, isObject } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { hasFormat } from './formats.ts';
import { preserves, schemaOfKey } from './structural.ts';
import type { StructuralSchema } from './structural.ts';

/**
 * Complaints about a custom resource against its CRD's schema; empty when it is fine. Texts as kube-openapi's validator and apiextensions-apiserver
 * pkg/apiserver/validation make them. Rules in CEL (`x-kubernetes-validations`) are `rules/rules.ts`' to judge.
 */
export function validateCustom(schema: StructuralSchema | undefined, object: object): FieldError[] {
  if (!schema) return [];
  const errors: FieldError[] = [];
  // What every resource has is not the schema's to judge.
  const { apiVersion: _, kind: __, metadata: ___, ...rest } = object as JsonObject;
  const required = (schema.required ?? []).filter((name) => !['apiVersion', 'kind', 'metadata'].includes(name));
  validate({ ...schema, type: 'object', required }, rest, '', errors);
  listErrors(schema, rest, '', errors);
  return errors;
}

/** Complaints about one value that stands at `at` (a schema's own default) against its schema. */
export function validateValue(schema: StructuralSchema, value: unknown, at: string): FieldError[] {
  const errors: FieldError[] = [];
  validate(schema, value, '', errors);
  return errors.map((error) => ({ ...error, field: error.field === '' ? at : join(at, error.field) }));
}

type Type = FieldError['type'];

function validate(schema: StructuralSchema, value: unknown, path: string, errors: FieldError[]): void {
  const add = (type: Type, detail: string) => errors.push({ type, field: path, detail });
  const invalid = (detail: string) => add('FieldValueInvalid', `Invalid value: ${print(value)}: ${path} in body ${detail}`);
  if (!hasType(schema, value)) {
    const found = typeOf(value);
    add('FieldValueTypeInvalid', `Invalid value: ${JSON.stringify(found)}: ${path} in body must be of type ${wantedType(schema)}: ${JSON.stringify(found)}`);
    return;
  }
  if (value === null) return;
  if (schema.enum && !schema.enum.some((allowed) => equalJson(allowed, value))) {
    const allowed = schema.enum.map((v) => JSON.stringify(typeof v === 'string' ? v : JSON.stringify(v))).join(', ');
    add('FieldValueNotSupported', `Unsupported value: ${print(value)}: supported values: ${allowed}`);
  }
  if (typeof value === 'string') validateString(schema, value, path, add, invalid);
  else if (typeof value === 'number') validateNumber(schema, value, invalid);
  else if (Array.isArray(value)) validateList(schema, value, path, add, invalid, errors);
  else if (isObject(value)) validateObject(schema, value, path, add, invalid, errors);
  validateCombinations(schema, value, path, errors);
}

type Add = (type: Type, detail: string) => void;
type Invalid = (detail: string) => void;

function validateString(schema: StructuralSchema, value: string, path: string, add: Add, invalid: Invalid): void {
  const length = [...value].length;
  if (schema.maxLength !== undefined && length > schema.maxLength) add('FieldValueTooLong', `Too long: may not be more than ${schema.maxLength} bytes`);
  if (schema.minLength !== undefined && length < schema.minLength) invalid(`should be at least ${schema.minLength} chars long`);
  if (schema.pattern && !matches(schema.pattern, value)) invalid(`should match '${schema.pattern}'`);
  if (schema.format && !hasFormat(schema.format, value)) add('FieldValueTypeInvalid', `Invalid value: ${print(value)}: ${path} in body must be of type ${schema.format}: ${print(value)}`);
}

function validateNumber(schema: StructuralSchema, value: number, invalid: Invalid): void {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  if (minimum !== undefined && (exclusiveMinimum ? value <= minimum : value < minimum)) invalid(`should be greater than ${exclusiveMinimum ? '' : 'or equal to '}${minimum}`);
  if (maximum !== undefined && (exclusiveMaximum ? value >= maximum : value > maximum)) invalid(`should be less than ${exclusiveMaximum ? '' : 'or equal to '}${maximum}`);
  if (multipleOf && Math.abs(value / multipleOf - Math.round(value / multipleOf)) > 1e-9) invalid(`should be a multiple of ${multipleOf}`);
  if (schema.format === 'int32' && (value < -(2 ** 31) || value > 2 ** 31 - 1)) invalid('must be of type int32');
}

function validateList(schema: StructuralSchema, value: unknown[], path: string, add: Add, invalid: Invalid, errors: FieldError[]): void {
  if (schema.maxItems !== undefined && value.length > schema.maxItems) add('FieldValueTooMany', `Too many: ${value.length}: must have at most ${schema.maxItems} items`);
  if (schema.minItems !== undefined && value.length < schema.minItems) invalid(`should have at least ${schema.minItems} items`);
  if (schema.items) value.forEach((item, i) => validate(schema.items!, item, `${path}[${i}]`, errors));
}

function validateObject(schema: StructuralSchema, value: JsonObject, path: string, add: Add, invalid: Invalid, errors: FieldError[]): void {
  const keys = Object.keys(value);
  if (schema.maxProperties !== undefined && keys.length > schema.maxProperties) add('FieldValueTooMany', `Too many: ${keys.length}: must have at most ${schema.maxProperties} items`);
  if (schema.minProperties !== undefined && keys.length < schema.minProperties) invalid(`should have at least ${schema.minProperties} properties`);
  for (const name of schema.required ?? []) if (!Object.hasOwn(value, name)) errors.push({ type: 'FieldValueRequired', field: join(path, name), detail: 'Required value' });
  for (const key of keys) {
    const inner = schemaOfKey(schema, key);
    if (inner && inner !== true) validate(inner, value[key], join(path, key), errors);
  }
}

function validateCombinations(schema: StructuralSchema, value: unknown, path: string, errors: FieldError[]): void {
  const add = (text: string) => errors.push({ type: 'FieldValueInvalid', field: '<nil>', detail: `Invalid value: "": ${JSON.stringify(path)} must ${text}` });
  const complaints = (branch: StructuralSchema) => {
    const found: FieldError[] = [];
    validate(branch, value, path, found);
    return found;
  };
  if (schema.anyOf) {
    const failures = schema.anyOf.map(complaints);
    if (failures.every((f) => f.length > 0)) {
      add('validate at least one schema (anyOf)');
      errors.push(...nearest(failures));
    }
  }
  if (schema.oneOf) {
    const failures = schema.oneOf.map(complaints);
    const valid = failures.filter((f) => f.length === 0).length;
    if (valid !== 1) add(`validate one and only one schema (oneOf). ${valid === 0 ? 'Found none valid' : `Found ${valid} valid alternatives`}`);
    if (valid === 0) errors.push(...nearest(failures));
  }
  if (schema.allOf) {
    const failures = schema.allOf.map(complaints);
    const failed = failures.filter((f) => f.length > 0);
    errors.push(...failed.flat());
    if (failed.length > 0) add(`validate all the schemas (allOf)${failed.length === failures.length ? '. None validated' : ''}`);
  }
  if (schema.not && complaints(schema.not).length === 0) add('not validate the schema (not)');
}

/** Of branches that all failed, the one that came nearest: its complaints say most. */
const nearest = (failures: readonly FieldError[][]): FieldError[] => failures.reduce((best, f) => (f.length < best.length ? f : best), failures[0] ?? []);

function hasType(schema: StructuralSchema, value: unknown): boolean {
  if (value === null) return schema.nullable === true || !schema.type;
  if (schema['x-kubernetes-int-or-string']) return typeof value === 'string' || Number.isInteger(value);
  if (!schema.type) return true;
  const found = typeOf(value);
  return found === schema.type || (schema.type === 'number' && found === 'integer');
}

function wantedType(schema: StructuralSchema): string {
  return schema['x-kubernetes-int-or-string'] ? 'integer,string' : (schema.type ?? '');
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

/** A definition with a pattern that is none was refused when it came; what an older Coracle let in matches nothing. */
function matches(pattern: string, value: string): boolean {
  try {
    return goRegExp(pattern).test(value);
  } catch {
    return false;
  }
}

/** Lists that must not hold the same twice (schema/listtype/validation.go). */
function listErrors(schema: StructuralSchema, value: unknown, path: string, errors: FieldError[]): void {
  if (Array.isArray(value)) {
    const kind = schema['x-kubernetes-list-type'];
    const keyOf = kind === 'map' ? (item: unknown) => keysOf(schema['x-kubernetes-list-map-keys'] ?? [], item) : (item: unknown) => item;
    if (kind === 'set' || kind === 'map') {
      const seen = new Map<string, number>();
      value.forEach((item, i) => {
        const key = JSON.stringify(keyOf(item));
        const times = (seen.get(key) ?? 0) + 1;
        seen.set(key, times);
        if (times === 2) errors.push({ type: 'FieldValueDuplicate', field: `${path}[${i}]`, detail: `Duplicate value: ${print(keyOf(item))}` });
      });
    }
    if (schema.items) value.forEach((item, i) => listErrors(schema.items!, item, `${path}[${i}]`, errors));
  } else if (isObject(value) && !(preserves(schema) && !schema.properties)) {
    for (const key of Object.keys(value)) {
      const inner = schemaOfKey(schema, key);
      if (inner && inner !== true) listErrors(inner, value[key], join(path, key), errors);
    }
  }
}

function keysOf(keys: readonly string[], item: unknown): JsonObject {
  return Object.fromEntries(keys.filter((key) => isObject(item) && Object.hasOwn(item, key)).map((key) => [key, (item as JsonObject)[key]]));
}

const join = (path: string, key: string) => (path === '' ? key : `${path}.${key}`);

/** A value as Go prints it in a complaint. */
function print(value: unknown): string {
  if (isObject(value)) return `map[string]interface {}{${Object.entries(value).map(([key, inner]) => `${JSON.stringify(key)}:${print(inner)}`).join(', ')}}`;
  if (Array.isArray(value)) return `[]interface {}{${value.map(print).join(', ')}}`;
  return JSON.stringify(value);
}
