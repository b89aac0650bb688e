import type { Agent, Dispatcher } from 'undici';
import { StatusError } from '../api/errors.ts';
import { groupResource, type KubeObject, type ObjectList, type ResourceType, type WatchEvent } from '../api/object.ts';
import type { Status } from '../api/types/meta.v1.ts';
import { type Clock, realClock } from '../base/clock.ts';
import type { Client, ListOptions, RawRequest, RawResponse } from './client.ts';
import { deleteBody, listQuery, patchBody, pathOf, queryOf, watchQuery, writeQuery } from './paths.ts';

/** Where an API server is, and who we are. `loadKubeconfig` gives one. */
export interface HttpClientConfig {
  /** `https://127.0.0.1:6443`, perhaps with a path prefix. */
  readonly server: string;
  /** PEM; default: the system's authorities. */
  readonly ca?: string | Buffer;
  readonly insecureSkipTlsVerify?: boolean;
  /** Name that the server's certificate must have, where it is not the host's. */
  readonly tlsServerName?: string;
  /** The `authorization` header and client certificate; asked for each request, so that they may be renewed. `retry` is set after a 401: what was given before is stale. */
  readonly credentials?: (retry: boolean) => Promise<Credentials>;
  /** Act as somebody else. */
  readonly impersonate?: { readonly user: string; readonly uid?: string; readonly groups?: readonly string[]; readonly extra?: Readonly<Record<string, readonly string[]>> };
  readonly userAgent?: string;
  /** For waiting where the server asks to be called again later; default: the machine's. */
  readonly clock?: Clock;
}

export interface Credentials {
  readonly authorization?: string;
  readonly certificate?: string | Buffer;
  readonly key?: string | Buffer;
}

export interface HttpClient extends Client {
  /** Ends all connections, watches included. */
  close(): Promise<void>;
}

/** How often a request is sent again when the server says Retry-After (client-go rest/with_retry.go). */
const RETRIES = 10;

/** A line of a watch longer than this ends it: no object is that large. */
const LONGEST_LINE = 64 * 1024 * 1024;

/** A client over HTTP(S), with kept-alive connections. Transport failures reject with an Error that names the server; everything the server answers with a StatusError. */
export function httpClient(config: HttpClientConfig): HttpClient {
  const connections = connectionPool(config);
  const prefix = new URL(config.server).pathname.replace(/\/$/, '');
  const clock = config.clock ?? realClock();

  const send = async (request: Request): Promise<Dispatcher.ResponseData> => {
    for (let tried = 0; ; tried++) {
      const response = await sendAuthorized(request);
      const seconds = retryAfter(response);
      if (seconds === undefined || tried === RETRIES) return response;
      await response.body.dump();
      await clock.sleep(seconds * 1000, request.signal);
    }
  };
  const sendAuthorized = async (request: Request, retry = false): Promise<Dispatcher.ResponseData> => {
    const credentials = (await config.credentials?.(retry)) ?? {};
    const headers = { accept: 'application/json', 'user-agent': config.userAgent ?? 'coracle', ...impersonation(config), ...(credentials.authorization && { authorization: credentials.authorization }), ...request.headers };
    let response: Dispatcher.ResponseData;
    try {
      response = await (await connections.dispatcher(credentials)).request({
        origin: new URL(config.server).origin,
        method: request.method as Dispatcher.HttpMethod,
        path: prefix + request.path,
        headers,
        ...(request.body !== undefined && { body: request.body }),
        ...(request.signal && { signal: request.signal }),
        // Logs and watches are quiet for as long as they like.
        bodyTimeout: 0,
      });
    } catch (error) {
      throw new Error(`${request.method} ${config.server}${request.path.split('?')[0]}: ${(error as Error).message}`, { cause: error });
    }
    if (response.statusCode !== 401 || retry || !config.credentials) return response;
    await response.body.dump();
    return sendAuthorized(request, true);
  };
  const call = async <R>(type: ResourceType<KubeObject>, method: string, path: string, content?: unknown, contentType = 'application/json'): Promise<R> => {
    const body = content === undefined ? undefined : JSON.stringify(content);
    const response = await send({ method, path, ...(body !== undefined && { body, headers: { 'content-type': contentType } }) });
    const text = await response.body.text();
    if (response.statusCode >= 400) throw statusErrorOf(response.statusCode, text, type, method);
    return parse(text, `${method} ${path}`) as R;
  };
  /** Where an object is written: its own namespace, unless the options name another. */
  const at = (type: ResourceType<KubeObject>, namespace: string | undefined, name?: string, subresource?: string) => pathOf(type, { namespace, name, subresource });

  return {
    get: async (type, name, options = {}) => call(type, 'GET', at(type, options.namespace, name, options.subresource)),
    list: async <T extends KubeObject>(type: ResourceType<T>, options: ListOptions = {}) => withKinds(type, await call<ObjectList<T>>(type, 'GET', at(type, options.namespace) + queryOf(listQuery(options)))),
    watch(type, options, handler) {
      const aborter = new AbortController();
      const path = at(type, options.namespace) + queryOf(watchQuery(options));
      void watchStream(send, type, path, aborter.signal, (event) => handler.event(event)).then(
        () => aborter.signal.aborted || handler.closed(),
        (error: Error) => aborter.signal.aborted || handler.closed(error),
      );
      return { stop: () => aborter.abort() };
    },
    create: async (type, object, options = {}) => {
      const namespace = options.namespace ?? object.metadata.namespace;
      return call(type, 'POST', at(type, namespace, options.subresource === undefined ? undefined : (options.name ?? object.metadata.name ?? ''), options.subresource) + queryOf(writeQuery(options)), object);
    },
    update: async (type, object, options = {}) =>
      call(type, 'PUT', at(type, options.namespace ?? object.metadata.namespace, object.metadata.name ?? '', options.subresource) + queryOf(writeQuery(options)), object),
    async patch(type, name, patch, options = {}) {
      const { contentType, body } = patchBody(patch);
      return call(type, 'PATCH', at(type, options.namespace, name, options.subresource) + queryOf(writeQuery(options)), body, contentType);
    },
    delete: async (type, name, options = {}) => call(type, 'DELETE', at(type, options.namespace, name), deleteBody(options)),
    deleteCollection: async (type, options = {}) => void (await call(type, 'DELETE', at(type, options.namespace) + queryOf(listQuery(options)), deleteBody(options))),
    raw: async (request) => raw(send, request),
    close: () => connections.close(),
  };
}

