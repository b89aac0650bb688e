import { constants, performServerHandshake, type IncomingHttpHeaders, type OutgoingHttpHeaders, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { RequestHandler } from '../http1/downstream.ts';
import { Exchange, type ExchangeClient } from '../http1/exchange.ts';
import { RequestHead } from '../http1/head.ts';
import { textReply, type Reply } from '../http1/reply.ts';

/** Headers of one hop in HTTP/1.1, which HTTP/2 forbids (RFC 9113 8.2.2). */
const HOP = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade']);

/** Serves HTTP/2 on a connection that has agreed to it. */
export function serveHttp2(socket: Socket, client: string, handler: RequestHandler): ServerHttp2Session {
  const session = performServerHandshake(socket, { settings: { maxConcurrentStreams: 256 } });
  session.on('error', () => session.destroy());
  session.on('stream', (stream, headers) => serveStream(stream, headers, client, handler));
  return session;
}

function serveStream(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, client: string, handler: RequestHandler): void {
  stream.on('error', () => {});
  const request = new RequestHead();
  const ended = stream.readableEnded || stream.endAfterHeaders;
  // The request is put as HTTP/1.1 and read by the same strict reader: what could be misread behind us is refused here.
  const text = headText(headers, ended);
  const parsed = text === undefined ? 400 : request.read(Buffer.from(text, 'latin1'), 0);
  if (parsed !== 'done' || request.end !== request.bytes.length) return answer(stream, textReply(400, '400 malformed request'), true);
  const route = handler.route(request);
  if (route.kind === 'reply') return answer(stream, route, request.method !== 'HEAD');

  let bodyDone = ended;
  let pieces: Buffer[] = [];
  const flush = (done: boolean): boolean => {
    let room = true;
    for (const piece of pieces) room = stream.write(piece);
    pieces = [];
    if (done) {
      exchange.settle(exchange.status);
      stream.end();
    }
    return room;
  };
  const side: ExchangeClient = {
    client,
    get bodyDone() {
      return bodyDone;
    },
    content: (bytes) => void pieces.push(bytes),
    pauseBody: () => void stream.pause(),
    resumeBody: () => void stream.resume(),
    onInformational(head) {
      if (head.status === 103) stream.additionalHeaders({ ':status': 103, ...outgoing(head.headers()) });
    },
    onResponse(head, _bytes, _start, _end, done) {
      if (stream.destroyed) return true;
      const fields = route.responseFields ? fieldsOf(route.responseFields(head)) : head.headers();
      const empty = done && pieces.length === 0;
      stream.respond({ ':status': head.status, ...outgoing(fields) }, { endStream: empty });
      if (!empty) return flush(done);
      exchange.settle(head.status);
      return true;
    },
    onData: (_bytes, done) => flush(done),
    onUpgrade: (_head, _bytes, upstream) => void upstream.destroy(),
    onFailed(status, why) {
      exchange.settle(status);
      answer(stream, textReply(status, `${status} ${why}`), true);
    },
    onBroken: () => stream.close(constants.NGHTTP2_INTERNAL_ERROR),
  };
  const exchange = new Exchange(side, handler.clock, handler.suspect);
  const chunked = request.chunked;
  stream.on('data', (bytes: Buffer) => exchange.write(chunked ? chunk(bytes) : bytes));
  stream.on('end', () => {
    if (bodyDone) return;
    bodyDone = true;
    if (chunked) exchange.write(Buffer.from('0\r\n\r\n'));
  });
  stream.on('drain', () => exchange.resume());
  stream.on('close', () => {
    exchange.drop();
    exchange.settle(exchange.responding ? exchange.status : 0);
  });
  exchange.begin(request, route, route.head ?? request.bytes, undefined);
}

const chunk = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);

/** The request's head as HTTP/1.1; undefined when it has none. */
function headText(headers: IncomingHttpHeaders, ended: boolean): string | undefined {
  const method = headers[':method'];
  const path = headers[':path'];
  if (typeof method !== 'string' || typeof path !== 'string') return undefined;
  let text = `${method} ${path} HTTP/1.1\r\nHost: ${headers[':authority'] ?? headers.host ?? ''}\r\n`;
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith(':') || name === 'host' || HOP.has(name) || value === undefined) continue;
    // Cookies may come in pieces, which HTTP/1.1 wants in one line (RFC 9113 8.2.3).
    if (name === 'cookie' && Array.isArray(value)) text += `cookie: ${value.join('; ')}\r\n`;
    else for (const one of Array.isArray(value) ? value : [value]) text += `${name}: ${one}\r\n`;
  }
  if (!ended && headers['content-length'] === undefined) text += 'transfer-encoding: chunked\r\n';
  return `${text}\r\n`;
}

function outgoing(fields: readonly (readonly [string, string])[]): OutgoingHttpHeaders {
  const made: Record<string, string | string[]> = Object.create(null) as Record<string, string | string[]>;
  for (const [name, value] of fields) {
    const key = name.toLowerCase();
    if (HOP.has(key)) continue;
    const there = made[key];
    if (there === undefined) made[key] = value;
    else if (Array.isArray(there)) there.push(value);
    // Only set-cookie may stand several times; other lists join.
    else made[key] = key === 'set-cookie' ? [there, value] : `${there}, ${value}`;
  }
  return made;
}

const fieldsOf = (lines: string): [string, string][] =>
  lines
    .split('\r\n')
    .filter((line) => line !== '')
    .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]);

function answer(stream: ServerHttp2Stream, reply: Reply, withBody: boolean): void {
  if (stream.destroyed) return;
  if (stream.headersSent) return stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  stream.respond({ ':status': reply.status, ...outgoing(reply.headers), 'content-length': Buffer.byteLength(reply.body) }, { endStream: !withBody });
  if (withBody) stream.end(reply.body);
}

