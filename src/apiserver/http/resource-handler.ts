import { badRequest, notAcceptable } from '../../api/errors.ts';
import { parseApiVersion, type KubeObject } from '../../api/object.ts';
import {
  createObject, deleteCollection, deleteObject, methodNotAllowed, noSuchResource, patchObject, readObject, updateObject,
  type Outcome, type Target, type WriteCall,
} from '../operations.ts';
import type { Core } from '../registry/core.ts';
import { list } from '../registry/read.ts';
import { selection } from '../registry/selection.ts';
import { isReview } from '../reviews.ts';
import type { Resource } from '../scheme.ts';
import { subresourceOf } from '../subresources/index.ts';
import type { UserInfo } from '../user.ts';
import { CONNECT, connect, type ConnectOptions } from './connect.ts';
import { checkKind, decodeBody, type Decoded } from './body.ts';
import { deleteOptions } from './delete-options.ts';
import { entryReply, formatted, includeObject, pageReply } from './encode.ts';
import { negotiate } from './negotiate.ts';
import { decodePatch } from './patch-type.ts';
import type { RequestInfo } from './path.ts';
import { listParams, writeParams, type Query } from './query.ts';
import { warningHeaders, type ApiRequest, type Reply } from './reply.ts';
import { watchReply } from './watch-stream.ts';

const DEFAULT_VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

/** The verbs that a resource itself is served with. */
function verbsOf(resource: Resource): readonly string[] {
  return resource.kind.verbs ?? DEFAULT_VERBS;
}

/** Answers a request for a resource that the scheme knows. Rejects with StatusError. */
export async function handleResource(core: Core, connectOptions: ConnectOptions, info: RequestInfo, resource: Resource, user: UserInfo, query: Query, request: ApiRequest): Promise<Reply> {
  const { kind } = resource;
  const target: Target = { resource, namespace: kind.namespaced ? info.namespace : '', name: info.name, subresource: info.subresource };
  if (!kind.namespaced && info.namespace !== '' && info.resource !== 'namespaces') throw noSuchResource();
  if (kind.namespaced && info.namespace === '' && info.verb !== 'list' && info.verb !== 'watch' && info.verb !== 'deletecollection') throw info.name === '' ? methodNotAllowed() : noSuchResource();
  if (info.subresource === '' && !verbsOf(resource).includes(info.verb)) throw methodNotAllowed();
  if (CONNECT.has(info.subresource) && kind.subresources?.some((sub) => sub.name === info.subresource)) return connect(core, connectOptions, target, info, user, query, request);
  const accept = header(request, 'accept');

  switch (info.verb) {
    case 'get': {
      const accepted = negotiate(accept, { table: true, partial: 'PartialObjectMetadata' });
      const outcome = await readObject(core, target);
      return withWarnings(outcomeReply(core, target, outcome, accepted, query), resource, []);
    }
    case 'list': {
      const accepted = negotiate(accept, { table: true, partial: 'PartialObjectMetadataList' });
      const params = listParams(query);
      const page = await list(core, resource, target.namespace, selection(resource, params.labelSelector, params.fieldSelector), params);
      return withWarnings(pageReply(resource, page, accepted, query, core.clock.now()), resource, []);
    }
    case 'watch': {
      const accepted = negotiate(accept?.replaceAll(';stream=watch', ''), { table: true, partial: 'PartialObjectMetadata' });
      // YAML cannot be cut into events, and a table has no form in protobuf.
      if (accepted.format === 'yaml' || (accepted.format === 'protobuf' && accepted.as)) throw notAcceptable('406: Not Acceptable');
      const params = listParams(query);
      const fields = [params.fieldSelector, info.name !== '' ? `metadata.name=${info.name.replaceAll(/[\\,=]/g, '\\$&')}` : undefined].filter(Boolean).join(',');
      const include = accepted.as === 'Table' ? includeObject(query) : 'None';
      return withWarnings(watchReply(core, resource, target.namespace, selection(resource, params.labelSelector, fields), params, accepted, include), resource, []);
    }
    default:
      return write(core, info, target, user, query, request);
  }
}

