import type { Kind } from '../kind.ts';
import type { JsonObject } from '../json.ts';
import { definitionName, definitions } from './openapi-definitions.ts';
import { builtinEndpoints, customEndpoints, MEDIA_TYPES, operationId, queryParameters } from './openapi-resources.ts';
import type { CustomSchema, Endpoint } from './openapi-resources.ts';

/** The OpenAPI v3 document of one group-version (`/openapi/v3/apis/apps/v1`), built-in kinds and custom resources alike. */
export function openApiV3(kinds: readonly Kind[], group: string, version: string, customs: readonly CustomSchema[] = []): JsonObject {
  const into = definitions(3);
  into.refer('meta/v1.Status');
  into.refer('meta/v1.DeleteOptions');
  (into.schemas[definitionName('meta/v1.DeleteOptions')] as JsonObject)['x-kubernetes-group-version-kind'] = [{ group, kind: 'DeleteOptions', version }];
  const endpoints = [...builtinEndpoints(kinds, into, { group, version }), ...customEndpoints(customs, into, { group, version })];
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'v1.33.1' },
    paths: Object.fromEntries(endpoints.map((endpoint) => [endpoint.path, pathItem(endpoint)])),
    components: { schemas: into.schemas },
  };
}

const reference = (name: string): JsonObject => ({ $ref: `#/components/schemas/${name}` });
const content = (types: readonly string[], schema: JsonObject): JsonObject => Object.fromEntries(types.map((type) => [type, { schema }]));

function pathItem(endpoint: Endpoint): JsonObject {
  const parameters: JsonObject[] = [];
  if (endpoint.named) parameters.push({ name: 'name', in: 'path', required: true, schema: { type: 'string' }, description: `name of the ${endpoint.gvk.kind}` });
  if (endpoint.namespaced) parameters.push({ name: 'namespace', in: 'path', required: true, schema: { type: 'string' }, description: 'namespace of the object' });
  const item: JsonObject = { ...(parameters.length > 0 && { parameters }) };
  for (const [method, action] of endpoint.operations) item[method] = operation(endpoint, action);
  return item;
}

function operation(endpoint: Endpoint, action: string): JsonObject {
  const parameters = queryParameters(action).map(([name, type, description]) => ({ name, in: 'query', schema: { type }, description }));
  const body = endpoint.body ? reference(endpoint.body) : { type: 'object' };
  const requestBody = action === 'post' || action === 'put' ? { content: content(['*/*'], body), required: true }
    : action === 'patch' ? { content: content(endpoint.patchTypes, { type: 'object' }), required: true }
      : action.startsWith('delete') ? { content: content(['*/*'], reference(definitionName('meta/v1.DeleteOptions'))) } : undefined;
  const answer = action.startsWith('delete') ? reference(definitionName('meta/v1.Status')) : action === 'list' && endpoint.answer ? reference(endpoint.answer) : body;
  return {
    tags: [endpoint.tag], operationId: operationId(endpoint, action), ...(parameters.length > 0 && { parameters }), ...(requestBody && { requestBody }),
    responses: { 200: { description: 'OK', content: content(MEDIA_TYPES, answer) }, 401: { description: 'Unauthorized' } },
    'x-kubernetes-action': action, 'x-kubernetes-group-version-kind': endpoint.gvk,
  };
}
