import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { badRequest, timeout } from '../api/errors.ts';
import { formatDuration, parseDuration } from '../base/duration.ts';
import type { Clock } from '../base/clock.ts';
import type { RawRequest, RawResponse } from '../client/client.ts';
import { authenticate, impersonate } from './authn/authenticate.ts';
import { refusal, type Attributes } from './authz/attributes.ts';
import { errorReply, type ApiRequest, type Reply } from './http/reply.ts';
import { pretty, wantsPretty } from './http/pretty.ts';
import { dispatch, route, type Route, type RouterOptions } from './http/router.ts';
import { refuseUpgrade, upgradeTo } from './http/upgrade.ts';
import { readsOverWebSocket, streamOverWebSocket } from './http/websocket-reply.ts';
import type { ServerMetrics } from './metrics.ts';
import type { FairQueue } from './overload.ts';
import type { Core } from './registry/core.ts';
import { selectedName } from './registry/selection.ts';
import type { StreamUpgrade } from './streams.ts';
import type { UserInfo } from './user.ts';

/** kube-apiserver's --request-timeout. */
const REQUEST_TIMEOUT_MS = 60_000;

/** The way in: who asks, may they, is there room; then the router. */
export interface Front {
  answer(request: ApiRequest, socket: TLSSocket): Promise<Reply>;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  raw(request: RawRequest, user: UserInfo): Promise<RawResponse>;
  /** Throws Forbidden. */
  authorize(attributes: Attributes): void;
}

export interface FrontOptions {
  readonly core: Core;
  readonly router: RouterOptions;
  readonly queue: FairQueue;
  readonly metrics: ServerMetrics;
  readonly streams?: StreamUpgrade;
  /** Told what was no StatusError: a defect. */
  readonly report: (error: unknown) => void;
}

export function createFront({ core, router, queue, metrics, streams, report }: FrontOptions): Front {
  const { authorizer, authenticateToken } = core.access;
  const authorize = (attributes: Attributes) => {
    const decision = authorizer.decide(attributes);
    if (!decision.allowed) throw refusal(attributes, decision.reason);
  };
  const whoAsks = (request: ApiRequest, socket: TLSSocket): UserInfo =>
    impersonate(authenticate(request, socket, authenticateToken, core.clock.now()), request, (attributes) => authorizer.decide(attributes));
  const serve = (request: ApiRequest, user: UserInfo, at: Route): Promise<Reply> => {
    authorize(attributesOf(at, user));
    return dispatch(core, router, at, request, user);
  };

  return {
    async answer(request, socket) {
      const began = core.clock.monotonic();
      let at: Route | undefined;
      let reply: Reply;
      try {
        const here = at = route(request);
        const user = whoAsks(request, socket);
        reply = await queue.run(user.name, () => withDeadline(core.clock, here, () => serve(request, user, here)));
      } catch (error) {
        reply = errorReply(error, report);
      }
      if (at && /^\/apis?(\/|$)/.test(at.info.path) && wantsPretty(request, at.query)) reply = pretty(reply);
      const verb = at?.info.verb ?? 'unknown';
      const known = at?.info.isResource === true && reply.status !== 404 ? at.info.resource : '';
      if (verb === 'watch' && typeof reply.body === 'function') return counted(reply, known, metrics);
      metrics.answered(verb.toUpperCase(), known, reply.status, (core.clock.monotonic() - began) / 1000);
      return reply;
    },
    upgrade(raw, socket, head) {
      const request: ApiRequest = { method: raw.method ?? 'GET', url: raw.url ?? '/', headers: raw.headers, body: async () => Buffer.alloc(0) };
      const start = async () => {
        const at = route(request);
        const user = whoAsks(request, raw.socket as TLSSocket);
        if (readsOverWebSocket(at, raw)) return streamOverWebSocket(raw, socket, head, at.info.verb === 'watch', () => serve(request, user, at));
        // client-go asks for exec by POST or by GET; the right needed is `create` for both (the verb of a connect).
        authorize({ ...attributesOf(at, user), verb: at.info.verb === 'get' ? 'get' : 'create' });
        await upgradeTo(core, router.connect, streams, at, user, raw, socket, head);
      };
      start().catch((error: unknown) => refuseUpgrade(socket, error, report));
    },
    async raw(raw, user) {
      const headers = Object.fromEntries(Object.entries(raw.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
      const body = typeof raw.body === 'string' ? Buffer.from(raw.body) : raw.body ?? Buffer.alloc(0);
      const request: ApiRequest = { method: raw.method, url: raw.path, headers, body: async () => body };
      try {
        return await whole(await serve(request, user, route(request)));
      } catch (error) {
        return whole(errorReply(error, report));
      }
    },
    authorize,
  };
}

/** What the authorizer is asked about a request. */
function attributesOf({ info, query }: Route, user: UserInfo): Attributes {
  const { verb, isResource, group, version, resource, subresource, namespace, path } = info;
  const name = info.name === '' && (verb === 'list' || verb === 'watch') ? selectedName(query.get('fieldSelector')) : info.name;
  return { user, verb, isResource, group, version, resource, subresource, namespace, name, path };
}

/** Gives up on writes that take too long: the client's own `timeout`, and a minute at most. Reads wait for nothing. */
async function withDeadline(clock: Clock, { info, query }: Route, serve: () => Promise<Reply>): Promise<Reply> {
  if (info.verb === 'watch') return serve();
  const limit = Math.min(requestedTimeout(query.get('timeout')) ?? REQUEST_TIMEOUT_MS, REQUEST_TIMEOUT_MS);
  const work = serve();
  if (info.verb === 'get' || info.verb === 'list') return work;
  let expire = (_error: Error) => {};
  const late = new Promise<never>((_resolve, reject) => void (expire = reject));
  const timer = clock.after(limit, () => expire(timeout(`Timeout: request did not complete within requested timeout ${formatDuration(limit)} - context deadline exceeded`)));
  try {
    return await Promise.race([work, late]);
  } finally {
    timer.cancel();
  }
}

/** The `timeout` parameter. Throws BadRequest when it is no duration. */
function requestedTimeout(text: string | undefined): number | undefined {
  if (!text) return undefined;
  try {
    const ms = parseDuration(text);
    return ms > 0 ? ms : undefined;
  } catch (error) {
    throw badRequest(`invalid timeout specified in the request URL - ${error instanceof Error ? error.message : String(error)}`);
  }
}

function counted(reply: Reply, resource: string, metrics: ServerMetrics): Reply {
  const { body } = reply;
  if (typeof body !== 'function') return reply;
  return {
    ...reply,
    body: (out) => {
      metrics.watching(resource, 1);
      const stop = body(out);
      return () => {
        metrics.watching(resource, -1);
        stop();
      };
    },
  };
}

/** A reply with its whole body in hand. */
function whole(reply: Reply): Promise<RawResponse> {
  const headers = Object.fromEntries(Object.entries(reply.headers).map(([name, value]) => [name, String(value)]));
  const { body } = reply;
  if (typeof body !== 'function') return Promise.resolve({ status: reply.status, headers, body: Buffer.isBuffer(body) ? body : Buffer.concat(body as Buffer[]) });
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    body({ write: (chunk) => void chunks.push(chunk), buffered: () => 0, drained: (fn) => fn(), abort: () => {}, end: () => resolve({ status: reply.status, headers, body: Buffer.concat(chunks) }) });
  });
}
