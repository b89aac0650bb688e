import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { RawRequest, RawResponse } from '../client/client.ts';
import type { Attributes } from './authz/attributes.ts';
import { errorReply, type ApiRequest, type Reply } from './http/reply.ts';
import { dispatch, route, type RouterOptions } from './http/router.ts';
import type { Core } from './registry/core.ts';
import { loopback, type UserInfo } from './user.ts';

/** The way in: who asks, may they, then the router. */
export interface Front {
  answer(request: ApiRequest, socket: TLSSocket, signal: AbortSignal): Promise<Reply>;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  raw(request: RawRequest, user: UserInfo): Promise<RawResponse>;
  /** Throws Forbidden. */
  authorize(attributes: Attributes): void;
}

export function createFront({ core, router }: { core: Core; router: RouterOptions }): Front {
  const report = (error: unknown) => console.error(error);
  const serve = async (request: ApiRequest, user: UserInfo): Promise<Reply> => {
    try {
      return await dispatch(core, router, route(request), request, user);
    } catch (error) {
      return errorReply(error, report);
    }
  };
  return {
    answer: (request) => serve(request, loopback),
    upgrade: (_request, socket) => void socket.end('HTTP/1.1 501 Not Implemented\r\nconnection: close\r\n\r\n'),
    async raw(request, user) {
      const headers = Object.fromEntries(Object.entries(request.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
      const body = typeof request.body === 'string' ? Buffer.from(request.body) : request.body ?? Buffer.alloc(0);
      return whole(await serve({ method: request.method, url: request.path, headers, body: async () => body }, user));
    },
    authorize: () => {},
  };
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
