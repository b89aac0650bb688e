/** exec and attach over WebSocket: numbered channels (kubelet pkg/cri/streaming/remotecommand/websocket.go, apiserver pkg/util/proxy/streamtranslator.go). */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from '../../../base/clock.ts';
import type { ExecSession } from '../../runtime/runtime.ts';
import { heartbeat } from '../connection-life.ts';
import type { StreamRequest } from '../types.ts';
import { acceptWebSocket } from '../websocket/accept.ts';
import { openChannels } from '../websocket/channels.ts';
import { run } from './run.ts';
import { statusText } from './status.ts';

const PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io', 'v4.base64.channel.k8s.io', 'base64.channel.k8s.io', 'channel.k8s.io', ''];
const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
const ERROR = 3;
const RESIZE = 4;

/** Serves a command that is already running to a client that asked for WebSocket. */
export function serveWebSocket(clock: Clock, request: StreamRequest, session: ExecSession, raw: IncomingMessage, socket: Duplex, head: Buffer): void {
  let accepted = false;
  socket.once('close', () => {
    if (!accepted) session.kill();
  });
  acceptWebSocket(raw, socket, head, PROTOCOLS, (ws, protocol) => {
    accepted = true;
    const channels = openChannels(ws, protocol);
    heartbeat(clock, channels);
    const error = channels.writable(ERROR);
    const stdout = request.stdout ? channels.writable(STDOUT) : undefined;
    const stderr = request.stderr ? channels.writable(STDERR) : undefined;
    // Clients before v5 wait for an empty message: the connection stands.
    if (!protocol.startsWith('v5.')) (stdout ?? stderr ?? error).write(Buffer.alloc(0));
    void run(request.kind as 'exec' | 'attach', session, {
      stdin: request.stdin ? channels.readable(STDIN) : undefined,
      stdout,
      stderr,
      resize: channels.readable(RESIZE),
      gone: channels.closed,
      finish: (status) => {
        const text = statusText(status, protocol.includes('v4.') || protocol.includes('v5.'));
        if (text === '') channels.close();
        else error.end(text, () => channels.close());
      },
    });
  });
}
