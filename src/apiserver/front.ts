import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { RawRequest, RawResponse } from '../client/client.ts';
import { authenticate, impersonate } from './authn/authenticate.ts';
import { refusal, type Attributes } from './authz/attributes.ts';
import { errorReply, type ApiRequest, type Reply } from './http/reply.ts';
import { dispatch, route, type Route, type RouterOptions } from './http/router.ts';
import type { Core } from './registry/core.ts';
import type { UserInfo } from './user.ts';

/** The way in: who asks, may they, then the router. */
export interface Front {
  answer(request: ApiRequest, socket: TLSSocket, signal: AbortSignal): Promise<Reply>;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  raw(request: RawRequest, user: UserInfo): Promise<RawResponse>;
  /** Throws Forbidden. */
  authorize(attributes: Attributes): void;
}

export interface FrontOptions {
  readonly core: Core;
  readonly router: RouterOptions;
  /** Told what was no StatusError: a defect. */
  readonly report: (error: unknown) => void;
}

export function createFront({ core, router, report }: FrontOptions): Front {
  const { authorizer, authenticateToken } = core.access;
  const authorize = (attributes: Attributes) => {
    const decision = authorizer.decide(attributes);
    if (!decision.allowed) throw refusal(attributes, decision.reason);
  };
  const serve = async (request: ApiRequest, user: UserInfo, at: Route): Promise<Reply> => {
    authorize(attributesOf(at, user));
    return dispatch(core, router, at, request, user);
  };
  return {
    async answer(request, socket) {
      try {
        const asker = authenticate(request, socket, authenticateToken, core.clock.now());
        const user = impersonate(asker, request, (attributes) => authorizer.decide(attributes));
        return await serve(request, user, route(request));
      } catch (error) {
        return errorReply(error, report);
      }
    },
    upgrade: (_request, socket) => void socket.end('HTTP/1.1 501 Not Implemented\r\nconnection: close\r\n\r\n'),
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
function attributesOf({ info }: Route, user: UserInfo): Attributes {
  const { verb, isResource, group, version, resource, subresource, namespace, name, path } = info;
  return { user, verb, isResource, group, version, resource, subresource, namespace, name, path };
}

/** A reply with its whole body in hand. */
function whole(reply: Reply): Promise<RawResponse> {
  const headers = Object.fromEntries(Object.entries(reply.headers).map(([name, value]) => [name, String(value)]));
  const { body } = reply;
  if (typeof body !== 'function') return Promise.resolve({ status: reply.status, headers, body: Buffer.isBuffer(body) ? body : Buffer.concat(body as Buffer[]) });
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    body({ write: (chunk) => void chunks.push(chunk), buffered: () => 0, end: () => resolve({ status: reply.status, headers, body: Buffer.concat(chunks) }) });
  });
}
