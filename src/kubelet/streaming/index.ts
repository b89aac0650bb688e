/** The kubelet's streaming server: exec, attach and port-forward over SPDY/3.1 and WebSocket, and `/proxy` (upstream: pkg/cri/streaming, pkg/registry/core/*\/rest). */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { StatusError, badRequest } from '../../api/errors.ts';
import type { Clock } from '../../base/clock.ts';
import type { ExecSession } from '../runtime/runtime.ts';
import { refuse, upgradeOf, upgradeToSpdy } from './handshake.ts';
import { PORT_FORWARD, servePairs } from './portforward/spdy.ts';
import { serveWebSocket as forwardOverWebSocket } from './portforward/websocket.ts';
import { serveSpdy } from './remotecommand/spdy.ts';
import { serveWebSocket } from './remotecommand/websocket.ts';
import { failedSession } from './remotecommand/failed.ts';
import type { StreamRequest } from './types.ts';

export type { StreamRequest } from './types.ts';
export { proxyHandler, type ProxyOptions, type ProxyRequest } from './proxy/handler.ts';

export interface StreamServerOptions {
  readonly clock: Clock;
}

/** Takes over an upgraded connection: answers the handshake itself, also to refuse it, and ends the socket. Fits the apiserver's `streams`. */
export type StreamServer = (request: StreamRequest, raw: IncomingMessage, socket: Duplex, head: Buffer) => void;

export function streamServer({ clock }: StreamServerOptions): StreamServer {
  return (request, raw, socket, head) => {
    socket.on('error', () => socket.destroy());
    const upgrade = upgradeOf(raw.headers);
    if (!upgrade) return refuseWith(socket, badRequest('Upgrade request required'));
    if (request.kind === 'portforward') {
      if (upgrade === 'websocket') forwardOverWebSocket(clock, request, raw, socket, head);
      else if (upgradeToSpdy(raw, socket, [PORT_FORWARD]) !== undefined) servePairs(clock, request, socket, head);
      return;
    }
    begin(request).then(
      (session) => {
        if (socket.destroyed) session.kill();
        else if (upgrade === 'websocket') serveWebSocket(clock, request, session, raw, socket, head);
        else serveSpdy(clock, request, session, raw, socket, head);
      },
      (error: unknown) => refuseWith(socket, error instanceof StatusError ? error : badRequest(String(error))),
    );
  };
}

/** Starts the command before the upgrade is answered, so that a container that is not there is an HTTP error. Rejects with StatusError. */
async function begin(request: StreamRequest): Promise<ExecSession> {
  const { kind, node, pod, container, command, stdin, tty } = request;
  const { namespace = '', name = '' } = pod.metadata;
  try {
    return kind === 'exec' ? await node.exec(namespace, name, container, command, { stdin, tty }) : await node.attach(namespace, name, container, { stdin, tty });
  } catch (error) {
    if (error instanceof StatusError) throw error;
    // What the runtime says of the command is for the error stream.
    return failedSession(error);
  }
}

function refuseWith(socket: Duplex, error: StatusError): void {
  refuse(socket, error.code, JSON.stringify(error.status), {}, 'application/json');
}
