/** port-forward over WebSocket: two channels a port, named in the query (kubelet pkg/cri/streaming/portforward/websocket.go), or SPDY inside (apiserver pkg/util/proxy, KEP-4006). */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { createWebSocketStream, type WebSocket } from 'ws';
import type { Clock } from '../../../base/clock.ts';
import { refuse } from '../handshake.ts';
import { heartbeat, leave } from '../connection-life.ts';
import type { StreamRequest } from '../types.ts';
import { acceptWebSocket } from '../websocket/accept.ts';
import { openChannels } from '../websocket/channels.ts';
import { forward } from './forward.ts';
import { PORT_FORWARD, servePairs } from './spdy.ts';

const TUNNEL = `SPDY/3.1+${PORT_FORWARD}`;
/** A channel's number is one byte. */
const MAX_PORTS = 127;
const CHANNELS = ['v4.channel.k8s.io', 'v4.base64.channel.k8s.io', ''];

/** Serves port-forwards to a client that asked for WebSocket. */
export function serveWebSocket(clock: Clock, request: StreamRequest, raw: IncomingMessage, socket: Duplex, head: Buffer): void {
  const tunnels = (raw.headers['sec-websocket-protocol'] ?? '').includes(TUNNEL);
  if (!tunnels && request.ports.length === 0) return refuse(socket, 400, 'query parameter "ports" is required\n');
  if (request.ports.length > MAX_PORTS) return refuse(socket, 400, `${request.ports.length} ports are too many\n`);
  acceptWebSocket(raw, socket, head, tunnels ? [TUNNEL] : CHANNELS, (ws, protocol) => {
    if (protocol === TUNNEL) servePairs(clock, request, createWebSocketStream(ws), Buffer.alloc(0));
    else void servePorts(clock, request, ws, protocol);
  });
}

async function servePorts(clock: Clock, request: StreamRequest, ws: WebSocket, protocol: string): Promise<void> {
  const channels = openChannels(ws, protocol);
  heartbeat(clock, channels);
  await Promise.all(request.ports.map((port, index) => {
    const data = channels.writable(index * 2);
    const error = channels.writable(index * 2 + 1);
    void channels.closed.then(() => data.destroy());
    const number = Buffer.alloc(2);
    number.writeUInt16LE(port);
    data.write(number);
    error.write(number);
    return forward(request, { port, readable: channels.readable(index * 2), writable: data, fail: (message) => void error.write(message) });
  }));
  channels.close();
  leave(clock, { end: () => ws.terminate(), closed: channels.closed });
}
