import { createSocket } from 'node:dgram';
import { createServer, type Socket } from 'node:net';
import type { Clock, Timer } from '../../base/clock.ts';
import type { Service } from '../../api/types/core.v1.ts';
import type { RoutingTable } from '../table/table.ts';
import type { Claims } from './anyip.ts';
import { serveTcp } from './tcp.ts';
import { serveUdp } from './udp.ts';
import { wantedKey, wantedSockets, type Wanted, type WantedOptions } from './wanted.ts';

/** The sockets of all Services. */
export interface Listeners {
  /** Opens and closes until the sockets are those that the table asks for. */
  sync(): void;
  /** Resolves when the sockets of the last sync listen (or failed to). */
  settled(): Promise<void>;
  /** Whether every outside socket of the Service listens (those without endpoints need not). */
  listening(service: Service): boolean;
  close(): Promise<void>;
}

interface Open {
  wanted: Wanted;
  state: 'opening' | 'open' | 'failed';
  readonly ready: Promise<void>;
  close(): void;
}

const RETRY_MS = 5_000;

/** `report` is told, in a sentence, why a Service's socket cannot be had. `claims` (with root): addresses that have to be made this machine's own. */
export function createListeners(table: RoutingTable, clock: Clock, claims: Claims | undefined, options: () => WantedOptions, report: (service: Service, problem: string) => void, changed: () => void): Listeners {
  const open = new Map<string, Open>();
  const clients = new Set<Socket>();
  const said = new Map<string, string>();
  let conflicts: Wanted[] = [];
  let retry: Timer | undefined;
  let closed = false;

  const track = (socket: Socket) => {
    clients.add(socket);
    socket.once('close', () => clients.delete(socket));
  };
  const fail = (entry: Open, error: NodeJS.ErrnoException) => {
    entry.state = 'failed';
    const { address, port, protocol, service } = entry.wanted;
    const problem = `cannot listen on ${address}:${port}/${protocol}: ${explain(error)}`;
    // Said once, not with every retry.
    if (said.get(wantedKey(entry.wanted)) !== problem) report(service, problem);
    said.set(wantedKey(entry.wanted), problem);
    retry ??= clock.after(RETRY_MS, () => {
      retry = undefined;
      for (const [key, other] of open) if (other.state === 'failed') open.delete(key);
      sync();
    });
  };
  const listenTcp = (wanted: Wanted): Open => {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      track(socket);
      serveTcp(socket, entry.wanted.backend, entry.wanted.external, { clock, suspect: table.suspect });
    });
    const ready = new Promise<void>((resolve) => {
      server.once('error', (error) => {
        fail(entry, error);
        resolve();
      });
      server.listen({ host: wanted.address, port: wanted.port, backlog: 1024, exclusive: true }, () => {
        entry.state = 'open';
        changed();
        resolve();
      });
    });
    const entry: Open = { wanted, state: 'opening', ready, close: () => server.close() };
    return entry;
  };
  const listenUdp = (wanted: Wanted): Open => {
    const socket = createSocket('udp4');
    const stop = serveUdp(socket, () => entry.wanted.backend, wanted.external, clock);
    const ready = new Promise<void>((resolve) => {
      socket.once('error', (error) => {
        fail(entry, error);
        resolve();
      });
      socket.bind({ address: wanted.address, port: wanted.port, exclusive: true }, () => {
        entry.state = 'open';
        socket.on('error', () => {});
        changed();
        resolve();
      });
    });
    const close = () => {
      stop();
      if (entry.state !== 'failed') socket.close();
    };
    const entry: Open = { wanted, state: 'opening', ready, close };
    return entry;
  };
  function sync(): void {
    if (closed) return;
    const { sockets, conflicts: lost } = wantedSockets(table.services(), options());
    for (const wanted of lost) {
      if (!conflicts.some((c) => wantedKey(c) === wantedKey(wanted) && c.service.metadata.uid === wanted.service.metadata.uid)) {
        report(wanted.service, `cannot listen on ${wanted.address}:${wanted.port}/${wanted.protocol}: another Service, or the ingress, has it`);
      }
    }
    conflicts = lost;
    for (const [key, entry] of open) {
      const wanted = sockets.get(key);
      if (wanted) {
        entry.wanted = wanted;
        continue;
      }
      open.delete(key);
      said.delete(key);
      entry.close();
    }
    claims?.keep(new Set([...sockets.values()].map(({ address }) => address)));
    for (const [key, wanted] of sockets) if (!open.has(key) && (claims?.ready(wanted.address) ?? true)) open.set(key, wanted.protocol === 'TCP' ? listenTcp(wanted) : listenUdp(wanted));
  }
  return {
    sync,
    settled: async () => void (await Promise.all([...open.values()].map((entry) => entry.ready))),
    listening(service) {
      const mine = (w: Wanted) => w.external && w.service.metadata.uid === service.metadata.uid;
      return !conflicts.some(mine) && [...open.values()].every((entry) => !mine(entry.wanted) || entry.state === 'open');
    },
    async close() {
      closed = true;
      retry?.cancel();
      for (const entry of open.values()) entry.close();
      open.clear();
      for (const socket of clients) socket.destroy();
      claims?.keep(new Set());
    },
  };
}

function explain(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return 'another program on this machine listens there';
    case 'EADDRNOTAVAIL':
      return 'it is not an address of this machine';
    case 'EACCES':
      return 'ports below 1024 need root';
    default:
      return error.message;
  }
}
