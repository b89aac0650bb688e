import { connect, type Socket } from 'node:net';
import type { Clock, Timer } from '../../base/clock.ts';
import { serveHttp, type RequestHandler } from '../http1/downstream.ts';
import type { Forward } from '../http1/exchange.ts';
import { UpstreamConnection } from '../http1/upstream.ts';
import type { Backend } from '../table/backend.ts';
import type { Endpoint, Tunnel } from '../table/endpoint.ts';
import { sniff } from './sniff.ts';
import { reset } from './reset.ts';
import { splice } from './splice.ts';

/** A client that says nothing for this long may be waiting for the server to speak first. */
const CLIENT_FIRST_MS = 20;
const CONNECT_TIMEOUT_MS = 5_000;
const MOST_ATTEMPTS = 12;

export interface TcpProxy {
  readonly clock: Clock;
  suspect(endpoint: Endpoint): void;
}

/**
 * Serves a connection to a Service. What looks like HTTP/1.x is cut into requests (ServerConnection); everything else is spliced to one pod. Which of the two it is, the client's first bytes tell; where it
 * stays silent a pod is connected meanwhile, as the server may be the one to begin.
 */
export function serveTcp(client: Socket, backend: Backend, external: boolean, proxy: TcpProxy): void {
  const { clock } = proxy;
  const address = client.remoteAddress ?? '';
  if (backend.refuses(address, external)) return void reset(client);
  const http = backend.spec.appProtocol === undefined || /^(http|kubernetes\.io\/ws)$/.test(backend.spec.appProtocol);
  const tried = new Set<Endpoint>();
  let early: Buffer | undefined;
  let raw = !http;
  let upstream: Socket | undefined;
  let connected = false;
  let attempts = 0;
  let giveUp: (() => void) | undefined;
  let timer: Timer | undefined;
  /** A pod that is connected to while neither side has said anything. */
  let waiting: { endpoint: Endpoint; tunnel: Tunnel } | undefined;

  const stopWaiting = () => {
    if (!waiting) return;
    const { endpoint, tunnel } = waiting;
    waiting = undefined;
    endpoint.tunnels.delete(tunnel);
    endpoint.quiet?.();
  };
  const detach = () => {
    client.off('data', onData);
    client.off('close', onGone);
    client.off('end', onEnd);
    timer?.cancel();
    giveUp?.();
  };
  const onGone = () => {
    detach();
    stopWaiting();
    upstream?.destroy();
  };
  const onEnd = () => {
    // A client that says nothing and goes: nothing was ever at stake. One that sent something has it delivered first.
    if (early === undefined) return void client.destroy();
    raw = true;
    proceed();
  };
  const onData = (bytes: Buffer) => {
    early = early === undefined ? bytes : Buffer.concat([early, bytes]);
    if (!raw) {
      const kind = sniff(early);
      if (kind === 'more') return;
      if (kind === 'http') return becomeHttp();
      raw = true;
    }
    client.pause();
    proceed();
  };
  const proceed = () => {
    timer?.cancel();
    if (waiting && connected) becomeRaw(waiting.endpoint);
    else if (upstream === undefined && giveUp === undefined) dial();
  };
  const becomeHttp = () => {
    detach();
    // From here on it is nobody's attempt: that it ends says nothing about the pod, and asks for no other.
    const socket = upstream;
    upstream = undefined;
    // A pod connected in the meantime serves as the first connection for its requests.
    if (waiting && socket && connected && !waiting.endpoint.draining) {
      socket.removeAllListeners();
      waiting.endpoint.idle.push(new UpstreamConnection(waiting.endpoint, clock, socket));
    } else socket?.destroy();
    stopWaiting();
    serveHttp(client, address, transparent(backend, external, proxy), early);
  };
  const becomeRaw = (endpoint: Endpoint) => {
    detach();
    const socket = upstream!;
    socket.removeAllListeners();
    if (early) socket.write(early);
    splice(client, socket, endpoint, clock);
    stopWaiting();
    client.resume();
  };
  const dial = () => {
    const endpoint = backend.choose(address, external, tried);
    if (!endpoint) {
      tried.clear();
      giveUp = backend.wait(address, external, (found) => {
        giveUp = undefined;
        if (found && ++attempts < MOST_ATTEMPTS) dial();
        else reset(client);
      });
      return;
    }
    const socket = connect({ host: endpoint.address, port: endpoint.port, noDelay: true, allowHalfOpen: true });
    upstream = socket;
    const timeout = clock.after(CONNECT_TIMEOUT_MS, () => socket.destroy(new Error('connect timed out')));
    // From here on a drain waits for it.
    const tunnel: Tunnel = { endIfQuiet: () => redial(socket) };
    endpoint.tunnels.add(tunnel);
    waiting = { endpoint, tunnel };
    connected = false;
    socket.on('error', () => {});
    socket.once('close', () => {
      timeout.cancel();
      if (upstream !== socket) return;
      stopWaiting();
      upstream = undefined;
      if (client.destroyed) return;
      if (connected) return void reset(client);
      proxy.suspect(endpoint);
      tried.add(endpoint);
      dial();
    });
    socket.once('connect', () => {
      timeout.cancel();
      connected = true;
      socket.setKeepAlive(true, 60_000);
      if (early !== undefined && raw) becomeRaw(endpoint);
      // The server speaks first, or goes without a word: it is no HTTP.
      else {
        const speaks = (greeting?: Buffer) => {
          if (upstream !== socket || !waiting) return;
          if (greeting) client.write(greeting);
          becomeRaw(endpoint);
        };
        socket.once('data', speaks);
        socket.once('end', () => speaks());
      }
    });
  };
  /** The pod drains before anything was said: another takes its place, and the client never knows. */
  const redial = (socket: Socket): boolean => {
    if (upstream !== socket) return false;
    stopWaiting();
    upstream = undefined;
    socket.destroy();
    dial();
    return true;
  };

  client.setNoDelay(true);
  client.setKeepAlive(true, 60_000);
  client.on('error', () => {});
  client.on('data', onData);
  client.on('close', onGone);
  client.on('end', onEnd);
  if (raw) dial();
  else timer = clock.after(CLIENT_FIRST_MS, dial);
}

/** Requests pass as they are: a Service's proxy changes nothing. */
function transparent(backend: Backend, external: boolean, proxy: TcpProxy): RequestHandler {
  const forward: Forward = { kind: 'forward', backend, external, head: undefined, protocol: 'http', responseFields: undefined, timeoutMs: undefined, finished: undefined };
  return { clock: proxy.clock, suspect: proxy.suspect, route: () => forward };
}
