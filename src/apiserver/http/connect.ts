import type { Duplex } from 'node:stream';
import { StatusError, badRequest, invalid } from '../../api/errors.ts';
import type { FieldError } from '../../api/errors.ts';
import type { Pod } from '../../api/types/core.v1.ts';
import { mutate, validate } from '../admission/plugin.ts';
import { methodNotAllowed, type Target } from '../operations.ts';
import { admissionRequest, type Core } from '../registry/core.ts';
import { get } from '../registry/read.ts';
import type { FindNode, LogOptions, NodeStreams, ProxyHandler, ProxyRequest, ProxyUpgrade, StreamRequest } from '../streams.ts';
import type { UserInfo } from '../user.ts';
import type { RequestInfo } from './path.ts';
import type { Query } from './query.ts';
import { pipe, type ApiRequest, type Reply } from './reply.ts';

/** Subresources that are streams: they reach through to a node. */
export const CONNECT = new Set(['log', 'exec', 'attach', 'portforward', 'proxy']);

export interface ConnectOptions {
  readonly nodes?: FindNode;
  readonly proxy?: ProxyHandler;
  readonly proxyUpgrade?: ProxyUpgrade;
}

/** Answers `log` and `proxy`; the others need an upgraded connection, which comes another way. Rejects with StatusError. */
export async function connect(core: Core, options: ConnectOptions, target: Target, info: RequestInfo, user: UserInfo, query: Query, request: ApiRequest): Promise<Reply> {
  if (target.subresource === 'log') {
    if (info.verb !== 'get') throw methodNotAllowed();
    return log(core, options, target, query);
  }
  if (target.subresource === 'proxy') return proxy(core, options, target, info, user, request);
  throw badRequest('Upgrade request required');
}

async function log(core: Core, options: ConnectOptions, target: Target, query: Query): Promise<Reply> {
  const wanted = logOptions(query);
  const { node } = findNode(core, options.nodes, target);
  const readable = await node.logs(target.namespace, target.name, query.get('container') || undefined, wanted);
  return { status: 200, headers: { 'content-type': 'text/plain', 'cache-control': 'no-cache, private' }, body: (out) => pipe(readable, out) };
}

function logOptions(query: Query): LogOptions {
  const errors: FieldError[] = [];
  const number = (name: string, least: number) => {
    const value = query.int(name);
    const text = least === 0 ? 'must be greater than or equal to 0' : 'must be greater than 0';
    if (value !== undefined && value < least) errors.push({ type: 'FieldValueInvalid', field: name, detail: `Invalid value: ${value}: ${text}` });
    return value;
  };
  const tailLines = number('tailLines', 0);
  const limitBytes = number('limitBytes', 1);
  const sinceSeconds = number('sinceSeconds', 1);
  const time = query.get('sinceTime');
  const sinceTime = time ? Date.parse(time) : undefined;
  if (sinceTime !== undefined && Number.isNaN(sinceTime)) throw badRequest(`parsing time ${JSON.stringify(time)} as "2006-01-02T15:04:05Z07:00": cannot parse ${JSON.stringify(time)} as "2006"`);
  if (sinceSeconds !== undefined && sinceTime !== undefined) errors.push({ type: 'FieldValueForbidden', field: '', detail: 'Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified' });
  const stream = query.get('stream') || undefined;
  if (stream !== undefined && !['All', 'Stdout', 'Stderr'].includes(stream)) errors.push({ type: 'FieldValueNotSupported', field: 'stream', detail: `Unsupported value: ${JSON.stringify(stream)}: supported values: "All", "Stderr", "Stdout"` });
  if (errors.length > 0) throw invalid({ group: '', kind: 'PodLogOptions' }, '', errors);
  const flag = (name: string) => query.bool(name) ?? false;
  return {
    follow: flag('follow'), previous: flag('previous'), timestamps: flag('timestamps'),
    ...(tailLines !== undefined && { tailLines }), ...(limitBytes !== undefined && { limitBytes }), ...(sinceSeconds !== undefined && { sinceSeconds }),
    ...(sinceTime !== undefined && { sinceTime }), ...(stream !== undefined && { stream: stream as 'All' }),
  };
}

function findNode(core: Core, nodes: FindNode | undefined, target: Target): { pod: Pod; node: NodeStreams } {
  const pod = get(core, target.resource, target.namespace, target.name).object as Pod;
  if (!nodes) throw notImplemented(`${target.resource.plural}/${target.subresource} is not served: this API server has no nodes`);
  const { nodeName } = pod.spec;
  // What kubectl shows while a pod waits for its node is an empty log, but there is nothing yet to attach to.
  if (!nodeName) throw badRequest(`pod ${pod.metadata.name} does not have a host assigned`);
  const node = nodes(nodeName);
  if (!node) throw new StatusError({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message: `node "${nodeName}" is not reachable`, reason: 'ServiceUnavailable', code: 503 });
  return { pod, node };
}

