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
  if (schema['x-kubernetes-preserve-unknown-fields'] === true) {
    delete result['items'];
    delete result['properties'];
    return result;
  }
  if (isObject(result['items'])) result['items'] = toV2Schema(result['items']);
  if (isObject(result['additionalProperties'])) result['additionalProperties'] = toV2Schema(result['additionalProperties']);
  if (isObject(result['properties'])) result['properties'] = Object.fromEntries(Object.entries(result['properties']).map(([name, property]) => [name, toV2Schema(property as JsonObject)]));
  return result;
}