interface Request extends RawRequest {
  readonly signal?: AbortSignal;
}

/** Seconds to wait before the same request, where an overloaded server asks for that. */
function retryAfter({ statusCode, headers }: Dispatcher.ResponseData): number | undefined {
  if (statusCode !== 429 && statusCode < 500) return undefined;
  const header = headers['retry-after'];
  return typeof header === 'string' && /^\d{1,4}$/.test(header) ? Number(header) : undefined;
}

async function raw(send: (request: Request) => Promise<Dispatcher.ResponseData>, request: RawRequest): Promise<RawResponse> {
  const response = await send(request);
  const headers = Object.entries(response.headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]]));
  return { status: response.statusCode, headers: Object.fromEntries(headers) as Record<string, string>, body: Buffer.from(await response.body.arrayBuffer()) };
}

/** Reads a watch's lines until it ends; rejects with a StatusError when the server refuses it. */
async function watchStream<T extends KubeObject>(
  send: (request: Request) => Promise<Dispatcher.ResponseData>,
  type: ResourceType<T>,
  path: string,
  signal: AbortSignal,
  onEvent: (event: WatchEvent<T>) => void,
): Promise<void> {
  const response = await send({ method: 'GET', path, signal });
  if (response.statusCode >= 400) throw statusErrorOf(response.statusCode, await response.body.text(), type, 'GET');
  let pieces: Buffer[] = [];
  let length = 0;
  for await (const chunk of response.body as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      const line = Buffer.concat([...pieces, chunk.subarray(start, end)]).toString();
      [pieces, length, start] = [[], 0, end + 1];
      if (signal.aborted) return;
      if (line.trim() !== '') onEvent(parse(line, `watch of ${groupResource(type)}`) as WatchEvent<T>);
    }
    pieces.push(chunk.subarray(start));
    length += chunk.length - start;
    if (length > LONGEST_LINE) throw new Error(`watch of ${groupResource(type)}: an event is longer than ${LONGEST_LINE} bytes`);
  }
}

function parse(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${what}: the server's answer is no JSON: ${text.slice(0, 200)}`, { cause: error });
  }
}