async function write(core: Core, info: RequestInfo, target: Target, user: UserInfo, query: Query, request: ApiRequest): Promise<Reply> {
  const { resource } = target;
  const warnings: string[] = [];
  const userAgent = header(request, 'user-agent') ?? '';
  const contentType = header(request, 'content-type');
  // A review has no columns.
  const accepted = negotiate(header(request, 'accept'), { table: !isReview(resource), partial: 'PartialObjectMetadata' });
  const call = (options: string, body: Pick<Decoded, 'duplicates' | 'inOrder'> = { duplicates: [] }): WriteCall => ({ ...writeParams(query, options, userAgent), user, duplicates: body.duplicates, ...(body.inOrder && { inOrder: body.inOrder }), warnings });
  const finish = (outcome: Outcome) => withWarnings(outcomeReply(core, target, outcome, accepted, query), resource, warnings);

  switch (info.verb) {
    case 'create': {
      if (target.name !== '' && target.subresource === '') throw methodNotAllowed();
      const { object, body } = await readBody(core, target, request, contentType);
      return finish(await createObject(core, target, object, call('CreateOptions', body)));
    }
    case 'update': {
      if (target.name === '') throw methodNotAllowed();
      const { object, body } = await readBody(core, target, request, contentType);
      return finish(await updateObject(core, target, object, call('UpdateOptions', body)));
    }
    case 'patch': {
      if (target.name === '') throw methodNotAllowed();
      const { patch, duplicates } = decodePatch(await request.body(), contentType);
      const made = call('PatchOptions', { duplicates });
      const named = query.get('fieldManager') ?? '';
      return finish(await patchObject(core, target, patch, patch.type === 'apply' ? { ...made, fieldManager: named } : made));
    }
    case 'delete': {
      const options = await readDeleteOptions(request, contentType, query);
      return finish(await deleteObject(core, target, options, { ...call('DeleteOptions'), dryRun: options.dryRun }));
    }
    case 'deletecollection': {
      const options = await readDeleteOptions(request, contentType, query);
      const params = listParams(query);
      const selected = selection(resource, params.labelSelector, params.fieldSelector);
      const page = await deleteCollection(core, target, selected, params, options, { ...call('DeleteOptions'), dryRun: options.dryRun });
      return withWarnings(pageReply(resource, page, negotiate(header(request, 'accept'), { table: true, partial: 'PartialObjectMetadataList' }), query, core.clock.now()), resource, warnings);
    }
    default:
      throw methodNotAllowed();
  }
}

async function readBody(core: Core, target: Target, request: ApiRequest, contentType: string | undefined): Promise<{ object: KubeObject; body: Decoded }> {
  const { resource } = target;
  const bodies = target.subresource === '' ? undefined : subresourceOf(target).body;
  const expected = bodies?.[0]!.kind ?? resource.kind.kind;
  const body = decodeBody(await request.body(), contentType, expected);
  const { value } = body;
  const said = bodies?.find(({ apiVersion }) => apiVersion === value['apiVersion']) ?? bodies?.[0];
  const named = said ? { apiVersion: said.apiVersion, ...parseApiVersion(said.apiVersion) } : resource;
  return { object: checkKind(core.scheme, named, expected, value), body };
}

async function readDeleteOptions(request: ApiRequest, contentType: string | undefined, query: Query) {
  const bytes = await request.body();
  if (bytes.length === 0) return deleteOptions(undefined, query);
  const { value } = decodeBody(bytes, contentType, 'DeleteOptions');
  const kind = value['kind'];
  if (kind !== undefined && kind !== '' && kind !== 'DeleteOptions') throw badRequest(`decoded object cannot be converted to DeleteOptions`);
  return deleteOptions(value, query);
}

function outcomeReply(core: Core, target: Target, outcome: Outcome, accepted: ReturnType<typeof negotiate>, query: Query): Reply {
  if ('entry' in outcome) return entryReply(outcome.created ? 201 : 200, target.resource, outcome.entry, accepted, query, core.clock.now());
  // What is no stored object (a Status, a Scale, a review) has no table of its own.
  return formatted(outcome.status ?? 200, outcome.object, accepted.as ? { format: 'json' } : accepted);
}

function withWarnings(reply: Reply, resource: Resource, warnings: readonly string[]): Reply {
  const all = resource.warning === undefined ? warnings : [resource.warning, ...warnings];
  if (all.length > 0) reply.headers['warning'] = warningHeaders(all);
  return reply;
}

/** One header's value. */
export function header(request: ApiRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(',') : value;
}
