import { isObject } from '../json.ts';
import type { JsonObject } from '../json.ts';

/** Keywords of JSON schema that OpenAPI v2 has not. */
const V3_ONLY = new Set(['oneOf', 'anyOf', 'not', 'nullable', 'allOf']);

/**
 * A CRD's schema as OpenAPI v2 can say it. What version 2 cannot say is left out, and a value that may be null or of two types loses its type, so that
 * old kubectls do not refuse what the server takes (apiextensions-apiserver pkg/controller/openapi/v2/conversion.go).
 */
export function toV2Schema(schema: JsonObject): JsonObject {
  const result: JsonObject = {};
  for (const [key, value] of Object.entries(schema)) if (!V3_ONLY.has(key)) result[key] = value;
  if (schema['nullable'] === true || schema['x-kubernetes-int-or-string'] === true) {
    for (const key of ['type', 'items', 'properties']) delete result[key];
    return result;
  }
  // kubectl refuses unknown fields of whatever has properties or is an object, and cannot do with a list of it knows not what.
  if (schema['x-kubernetes-preserve-unknown-fields'] === true) {
    for (const key of ['items', 'properties']) delete result[key];
    if (result['type'] === 'object') delete result['type'];
  }
  if (result['type'] === 'array' && result['items'] === undefined) delete result['type'];
  if (isObject(result['items'])) result['items'] = toV2Schema(result['items']);
  if (isObject(result['additionalProperties'])) result['additionalProperties'] = toV2Schema(result['additionalProperties']);
  const { properties } = result;
  if (!isObject(properties)) return result;
  result['properties'] = Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, toV2Schema(property as JsonObject)]));
  const required = (Array.isArray(result['required']) ? (result['required'] as string[]) : []).filter((name) => (properties[name] as JsonObject | undefined)?.['nullable'] !== true);
  if (required.length > 0) result['required'] = required;
  else delete result['required'];
  return result;
}
