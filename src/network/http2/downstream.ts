import { performServerHandshake, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { RequestHandler } from '../http1/downstream.ts';
import { Exchange, type ExchangeClient } from '../http1/exchange.ts';
import { RequestHead } from '../http1/head.ts';
import { textReply, type Reply } from '../http1/reply.ts';
import { fieldsOf, incoming, isGrpc, lines, outgoing } from './fields.ts';
import { NGHTTP2_INTERNAL_ERROR, NGHTTP2_NO_ERROR } from './session.ts';

/** What a client may send of a body before a pod has taken what it sent. */
const STREAM_WINDOW = 262_144;

/** Serves HTTP/2 on a connection that has agreed to it, or begins with its preface (which is still to be read). */
export function serveHttp2(socket: Socket, client: string, handler: RequestHandler): Http2Connection {
  const session = performServerHandshake(socket, { settings: { maxConcurrentStreams: 256, initialWindowSize: STREAM_WINDOW } });
  session.on('error', () => session.destroy());
  let open = 0;
  let waitingSince: number | undefined = handler.clock.monotonic();
  session.on('stream', (stream, headers) => {
    open++;
    waitingSince = undefined;
    stream.once('close', () => {
      if (--open === 0) waitingSince = handler.clock.monotonic();
    });
    serveStream(stream, headers, client, handler);
  });
  return {
    get waitingSince() {
      return waitingSince;
    },
    headBegun: false,
    retire: () => session.close(),
  };
}

/** A client's HTTP/2 connection, as far as it matters when it has been idle for long. */
export interface Http2Connection {
  /** Monotonic ms since which it has no stream; undefined while it has some. */
  readonly waitingSince: number | undefined;
  readonly headBegun: false;
  /** Takes no more streams, and ends once those that are open have. */
  retire(): void;
}

function serveStream(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, client: string, handler: RequestHandler): void {
  stream.on('error', () => {});
  const request = new RequestHead();
  const ended = stream.readableEnded || stream.endAfterHeaders;
  const grpc = isGrpc(headers['content-type']);
  // The request is put as HTTP/1.1 and read by the same strict reader: what could be misread behind us is refused here.
  const text = headText(headers, ended);
  const parsed = text === undefined ? 400 : request.read(Buffer.from(text, 'latin1'), 0);
  if (parsed !== 'done' || request.end !== request.bytes.length) return answer(stream, textReply(400, '400 malformed request'), true, grpc);
  const route = handler.route(request);
  if (route.kind === 'reply') return answer(stream, route, request.method !== 'HEAD', grpc);

  let bodyDone = ended;
  let pieces: Buffer[] = [];
  let trailers: readonly (readonly [string, string])[] = [];
  // Only pods that are spoken to in HTTP/2 have trailers that are passed on.
  const waitForTrailers = route.protocol === 'h2c' || route.protocol === 'h2';
  const flush = (done: boolean): boolean => {
    let room = true;
    for (const piece of pieces) room = stream.write(piece);
    pieces = [];
    if (done) {
      exchange.settle(exchange.status);
      stream.end();
      // What the client still sends is for nobody (RFC 9113 8.1).
      if (!bodyDone) stream.once('finish', () => stream.close(NGHTTP2_NO_ERROR));
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
      stream.respond({ ':status': head.status, ...outgoing(fields) }, { endStream: empty, waitForTrailers: waitForTrailers && !empty });
      if (!empty) return flush(done);
      exchange.settle(head.status);
      return true;
    },
    onData: (_bytes, done) => flush(done),
    onTrailers: (fields) => void (trailers = fields),
    onUpgrade: (_head, _bytes, upstream) => void upstream.destroy(),
    onFailed(status, why) {
      exchange.settle(status);
      answer(stream, textReply(status, `${status} ${why}`), true, grpc);
    },
    onBroken: (code) => stream.close(code === undefined || code === NGHTTP2_NO_ERROR ? NGHTTP2_INTERNAL_ERROR : code),
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
  stream.on('wantTrailers', () => stream.sendTrailers(outgoing(trailers)));
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
  const fields = incoming(headers).filter(([name]) => name !== 'host');
  const framing = !ended && headers['content-length'] === undefined ? 'transfer-encoding: chunked\r\n' : '';
  return `${method} ${path} HTTP/1.1\r\nHost: ${headers[':authority'] ?? headers.host ?? ''}\r\n${lines(fields)}${framing}\r\n`;
}

function answer(stream: ServerHttp2Stream, reply: Reply, withBody: boolean, grpc: boolean): void {
  if (stream.destroyed) return;
  if (stream.headersSent) return stream.close(NGHTTP2_INTERNAL_ERROR);
  if (grpc) return stream.respond({ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': grpcStatus(reply.status), 'grpc-message': encodeURIComponent(reply.body.trim()).replaceAll('%20', ' ') }, { endStream: true });
  stream.respond({ ':status': reply.status, ...outgoing(reply.headers), 'content-length': Buffer.byteLength(reply.body) }, { endStream: !withBody });
  if (withBody) stream.end(reply.body);
}

/** The status of gRPC that stands for one of HTTP's (grpc/doc/http-grpc-status-mapping.md). */
function grpcStatus(status: number): number {
  switch (status) {
    case 400:
      return 13;
    case 401:
      return 16;
    case 403:
      return 7;
    case 404:
      return 12;
    case 429:
    // A route without a backend: GRPCRouteRule.backendRefs wants it said like this.
    case 500:
    case 502:
    case 503:
    case 504:
      return 14;
    default:
      return 2;
  }
}