/** What the node is asked when a connection is upgraded for exec, attach or portforward. Rejects with StatusError. */
export async function streamRequest(core: Core, options: ConnectOptions, target: Target, user: UserInfo, query: Query): Promise<StreamRequest> {
  const kind = target.subresource as StreamRequest['kind'];
  const { pod, node } = findNode(core, options.nodes, target);
  await admitConnect(core, target, user);
  const flag = (name: string) => query.bool(name) ?? false;
  const command = query.all('command');
  if (kind === 'exec' && command.length === 0) throw badRequest('you must specify at least 1 command for exec');
  if (kind !== 'portforward' && !['stdin', 'stdout', 'stderr'].some(flag)) throw badRequest('you must specify at least 1 of stdin, stdout, stderr');
  const container = query.get('container') || undefined;
  const ports = query.all('ports').flatMap((text) => text.split(',')).map(Number);
  if (ports.some((port) => !Number.isInteger(port) || port < 1 || port > 65_535)) throw badRequest(`query parameter "ports" is invalid`);
  return { kind, pod, node, user, command, ...(container && { container }), stdin: flag('stdin'), stdout: flag('stdout'), stderr: flag('stderr'), tty: flag('tty'), ports };
}

async function admitConnect(core: Core, target: Target, user: UserInfo): Promise<void> {
  const request = { resource: target.resource, namespace: target.namespace, user, dryRun: false, fieldManager: '', warnings: [] };
  const admission = admissionRequest(core, request, { operation: 'CONNECT', name: target.name, subresource: target.subresource });
  await mutate(core.admission, admission);
  await validate(core.admission, admission);
}

async function proxy(core: Core, options: ConnectOptions, target: Target, info: RequestInfo, user: UserInfo, request: ApiRequest): Promise<Reply> {
  if (!options.proxy) throw noProxy(target);
  await admitConnect(core, target, user);
  const { behind, query } = proxyTarget(info, request.url);
  // Links relative to a place need to know that it is one (apimachinery pkg/util/proxy/upgradeaware.go proxyRedirectsforRootPath).
  if (behind === '' && (request.method === 'GET' || request.method === 'HEAD')) {
    const path = query === '' ? request.url : request.url.slice(0, -query.length);
    return { status: 301, headers: { location: `${path}/${query}` }, body: Buffer.alloc(0) };
  }
  const answer = await options.proxy(proxyRequest(target, info, request, await request.body()));
  return { status: answer.status, headers: answer.headers, body: (out) => pipe(answer.body, out) };
}

/** Hands an upgraded connection for `proxy` on. Rejects with StatusError. */
export async function upgradeProxy(core: Core, options: ConnectOptions, target: Target, info: RequestInfo, user: UserInfo, request: Omit<ApiRequest, 'body'>, socket: Duplex, head: Buffer): Promise<void> {
  if (!options.proxyUpgrade) throw noProxy(target);
  await admitConnect(core, target, user);
  await options.proxyUpgrade(proxyRequest(target, info, request, Buffer.alloc(0)), socket, head);
}

const noProxy = (target: Target) => notImplemented(`${target.resource.plural}/proxy is not served: this API server has no way to its nodes`);

/** What of the URL stands behind `/proxy`, as it was sent, escapes and all; and the query with its `?`. */
function proxyTarget({ name, rest }: RequestInfo, url: string): { readonly behind: string; readonly query: string } {
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  const marker = [`/${encodeURIComponent(name)}/proxy`, `/${name}/proxy`].find((text) => path.includes(text));
  return { behind: marker === undefined ? `/${rest}` : path.slice(path.indexOf(marker) + marker.length), query: mark < 0 ? '' : url.slice(mark) };
}

function proxyRequest(target: Target, info: RequestInfo, request: Omit<ApiRequest, 'body'>, body: Buffer): ProxyRequest {
  const { behind, query } = proxyTarget(info, request.url);
  return {
    kind: info.resource as 'pods', namespace: target.namespace, name: info.name, method: request.method,
    path: `${behind === '' ? '/' : behind}${query}`, headers: request.headers, body,
  };
}

/** 501: the place is there, what it needs was not given. */
export function notImplemented(message: string): StatusError {
  return new StatusError({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason: 'NotImplemented', code: 501 });
}
