import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { realClock } from '../../base/clock.ts';

const clock = realClock();

/** A real HTTP server at an address of its own, in a pod's place. */
export interface HttpPod {
  readonly name: string;
  readonly ip: string;
  readonly port: number;
  /** Requests begun. */
  readonly requests: number;
  /** As a process without a SIGTERM handler dies: everything open is cut at once. */
  kill(): Promise<void>;
}

/** Starts one. It answers every request with its name unless `handler` does something else. */
export async function httpPod(name: string, ip: string, port = 0, handler?: (request: IncomingMessage, response: ServerResponse) => void): Promise<HttpPod> {
  let requests = 0;
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    requests++;
    if (handler) handler(request, response);
    else {
      request.resume();
      request.on('end', () => response.end(name));
    }
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await listen(server, ip, port);
  return {
    name,
    ip,
    port: (server.address() as AddressInfo).port,
    get requests() {
      return requests;
    },
    kill: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.resetAndDestroy();
      }),
  };
}

const listen = (server: Server, host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => resolve());
  });

/** Waits until `done` holds; throws after `limitMs`. */
export async function until(done: () => boolean | Promise<boolean>, limitMs = 5_000): Promise<void> {
  const end = clock.monotonic() + limitMs;
  while (!(await done())) {
    if (clock.monotonic() > end) throw new Error(`not within ${limitMs} ms: ${done}`);
    await clock.sleep(5);
  }
}
