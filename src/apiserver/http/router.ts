import { aggregatedDiscovery, type DiscoveryVersion, type ExtraGroup } from '../discovery/aggregated.ts';
import { apiGroup, apiGroupList, apiResourceList, apiVersions } from '../discovery/legacy.ts';
import { badRequest } from '../../api/errors.ts';
import { noSuchResource } from '../operations.ts';
import type { RemoteApis } from '../aggregation/index.ts';
import type { Core } from '../registry/core.ts';
import type { UserInfo } from '../user.ts';
import type { ConnectOptions } from './connect.ts';
import { extensionDiscovery, extensionGroup, handleExtension, type ApiExtension } from './extension.ts';
import { acceptClauses } from './negotiate.ts';
import { requestInfo, type RequestInfo } from './path.ts';
import { Query, noQuery } from './query.ts';
import { jsonReply, objectReply, textReply, type ApiRequest, type Reply } from './reply.ts';
import { handleResource, header } from './resource-handler.ts';

/** A request, read as far as its URL says. */
export interface Route {
  readonly info: RequestInfo;
  readonly query: Query;
}

/** Reads a request's URL. Throws BadRequest when it cannot be read. */
export function route(request: ApiRequest): Route {
  const mark = request.url.indexOf('?');
  const path = mark < 0 ? request.url : request.url.slice(0, mark);
  const query = mark < 0 ? noQuery : new Query(request.url.slice(mark + 1));
  try {
    return { info: requestInfo(request.method, path, query.bool('watch') ?? false), query };
  } catch (error) {
    if (error instanceof URIError) throw badRequest(`invalid URL escape in ${JSON.stringify(path)}`);
    throw error;
  }
}

/** A page that is not a resource: `/version`, `/openapi/v3/…`. Returns undefined when it is not its own. */
export type Page = (path: string, query: Query, request: ApiRequest, user: UserInfo) => Reply | Promise<Reply> | undefined;

export interface RouterOptions {
  readonly pages: readonly Page[];
  readonly connect: ConnectOptions;
  readonly extensions: readonly ApiExtension[];
  /** API servers behind this one. */
  readonly remotes: RemoteApis;
  /** host:port that discovery names. */
  readonly address: () => string;
}

/** Answers what is asked, once it is known that it may be asked. Rejects with StatusError. */
export async function dispatch(core: Core, options: RouterOptions, { info, query }: Route, request: ApiRequest, user: UserInfo): Promise<Reply> {
  const remote = options.remotes.forward(info.path, request, user);
  if (remote) return remote;
  if (!info.isResource) {
    const found = discovery(core, options, info, request) ?? (await firstPage(options, info, query, request, user));
    if (!found && versionOfKnownGroup(core, info.path)) throw noSuchResource();
    return found ?? textReply(404, '404 page not found\n');
  }
  const resource = core.scheme.find(info.group, info.version, info.resource);
  if (resource) return handleResource(core, options.connect, info, resource, user, query, request);
  const extended = handleExtension(options.extensions, info, query);
  if (extended) return extended;
  if (core.scheme.resources(info.group, info.version).length === 0 && !knownGroup(core, info.group)) return textReply(404, '404 page not found\n');
  throw noSuchResource();
}

/** Somebody serves other versions of the group, and says so; of a group that nobody serves the mux itself says that there is no such page. */
const knownGroup = ({ scheme }: Core, group: string) => scheme.groups().some(({ name }) => name === group);

function versionOfKnownGroup(core: Core, path: string): boolean {
  const [root, group = '', version] = path.split('/').filter(Boolean);
  return root === 'api' ? group !== '' : root === 'apis' && version !== undefined && knownGroup(core, group);
}

async function firstPage(options: RouterOptions, info: RequestInfo, query: Query, request: ApiRequest, user: UserInfo): Promise<Reply | undefined> {
  for (const page of options.pages) {
    const reply = page(info.path, query, request, user);
    if (reply) return reply;
  }
  return undefined;
}

function discovery(core: Core, options: RouterOptions, info: RequestInfo, request: ApiRequest): Reply | undefined {
  const parts = info.path.split('/').filter(Boolean);
  if (parts[0] !== 'api' && parts[0] !== 'apis') return undefined;
  if (request.method !== 'GET' && request.method !== 'HEAD') return textReply(405, '405: Method Not Allowed');
  const { scheme } = core;
  const extra = [...options.extensions, ...options.remotes.groups()];
  if (parts.length === 1) {
    const version = aggregatedVersion(header(request, 'accept'));
    if (version) return aggregated(core, parts[0] === 'api' ? [] : extra, parts[0] === 'api', version, request);
    return objectReply(200, parts[0] === 'api' ? apiVersions(options.address()) : apiGroupList(scheme, extra.map(extensionGroup)));
  }
  const found = parts[0] === 'api'
    ? parts.length === 2 ? apiResourceList(scheme, '', parts[1]!) : undefined
    : parts.length === 2 ? apiGroup(scheme, parts[1]!) : parts.length === 3 ? apiResourceList(scheme, parts[1]!, parts[2]!) : undefined;
  const answer = found ?? (parts[0] === 'apis' && parts.length <= 3 ? extensionDiscovery(extra, parts[1]!, parts[2]) : undefined);
  return answer && objectReply(200, answer);
}

function aggregatedVersion(accept: string | undefined): DiscoveryVersion | undefined {
  for (const { type, params } of acceptClauses(accept ?? '')) {
    if (type !== 'application/json') continue;
    const version = params.get('v');
    if (params.get('g') === 'apidiscovery.k8s.io' && params.get('as') === 'APIGroupDiscoveryList' && (version === 'v2' || version === 'v2beta1')) return version;
    if (!params.has('as')) return undefined;
  }
  return undefined;
}

function aggregated(core: Core, extensions: readonly ExtraGroup[], coreGroup: boolean, version: DiscoveryVersion, request: ApiRequest): Reply {
  const { body, etag } = aggregatedDiscovery(core.scheme, coreGroup, version, extensions);
  // client-go takes the answer for aggregated only when the type says so.
  const reply = jsonReply(200, body, `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`);
  Object.assign(reply.headers, { etag, vary: 'Accept', 'cache-control': 'public' });
  return header(request, 'if-none-match') === etag ? { status: 304, headers: reply.headers, body: Buffer.alloc(0) } : reply;
}
