import type { Kind } from '../kind.ts';
import type { JsonObject } from '../json.ts';
import { definitionName, definitions } from './openapi-definitions.ts';
import { builtinEndpoints, customEndpoints, MEDIA_TYPES, operationId, queryParameters } from './openapi-resources.ts';
import type { CustomSchema, Endpoint } from './openapi-resources.ts';

/** The OpenAPI v2 document (swagger) of all kinds, and of custom resources. Plain JSON; takes some tens of milliseconds, so keep it. */
export function openApiV2(kinds: readonly Kind[], customs: readonly CustomSchema[] = []): JsonObject {
  const into = definitions(2);
  const status = into.refer('meta/v1.Status');
  into.refer('meta/v1.DeleteOptions');
  markForAll(into.schemas, kinds, customs);
  const endpoints = [...builtinEndpoints(kinds, into), ...customEndpoints(customs, into)];
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version: 'v1.33.1' },
    paths: Object.fromEntries(endpoints.map((endpoint) => [endpoint.path, pathItem(endpoint, status)])),
    definitions: into.schemas,
  };
}

/** DeleteOptions belong to every group-version that deletes. */
function markForAll(schemas: JsonObject, kinds: readonly Kind[], customs: readonly CustomSchema[]): void {
  const versions = new Map<string, { group: string; version: string }>();
  for (const { group, version } of [...kinds.flatMap((k) => [k.storage, ...(k.served ?? [])]), ...customs]) versions.set(`${group}/${version}`, { group, version });
  const gvks = [...versions.values()].map(({ group, version }) => ({ group, kind: 'DeleteOptions', version }));
  (schemas[definitionName('meta/v1.DeleteOptions')] as JsonObject)['x-kubernetes-group-version-kind'] = gvks;
  (schemas[definitionName('meta/v1.Status')] as JsonObject)['x-kubernetes-group-version-kind'] = [{ group: '', kind: 'Status', version: 'v1' }];
}

const reference = (name: string): JsonObject => ({ $ref: `#/definitions/${name}` });

function pathItem(endpoint: Endpoint, status: JsonObject): JsonObject {
  const parameters: JsonObject[] = [];
  if (endpoint.named) parameters.push({ name: 'name', in: 'path', required: true, type: 'string', description: `name of the ${endpoint.gvk.kind}` });
  if (endpoint.namespaced) parameters.push({ name: 'namespace', in: 'path', required: true, type: 'string', description: 'namespace of the object' });
  const item: JsonObject = { ...(parameters.length > 0 && { parameters }) };
  for (const [method, action] of endpoint.operations) item[method] = operation(endpoint, action, status);
  return item;
}

function operation(endpoint: Endpoint, action: string, status: JsonObject): JsonObject {
  const parameters: JsonObject[] = queryParameters(action).map(([name, type, description]) => ({ name, in: 'query', type, description }));
  if (action === 'post' || action === 'put') parameters.unshift({ name: 'body', in: 'body', required: true, schema: endpoint.body ? reference(endpoint.body) : { type: 'object' } });
  if (action === 'patch') parameters.unshift({ name: 'body', in: 'body', required: true, schema: { type: 'object' } });
  if (action === 'delete' || action === 'deletecollection') parameters.unshift({ name: 'body', in: 'body', schema: reference(definitionName('meta/v1.DeleteOptions')) });
  const answer = action.startsWith('delete') ? status : action === 'list' ? endpoint.answer && reference(endpoint.answer) : endpoint.body && reference(endpoint.body);
  return {
    tags: [endpoint.tag], operationId: operationId(endpoint, action), consumes: action === 'patch' ? [...endpoint.patchTypes] : ['*/*'], produces: MEDIA_TYPES, schemes: ['https'],
    ...(parameters.length > 0 && { parameters }), responses: { 200: { description: 'OK', ...(answer && { schema: answer }) }, 401: { description: 'Unauthorized' } },
    'x-kubernetes-action': action, 'x-kubernetes-group-version-kind': endpoint.gvk,
  };
}
