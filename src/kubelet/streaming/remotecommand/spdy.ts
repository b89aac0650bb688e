/** exec and attach over SPDY: one stream each (kubelet pkg/cri/streaming/remotecommand/httpstream.go). */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from '../../../base/clock.ts';
import type { ExecSession } from '../../runtime/runtime.ts';
import { upgradeToSpdy } from '../handshake.ts';
import { heartbeat, leave } from '../connection-life.ts';
import { spdyServer, type SpdyStream } from '../spdy/connection.ts';
import type { StreamRequest } from '../types.ts';
import { run } from './run.ts';
import { statusText } from './status.ts';

const PROTOCOLS = ['v4.channel.k8s.io', 'v3.channel.k8s.io', 'v2.channel.k8s.io', 'channel.k8s.io'];
/** streaming.DefaultConfig StreamCreationTimeout. */
const CREATION_MS = 30_000;
const TYPES = ['error', 'stdin', 'stdout', 'stderr', 'resize'] as const;
type StreamType = (typeof TYPES)[number];

/** Serves a command that is already running to a client that asked for SPDY; a client that does not open its streams in time loses connection and command. */
export function serveSpdy(clock: Clock, request: StreamRequest, session: ExecSession, raw: IncomingMessage, socket: Duplex, head: Buffer): void {
  const protocol = upgradeToSpdy(raw, socket, PROTOCOLS);
  if (protocol === undefined) return session.kill();
  const resizes = protocol === PROTOCOLS[0] || protocol === PROTOCOLS[1];
  const expected: StreamType[] = ['error', ...(['stdin', 'stdout', 'stderr'] as const).filter((type) => request[type]), ...(request.tty && resizes ? ['resize' as const] : [])];
  const streams = new Map<StreamType, SpdyStream>();
  let started = false;

  const connection = spdyServer(socket, head, (stream) => {
    const type = TYPES.find((name) => name === stream.headers.get('streamtype'));
    if (!type || streams.has(type)) return `unexpected stream type: "${stream.headers.get('streamtype') ?? ''}"`;
    streams.set(type, stream);
    // Outside of this call: the stream's reply goes first.
    if (!started && expected.every((name) => streams.has(name))) {
      started = true;
      queueMicrotask(start);
    }
    return undefined;
  });
  heartbeat(clock, connection);
  const late = clock.after(CREATION_MS, () => {
    session.kill();
    connection.end();
  });
  void connection.closed.then(() => {
    late.cancel();
    if (!started) session.kill();
  });

  const start = () => {
    late.cancel();
    const error = streams.get('error')!.data;
    // The client's ends of these say nothing, but must be heard.
    for (const type of ['error', 'stdout', 'stderr'] as const) streams.get(type)?.data.resume();
    void run(request.kind as 'exec' | 'attach', session, {
      stdin: streams.get('stdin')?.data,
      stdout: streams.get('stdout')?.data,
      stderr: streams.get('stderr')?.data,
      resize: streams.get('resize')?.data,
      gone: connection.closed,
      finish: (status) => {
        error.end(statusText(status, protocol === PROTOCOLS[0]));
        for (const type of ['stdout', 'stderr'] as const) streams.get(type)?.data.end();
        leave(clock, connection);
      },
    });
  };
}
