import { constants, createSecureServer, type Http2SecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { gzip } from 'node:zlib';
import type { TLSSocket } from 'node:tls';
import { tooLarge } from '../../api/errors.ts';
import type { Pki } from '../pki.ts';
import type { ApiRequest, Reply, StreamOut } from './reply.ts';

type Request = IncomingMessage | Http2ServerRequest;
type Response = ServerResponse | Http2ServerResponse;

/** apiserver's MaxRequestBodyBytes. */
export const BODY_LIMIT = 3 * 1024 * 1024;
/** apiserver's defaultGzipThresholdBytes. */
const GZIP_FROM = 128 * 1024;

/** What an HTTP request becomes. */
export type Answer = (request: ApiRequest, socket: TLSSocket) => Promise<Reply>;

/** Takes over an upgraded connection (WebSocket, SPDY). */
export type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** One TLS port for HTTP/1.1, HTTP/2 and upgrades. */
export interface Listener {
  readonly host: string;
  readonly port: number;
  /** Ends every connection and frees the port. */
  close(): Promise<void>;
}

/** Go's default limit: a command to execute is part of the URL. */
const MAX_HEADER_BYTES = 1 << 20;

/** Serves `answer` on a port (0: any). */
export async function listen(options: { host: string; port: number; pki: Pki; answer: Answer; upgrade: Upgrade; report: (error: unknown) => void }): Promise<Listener> {
  const sockets = new Set<Duplex>();
  const server: Http2SecureServer = createSecureServer({
    allowHTTP1: true,
    cert: options.pki.serving.cert,
    key: options.pki.serving.key,
    ca: options.pki.ca.cert,
    requestCert: true,
    // A client without a certificate may still bring a token.
    rejectUnauthorized: false,
    settings: { maxConcurrentStreams: 1_000, maxHeaderListSize: MAX_HEADER_BYTES },
  });
  // Node's HTTP/1.1 side asks the server itself for this limit.
  Object.assign(server, { maxHeaderSize: MAX_HEADER_BYTES });
  server.on('secureConnection', (socket: TLSSocket) => {
    socket.setNoDelay(true);
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
  });
  server.on('sessionError', () => {});
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  server.on('request', (request: Request, response: Response) => {
    serve(request, response, options.answer).catch((error: unknown) => {
      options.report(error);
      response.destroy();
    });
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => options.upgrade(request, socket, head));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const { port } = server.address() as AddressInfo;
  return {
    host: options.host,
    port,
    close: () => new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    }),
  };
}

async function serve(request: Request, response: Response, answer: Answer): Promise<void> {
  const departure = watchDeparture(response);
  const h2 = request.httpVersionMajor === 2;
  const api: ApiRequest = { method: request.method ?? 'GET', url: request.url ?? '/', headers: request.headers, body: () => readBody(request) };
  const reply = await answer(api, (h2 ? (request as Http2ServerRequest).stream.session?.socket : request.socket) as TLSSocket);
  if (departure.gone) {
    if (typeof reply.body === 'function') reply.body({ write: () => {}, buffered: () => 0, drained: () => {}, end: () => {}, abort: () => {} })();
    return;
  }
  send(request, response, reply, departure, h2);
}

/** Whether the response is over, for whatever reason; an AbortSignal would make an error with a stack for each request. */
interface Departure {
  gone: boolean;
  onGone: (() => void) | undefined;
}

function watchDeparture(response: Response): Departure {
  const departure: Departure = { gone: response.destroyed, onGone: undefined };
  const leave = () => {
    if (departure.gone) return;
    departure.gone = true;
    departure.onGone?.();
  };
  response.on('close', leave);
  response.on('error', leave);
  return departure;
}

function readBody(request: Request): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= BODY_LIMIT) chunks.push(chunk);
      else {
        chunks.length = 0;
        reject(tooLarge(`Request entity too large: limit is ${BODY_LIMIT}`));
      }
    });
    request.on('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
    request.on('error', reject);
    request.on('aborted', () => reject(tooLarge('the request was aborted')));
  });
}

// HTTP/1.1 and HTTP/2 responses have the same methods with types that do not unite.
interface Writable {
  writeHead(status: number, headers: Record<string, string | string[] | number>): unknown;
  write(chunk: Buffer): boolean;
  end(chunk?: Buffer): unknown;
  cork?(): void;
  uncork?(): void;
  flushHeaders?(): void;
  once(event: 'drain', fn: () => void): unknown;
}

function send(request: Request, response: Response, reply: Reply, departure: Departure, h2: boolean): void {
  const out = response as unknown as Writable;
  const { body } = reply;
  // HTTP/2's response says nothing of what it holds; its stream does.
  const buffered = h2 ? () => (response as Http2ServerResponse).stream.writableLength : () => (response as ServerResponse).writableLength;
  const abort = h2 ? () => (response as Http2ServerResponse).stream.close(constants.NGHTTP2_CANCEL) : () => void (response as ServerResponse).destroy();
  if (typeof body === 'function') return stream(out, { buffered, abort }, reply, body, departure, h2);
  const bytes = Buffer.isBuffer(body) ? body : Buffer.concat(body as Buffer[]);
  const finish = (payload: Buffer, extra?: Record<string, string>) => {
    if (departure.gone) return;
    out.writeHead(reply.status, { ...reply.headers, ...extra, 'content-length': payload.length });
    if (request.method === 'HEAD') out.end();
    else out.end(payload);
  };
  const accepts = request.headers['accept-encoding'];
  if (bytes.length < GZIP_FROM || typeof accepts !== 'string' || !accepts.includes('gzip')) return finish(bytes);
  // Level 1 in a thread of its own: the event loop goes on.
  gzip(bytes, { level: 1 }, (error, packed) => (error ? finish(bytes) : finish(packed, { 'content-encoding': 'gzip', vary: 'Accept-Encoding' })));
}

function stream(out: Writable, held: Pick<StreamOut, 'buffered' | 'abort'>, reply: Reply, start: (out: StreamOut) => () => void, departure: Departure, h2: boolean): void {
  out.writeHead(reply.status, reply.headers);
  out.flushHeaders?.();
  let corked = false;
  let ended = false;
  const uncork = () => {
    if (!corked) return;
    corked = false;
    out.uncork?.();
  };
  const writer: StreamOut = {
    write(chunk) {
      if (ended || departure.gone) return;
      // What is written in one turn goes out as one packet (and one TLS record).
      if (!corked && !h2) {
        corked = true;
        out.cork?.();
        process.nextTick(uncork);
      }
      out.write(chunk);
    },
    ...held,
    drained: (fn) => void out.once('drain', fn),
    end() {
      if (ended) return;
      ended = true;
      // Since Node 22 the end of a corked response overtakes what was written to it.
      uncork();
      out.end();
    },
  };
  const stop = start(writer);
  if (departure.gone) stop();
  else departure.onGone = stop;
}
