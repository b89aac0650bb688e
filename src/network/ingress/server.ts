import { createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, createServer as createTlsServer, type SecureContext, type TlsOptions, type TLSSocket } from 'node:tls';
import type { Clock } from '../../base/clock.ts';
import { serveHttp, type ServerConnection } from '../http1/downstream.ts';
import { namesServer } from './client-hello.ts';
import { ingressHandler, type IngressContext } from './handler.ts';
import { serveHttp2, type Http2Connection } from '../http2/downstream.ts';

/** A port that the ingress listens on. */
export interface IngressListener {
  readonly port: number;
  close(): void;
}

/** Certificates by server name. */
export interface Certificates {
  /** For this name (lower case), or the one for all others. */
  find(name: string): SecureContext | undefined;
  readonly fallback: { readonly cert: string; readonly key: string };
}

type Connection = Pick<ServerConnection, 'waitingSince' | 'headBegun' | 'retire'> | Http2Connection;

/** Half a head may take this long to become whole; between requests a connection may be idle for this long (nginx: 60 s, 75 s). */
const HEAD_MS = 60_000;
const IDLE_MS = 75_000;
const SWEEP_MS = 5_000;
const HANDSHAKE_MS = 10_000;

/** Listens on `host:port` with plain HTTP, or with TLS (HTTP/2 or HTTP/1.1) when there are certificates. Rejects when the port cannot be had. */
export async function listenIngress(context: IngressContext, host: string, port: number, certificates: Certificates | undefined): Promise<IngressListener> {
  const connections = new Set<Connection>();
  const sockets = new Set<Socket>();
  let bound = port;
  const serve = (socket: Socket, scheme: 'http' | 'https', client: string) => {
    const handler = ingressHandler(context, { client, scheme, port: bound });
    const connection = serveHttp(socket, client, handler, undefined, () => {
      connections.delete(connection);
      follow(socket, serveHttp2(socket, client, handler));
    });
    follow(socket, connection);
  };
  const follow = (socket: Socket, connection: Connection) => {
    connections.add(connection);
    socket.once('close', () => connections.delete(connection));
  };
  const track = (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => {});
  };
  let server: Server;
  if (!certificates) {
    server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      track(socket);
      serve(socket, 'http', socket.remoteAddress ?? '');
    });
  } else {
    const secure = secureServers(certificates, (socket) => {
      const client = socket.remoteAddress ?? '';
      if (socket.alpnProtocol === 'h2') follow(socket, serveHttp2(socket, client, ingressHandler(context, { client, scheme: 'https', port: bound })));
      else serve(socket, 'https', client);
    });
    server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      track(socket);
      firstRecord(socket, context.clock, (named) => secure(named).emit('connection', socket));
    });
  }
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: 1024, exclusive: true }, resolve);
  });
  server.on('error', () => {});
  const address = server.address();
  if (address && typeof address === 'object') bound = address.port;
  const stopSweep = sweepIdle(context.clock, connections);
  return {
    port: bound,
    close() {
      stopSweep();
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/**
 * One server for clients that name a host, one for those that do not. A server with a certificate of its own would offer it beside the host's (Node adds the SNI callback's certificate to it), and an elliptic one would
 * win over a host's RSA one: so the first has none, and is always given one.
 */
function secureServers({ find, fallback }: Certificates, accept: (socket: TLSSocket) => void): (named: boolean) => Server {
  const other = createSecureContext(fallback);
  const common: TlsOptions = { ALPNProtocols: ['h2', 'http/1.1'], handshakeTimeout: HANDSHAKE_MS, allowHalfOpen: true };
  const accepted = (socket: TLSSocket) => {
    socket.on('error', () => {});
    accept(socket);
  };
  const named = createTlsServer({ ...common, SNICallback: (name, done) => done(null, find(name.toLowerCase()) ?? other) }, accepted);
  const unnamed = createTlsServer({ ...common, ...fallback }, accepted);
  for (const server of [named, unnamed]) server.on('tlsClientError', () => {});
  return (name) => (name ? named : unnamed);
}

/** Reads until it is known whether the client names a host, and puts back what was read. */
function firstRecord(socket: Socket, clock: Clock, then: (named: boolean) => void): void {
  let seen: Buffer = Buffer.alloc(0);
  const late = clock.after(HANDSHAKE_MS, () => socket.destroy());
  const read = (bytes: Buffer) => {
    seen = seen.length === 0 ? bytes : Buffer.concat([seen, bytes]);
    const named = namesServer(seen);
    if (named === undefined) return;
    late.cancel();
    socket.off('data', read);
    socket.pause();
    socket.unshift(seen);
    then(named);
  };
  socket.on('data', read);
  socket.once('end', () => socket.destroy());
  socket.once('close', () => late.cancel());
}

/** Ends connections on which nothing has come for too long: a client that sends half a head holds nothing for ever. */
function sweepIdle(clock: Clock, connections: ReadonlySet<Connection>): () => void {
  const sweep = () => {
    const now = clock.monotonic();
    for (const connection of connections) {
      const { waitingSince } = connection;
      if (waitingSince === undefined) continue;
      if (now - waitingSince > (connection.headBegun ? HEAD_MS : IDLE_MS)) connection.retire();
    }
    timer = clock.after(SWEEP_MS, sweep);
  };
  let timer = clock.after(SWEEP_MS, sweep);
  return () => timer.cancel();
}
