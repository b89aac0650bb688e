import { isObject } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { TYPE_META } from './openapi-definitions.ts';
import type { Definitions } from './openapi-definitions.ts';
import { toV2Schema } from './openapi-downgrade.ts';

/**
 * What OpenAPI says of a custom resource whose version has this schema. Of one that takes anything nothing is said but that it is an object: kubectl takes a list of properties for the whole of it
 * (apiextensions-apiserver pkg/controller/openapi/builder buildKubeNative).
 */
export function customDefinition(schema: JsonObject | undefined, into: Definitions): JsonObject {
  if (!schema || (into.version === 2 && schema['x-kubernetes-preserve-unknown-fields'] === true)) return { type: 'object' };
  const given = withEmbedded(into.version === 2 ? toV2Schema(schema) : schema, into);
  return { ...given, type: 'object', properties: { ...(given['properties'] as JsonObject | undefined), ...TYPE_META, metadata: metadata(into) } };
}

const metadata = (into: Definitions): JsonObject => into.beside(into.refer('meta/v1.ObjectMeta'), { description: "Standard object's metadata: its name, its labels, and what the server keeps about it." });

/** The schema, and in objects within it that are resources themselves what every resource has. */
function withEmbedded(schema: JsonObject, into: Definitions): JsonObject {
  const result = { ...schema };
  for (const key of ['items', 'additionalProperties']) if (isObject(result[key])) result[key] = withEmbedded(result[key], into);
  if (isObject(result['properties'])) result['properties'] = Object.fromEntries(Object.entries(result['properties']).map(([name, property]) => [name, isObject(property) ? withEmbedded(property, into) : property]));
  if (schema['x-kubernetes-embedded-resource'] !== true || (into.version === 2 && schema['x-kubernetes-preserve-unknown-fields'] === true)) return result;
  const required = Array.isArray(schema['required']) ? (schema['required'] as string[]) : [];
  return { ...result, properties: { ...(result['properties'] as JsonObject | undefined), ...TYPE_META, metadata: metadata(into) }, required: [...new Set([...required, 'kind', 'apiVersion'])] };
}
