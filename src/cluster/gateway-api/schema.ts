import type { JSONSchemaProps } from '../../api/types/apiextensions.v1.ts';

/** Short hands for schemas: what the Gateway API's types are made of. */
export type Schema = JSONSchemaProps;

export const text = (more: Schema = {}): Schema => ({ type: 'string', ...more });
export const number = (minimum: number, maximum: number, more: Schema = {}): Schema => ({ type: 'integer', format: 'int32', minimum, maximum, ...more });
export const oneOf = (values: readonly string[], more: Schema = {}): Schema => ({ type: 'string', enum: [...values], ...more });
export const listOf = (items: Schema, maxItems: number, more: Schema = {}): Schema => ({ type: 'array', items, maxItems, ...more });
/** A list whose elements are told apart by `keys`. */
export const listBy = (keys: readonly string[], items: Schema, maxItems: number, more: Schema = {}): Schema =>
  listOf(items, maxItems, { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': [...keys], ...more });

/** An object; names that end in `!` are required. */
export function object(fields: Record<string, Schema>, more: Schema = {}): Schema {
  const required = Object.keys(fields).filter((name) => name.endsWith('!')).map((name) => name.slice(0, -1));
  return {
    type: 'object',
    properties: Object.fromEntries(Object.entries(fields).map(([name, schema]) => [name.replace(/!$/, ''), schema])),
    ...(required.length > 0 && { required }),
    ...more,
  };
}

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;

export const group = (fallback?: string): Schema => text({ maxLength: 253, pattern: `^$|^${SUBDOMAIN}$`, ...(fallback !== undefined && { default: fallback }) });
export const kind = (fallback?: string): Schema => text({ minLength: 1, maxLength: 63, pattern: '^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$', ...(fallback !== undefined && { default: fallback }) });
export const name = (maxLength = 253): Schema => text({ minLength: 1, maxLength });
export const namespace = (): Schema => text({ minLength: 1, maxLength: 63, pattern: `^${LABEL}$` });
export const hostname = (): Schema => text({ minLength: 1, maxLength: 253, pattern: `^(\\*\\.)?${SUBDOMAIN}$` });
export const preciseHostname = (): Schema => text({ minLength: 1, maxLength: 253, pattern: `^${SUBDOMAIN}$` });
export const sectionName = (): Schema => text({ minLength: 1, maxLength: 253, pattern: `^${SUBDOMAIN}$` });
export const port = (): Schema => number(1, 65_535);
export const duration = (): Schema => text({ pattern: '^([0-9]{1,5}(h|m|s|ms)){1,4}$' });
export const headerName = (): Schema => text({ minLength: 1, maxLength: 256, pattern: "^[A-Za-z0-9!#$%&'*+\\-.^_\\x60|~]+$" });

/** metav1.Condition, as status lists hold it. */
export const conditions = (): Schema => listBy(['type'], object({
  'type!': text({ maxLength: 316 }), 'status!': oneOf(['True', 'False', 'Unknown']), 'reason!': text({ minLength: 1, maxLength: 1024 }), 'message!': text({ maxLength: 32_768 }),
  'lastTransitionTime!': text({ format: 'date-time' }), observedGeneration: { type: 'integer', format: 'int64', minimum: 0 },
}), 8);

/** Conditions that hold until a controller takes the object. */
export const pending = (...types: readonly string[]): unknown =>
  types.map((type) => ({ type, status: 'Unknown', reason: 'Pending', message: 'Waiting for controller', lastTransitionTime: '1970-01-01T00:00:00Z' }));

export const GROUP = 'gateway.networking.k8s.io';
export const CORE = '';

export const parentRef = (): Schema => object({ group: group(GROUP), kind: kind('Gateway'), namespace: namespace(), 'name!': name(), sectionName: sectionName(), port: port() });
