import { createSocket, type Socket } from 'node:dgram';
import type { Clock } from '../../base/clock.ts';
import type { Backend } from '../table/backend.ts';
import type { Endpoint } from '../table/endpoint.ts';

/** A flow that is quiet for this long is forgotten (nf_conntrack_udp_timeout_stream is 120 s; answers to one question need far less). */
const FLOW_IDLE_MS = 60_000;
const MOST_FLOWS = 16_384;
const MOST_EARLY = 64;

interface Flow {
  readonly socket: Socket;
  readonly endpoint: Endpoint;
  usedAt: number;
  /** Datagrams that came before the socket was ready. */
  early: Buffer[] | undefined;
}

/**
 * Serves a UDP port of a Service on `server`, a bound socket: each client address has a socket of its own towards one pod, so answers find their way back. A pod that leaves loses its flows at once; the next
 * datagram goes to another. Returns the function that ends it.
 */
export function serveUdp(server: Socket, backend: () => Backend, external: boolean, clock: Clock): () => void {
  const flows = new Map<string, Flow>();
  const drop = (key: string) => {
    flows.get(key)?.socket.close();
    flows.delete(key);
  };
  const open = (key: string, client: { address: string; port: number }): Flow | undefined => {
    const endpoint = backend().choose(client.address, external);
    if (!endpoint) return undefined;
    if (flows.size >= MOST_FLOWS) drop(flows.keys().next().value!);
    const socket = createSocket('udp4');
    const flow: Flow = { socket, endpoint, usedAt: clock.monotonic(), early: [] };
    socket.on('message', (message) => {
      flow.usedAt = clock.monotonic();
      server.send(message, client.port, client.address);
    });
    // Port unreachable: the pod does not listen (any more).
    socket.on('error', () => flows.get(key) === flow && drop(key));
    socket.connect(endpoint.port, endpoint.address, () => {
      const early = flow.early ?? [];
      flow.early = undefined;
      for (const message of early) send(flow, message);
    });
    flows.set(key, flow);
    return flow;
  };
  const send = (flow: Flow, message: Buffer) => {
    if (flow.early) {
      if (flow.early.length < MOST_EARLY) flow.early.push(message);
      return;
    }
    try {
      flow.socket.send(message);
    } catch {
      // The socket was closed under the datagram; datagrams may be lost.
    }
  };
  server.on('message', (message, client) => {
    const key = `${client.address}:${client.port}`;
    let flow = flows.get(key);
    if (flow && (flow.endpoint.draining || flow.endpoint.holders.size === 0)) {
      drop(key);
      flow = undefined;
    }
    if (flow) {
      flow.usedAt = clock.monotonic();
      return send(flow, message);
    }
    const opened = open(key, client);
    if (opened) send(opened, message);
  });
  const sweep = () => {
    const limit = clock.monotonic() - FLOW_IDLE_MS;
    for (const [key, flow] of flows) if (flow.usedAt < limit) drop(key);
    timer = clock.after(FLOW_IDLE_MS / 4, sweep);
  };
  let timer = clock.after(FLOW_IDLE_MS / 4, sweep);
  return () => {
    timer.cancel();
    for (const key of flows.keys()) drop(key);
  };
}