/** Items of a typed list carry neither kind nor apiVersion on the wire. */
function withKinds<T extends KubeObject>(type: ResourceType<T>, list: ObjectList<T>): ObjectList<T> {
  const kind = list.kind.replace(/List$/, '') || type.kind;
  return { ...list, items: (list.items ?? []).map((item) => (item.kind && item.apiVersion ? item : { ...item, apiVersion: list.apiVersion, kind })) };
}

/** The Status in the body; where a proxy or an old server sent something else, one made as client-go makes it (rest/request.go newUnstructuredResponseError). */
function statusErrorOf(code: number, body: string, type: { readonly group: string; readonly plural: string }, method: string): StatusError {
  try {
    const status = JSON.parse(body) as Partial<Status>;
    if (status.kind === 'Status') return new StatusError({ ...status, code: status.code ?? code } as Status);
  } catch {
    // Not JSON: the text itself is the cause.
  }
  const [reason, text] = GENERIC[code] ?? (code >= 500 ? ['InternalError', `an error on the server ("${body.slice(0, 2048).trim() || 'unknown'}") has prevented the request from succeeding`] : ['Unknown', `the server responded with the status code ${code} but did not return more information`]);
  const details = { ...(type.group && { group: type.group }), kind: type.plural, causes: [{ reason: 'UnexpectedServerResponse', message: body.slice(0, 2048).trim() || 'unknown' }] };
  return new StatusError({ apiVersion: 'v1', kind: 'Status', metadata: {}, status: 'Failure', reason, message: `${text} (${method.toLowerCase()} ${groupResource(type)})`, code, details });
}

/** apimachinery pkg/api/errors NewGenericServerResponse. */
const GENERIC: Readonly<Record<number, readonly [reason: string, text: string]>> = {
  400: ['BadRequest', 'the server rejected our request for an unknown reason'],
  401: ['Unauthorized', 'the server has asked for the client to provide credentials'],
  403: ['Forbidden', 'the server does not allow access to the requested resource'],
  404: ['NotFound', 'the server could not find the requested resource'],
  405: ['MethodNotAllowed', 'the server does not allow this method on the requested resource'],
  406: ['NotAcceptable', 'the server was unable to respond with a content type that the client supports'],
  409: ['Conflict', 'the server reported a conflict'],
  410: ['Gone', 'the server could not find the requested resource'],
  415: ['UnsupportedMediaType', 'the server was unable to process the media type of the request'],
  422: ['Invalid', 'the server rejected our request due to an error in our request'],
  429: ['TooManyRequests', 'the server has received too many requests and has asked us to try again later'],
  503: ['ServiceUnavailable', 'the server is currently unable to handle the request'],
  504: ['Timeout', 'the server was unable to return a response in the time allotted, but may still be processing the request'],
};

function impersonation({ impersonate }: HttpClientConfig): Record<string, string | string[]> {
  if (!impersonate) return {};
  const extra = Object.entries(impersonate.extra ?? {}).map(([name, values]) => [`impersonate-extra-${encodeURIComponent(name)}`, [...values]]);
  return { 'impersonate-user': impersonate.user, ...(impersonate.uid && { 'impersonate-uid': impersonate.uid }), ...(impersonate.groups?.length && { 'impersonate-group': [...impersonate.groups] }), ...(Object.fromEntries(extra) as Record<string, string[]>) };
}

/** One agent as long as the client certificate stays the same; renewed with it. undici is loaded with the first request: a cluster that talks to itself never needs it. */
function connectionPool(config: HttpClientConfig): { dispatcher(credentials: Credentials): Promise<Dispatcher>; close(): Promise<void> } {
  const agents: Agent[] = [];
  let current: { readonly certificate: string; readonly agent: Agent } | undefined;
  return {
    async dispatcher({ certificate, key }) {
      const { Agent } = await import('./agent.ts');
      const id = String(certificate ?? '');
      if (current?.certificate === id) return current.agent;
      const { ca, insecureSkipTlsVerify, tlsServerName } = config;
      const connect = { ...(ca && { ca }), ...(certificate && { cert: certificate }), ...(key && { key }), ...(insecureSkipTlsVerify && { rejectUnauthorized: false }), ...(tlsServerName && { servername: tlsServerName }) };
      // The server decides how long a quiet connection or a slow answer may take.
      const agent = new Agent({ connect, headersTimeout: 0, bodyTimeout: 0 });
      agents.push(agent);
      current = { certificate: id, agent };
      return agent;
    },
    close: async () => void (await Promise.all(agents.map((agent) => agent.destroy()))),
  };
}
