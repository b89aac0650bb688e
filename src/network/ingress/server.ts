import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type SecureContext, type TLSSocket } from 'node:tls';
import type { Clock } from '../../base/clock.ts';
import { serveHttp, type ServerConnection } from '../http1/downstream.ts';
import { ingressHandler, type IngressContext } from './handler.ts';
import { serveHttp2 } from './http2.ts';

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

/** Half a head may take this long to become whole; between requests a connection may be idle for this long (nginx: 60 s, 75 s). */
const HEAD_MS = 60_000;
const IDLE_MS = 75_000;
const SWEEP_MS = 5_000;
const HANDSHAKE_MS = 10_000;

/** Listens on `host:port` with plain HTTP, or with TLS (HTTP/2 or HTTP/1.1) when there are certificates. Rejects when the port cannot be had. */
export async function listenIngress(context: IngressContext, host: string, port: number, certificates: Certificates | undefined): Promise<IngressListener> {
  const connections = new Set<ServerConnection>();
  const sockets = new Set<Socket>();
  let bound = port;
  const serve = (socket: Socket, scheme: 'http' | 'https', client: string) => {
    const connection = serveHttp(socket, client, ingressHandler(context, { client, scheme, port: bound }));
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
    const secure = createTlsServer(
      {
        ...certificates.fallback,
        ALPNProtocols: ['h2', 'http/1.1'],
        handshakeTimeout: HANDSHAKE_MS,
        allowHalfOpen: true,
        SNICallback: (name, done) => done(null, certificates.find(name.toLowerCase())),
      },
      (socket: TLSSocket) => {
        socket.on('error', () => {});
        const client = socket.remoteAddress ?? '';
        if (socket.alpnProtocol === 'h2') serveHttp2(socket, client, ingressHandler(context, { client, scheme: 'https', port: bound }));
        else serve(socket, 'https', client);
      },
    );
    secure.on('connection', (socket: Socket) => {
      track(socket);
      socket.setNoDelay(true);
    });
    secure.on('tlsClientError', () => {});
    server = secure;
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

/** Ends connections on which nothing has come for too long: a client that sends half a head holds nothing for ever. */
function sweepIdle(clock: Clock, connections: ReadonlySet<ServerConnection>): () => void {
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
