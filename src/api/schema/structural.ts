import { copyJson, isObject, own, put } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { ATOMIC, applyType, DEDUCED, SCALAR } from '../patch/apply/type.ts';
import type { ApplyType } from '../patch/apply/type.ts';
import type { ValidationRule } from '../types/apiextensions.v1.ts';
import { normalize } from './normalize.ts';
import { findUnknown, suggest, unknownField } from './strict.ts';

/** A CRD's openAPIV3Schema, as JSON. Only what structural schemas may have (apiextensions-apiserver pkg/apiserver/schema). */
export interface StructuralSchema {
  readonly type?: string;
  readonly format?: string;
  readonly description?: string;
  readonly nullable?: boolean;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, StructuralSchema>>;
  readonly additionalProperties?: StructuralSchema | boolean;
  readonly items?: StructuralSchema;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: boolean;
  readonly exclusiveMaximum?: boolean;
  readonly multipleOf?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly allOf?: readonly StructuralSchema[];
  readonly anyOf?: readonly StructuralSchema[];
  readonly oneOf?: readonly StructuralSchema[];
  readonly not?: StructuralSchema;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-embedded-resource'?: boolean;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map';
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-map-type'?: 'atomic' | 'granular';
  readonly 'x-kubernetes-validations'?: readonly ValidationRule[];
}

export const preserves = (schema: StructuralSchema): boolean => schema['x-kubernetes-preserve-unknown-fields'] === true;

/** The schema of one key of an object: its own, or that of additional properties. `true`: anything goes. */
export function schemaOfKey(schema: StructuralSchema, key: string): StructuralSchema | true | undefined {
  const property = schema.properties && (own(schema.properties as JsonObject, key) as StructuralSchema | undefined);
  if (property) return property;
  return schema.additionalProperties === false ? undefined : schema.additionalProperties;
}

/**
 * Removes, in place, what the schema does not know, and normalises metadata. Returns what was removed, as strict validation names it (`unknown field
 * "spec.foo"`). Throws DecodeError for metadata of a wrong type.
 */
export function pruneCustom(schema: StructuralSchema | undefined, object: object): string[] {
  const found: string[] = [];
  if (schema) prune(schema, object, '', true, found);
  else normalizeMetadata(object as JsonObject, '', found);
  return found;
}

function prune(schema: StructuralSchema, value: unknown, path: string, root: boolean, found: string[]): void {
  if (Array.isArray(value)) {
    if (schema.items) value.forEach((item, i) => prune(schema.items!, item, `${path}[${i}]`, false, found));
    return;
  }
  if (!isObject(value)) return;
  const isResource = root || schema['x-kubernetes-embedded-resource'] === true;
  if (isResource) normalizeMetadata(value, path, found);
  for (const key of Object.keys(value)) {
    if (isResource && (key === 'apiVersion' || key === 'kind' || key === 'metadata')) continue;
    const inner = schemaOfKey(schema, key);
    const at = path === '' ? key : `${path}.${key}`;
    if (inner === true) continue;
    if (inner) prune(inner, value[key], at, false, found);
    else if (!preserves(schema)) {
      delete value[key];
      found.push(unknownField(at, suggest(key, [...(isResource ? ['apiVersion', 'kind', 'metadata'] : []), ...Object.keys(schema.properties ?? {})])));
    }
  }
}

function normalizeMetadata(object: JsonObject, path: string, found: string[]): void {
  if (!isObject(object['metadata'])) return;
  const prefix = path === '' ? 'metadata' : `${path}.metadata`;
  found.push(...findUnknown('meta/v1.ObjectMeta', object['metadata']).map((text) => text.replace('unknown field "', `unknown field "${prefix}.`)));
  normalize('meta/v1.ObjectMeta', object['metadata']);
  // Custom resources keep no zero time (apiextensions objectmeta/coerce.go).
  if (object['metadata']['creationTimestamp'] === null) delete object['metadata']['creationTimestamp'];
}

/** Fills in defaults, in place. A null that is not allowed counts as absent: its default is taken, or it goes (defaulting/prunenulls.go). */
export function defaultCustom(schema: StructuralSchema | undefined, value: unknown): void {
  if (!schema) return;
  if (Array.isArray(value)) {
    if (!schema.items) return;
    const { items } = schema;
    value.forEach((item, i) => {
      if (item === null && !items.nullable && items.default !== undefined) value[i] = copyJson(items.default);
      defaultCustom(items, value[i]);
    });
    return;
  }
  if (!isObject(value)) return;
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    const present = own(value, key);
    if (property.default !== undefined && (present === undefined || (present === null && !property.nullable))) put(value, key, copyJson(property.default));
  }
  for (const key of Object.keys(value)) {
    const inner = schemaOfKey(schema, key);
    if (!inner || inner === true) continue;
    if (value[key] === null && !inner.nullable) {
      if (inner.default !== undefined) put(value, key, copyJson(inner.default));
      else delete value[key];
    }
    defaultCustom(inner, value[key]);
  }
}

const types = new WeakMap<StructuralSchema, ApplyType>();
const METADATA = (): ApplyType => applyType('meta/v1.ObjectMeta');

/** How server-side apply takes a custom resource apart. Without a schema: by its maps. */
export function applyTypeOf(schema: StructuralSchema | undefined): ApplyType {
  return typeOf(schema ?? { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }, true);
}

function typeOf(schema: StructuralSchema, root: boolean): ApplyType {
  let known = types.get(schema);
  if (!known) types.set(schema, (known = build(schema, root)));
  return known;
}

function build(schema: StructuralSchema, root: boolean): ApplyType {
  if (schema['x-kubernetes-int-or-string']) return SCALAR;
  if (root || schema.type === 'object') return objectType(schema, root || schema['x-kubernetes-embedded-resource'] === true);
  if (schema.type === 'array') return listType(schema);
  return schema.type === undefined || schema.type === '' ? DEDUCED : SCALAR;
}

function objectType(schema: StructuralSchema, isResource: boolean): ApplyType {
  if (schema['x-kubernetes-map-type'] === 'atomic') return ATOMIC;
  const additional = schema.additionalProperties;
  const element = isObject(additional) ? () => typeOf(additional as StructuralSchema, false) : additional === true || preserves(schema) ? () => DEDUCED : undefined;
  const field = (name: string): ApplyType | undefined => {
    if (isResource && name === 'metadata') return METADATA();
    if (isResource && (name === 'apiVersion' || name === 'kind')) return SCALAR;
    const property = schema.properties && (own(schema.properties as JsonObject, name) as StructuralSchema | undefined);
    return property && typeOf(property, false);
  };
  return { kind: 'map', field, element };
}

function listType(schema: StructuralSchema): ApplyType {
  const { items } = schema;
  if (schema['x-kubernetes-list-type'] === 'set') return { kind: 'set' };
  if (schema['x-kubernetes-list-type'] !== 'map' || !items) return ATOMIC;
  const keys = (schema['x-kubernetes-list-map-keys'] ?? []).map((name) => ({ name, default: items.properties?.[name]?.default }));
  return { kind: 'list', keys, element: () => typeOf(items, false) };
}
