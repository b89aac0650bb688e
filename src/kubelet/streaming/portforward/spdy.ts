/** port-forward over SPDY: a pair of streams, error and data, for each connection (kubelet pkg/cri/streaming/portforward/httpstream.go). */
import type { Duplex } from 'node:stream';
import type { Clock, Timer } from '../../../base/clock.ts';
import { heartbeat } from '../connection-life.ts';
import { spdyServer, type SpdyStream } from '../spdy/connection.ts';
import type { StreamRequest } from '../types.ts';
import { forward } from './forward.ts';

export const PORT_FORWARD = 'portforward.k8s.io';
/** streaming.DefaultConfig StreamCreationTimeout. */
const CREATION_MS = 30_000;

interface Pair {
  error?: SpdyStream;
  data?: SpdyStream;
  readonly late: Timer;
}

/** Serves port-forwards on a connection that already speaks SPDY, until the client closes it. */
export function servePairs(clock: Clock, request: StreamRequest, socket: Duplex, head: Buffer): void {
  const pairs = new Map<string, Pair>();
  const pairOf = (id: string): Pair => {
    const known = pairs.get(id);
    if (known) return known;
    const pair: Pair = {
      late: clock.after(CREATION_MS, () => {
        pairs.delete(id);
        pair.error?.data.end(`(request=${id}) timed out waiting for streams`);
        pair.data?.data.destroy();
      }),
    };
    pairs.set(id, pair);
    return pair;
  };

  const connection = spdyServer(socket, head, (stream) => {
    const type = stream.headers.get('streamtype');
    if (type !== 'error' && type !== 'data') return `invalid stream type "${type ?? ''}"`;
    const port = portOf(stream);
    if (port === undefined) return `unable to parse "${stream.headers.get('port') ?? ''}" as a port`;
    const id = requestId(stream, type);
    const pair = pairOf(id);
    if (pair[type]) return `${type} stream already assigned`;
    pair[type] = stream;
    const { error, data } = pair;
    if (!error || !data) return undefined;
    pair.late.cancel();
    pairs.delete(id);
    queueMicrotask(() => void serve(request, port, error, data));
    return undefined;
  });
  heartbeat(clock, connection);
  void connection.closed.then(() => {
    for (const pair of pairs.values()) pair.late.cancel();
  });
}

async function serve(request: StreamRequest, port: number, error: SpdyStream, data: SpdyStream): Promise<void> {
  // The client says nothing on it, but its end must be heard.
  error.data.resume();
  await forward(request, {
    port,
    readable: data.data,
    writable: data.data,
    fail: (message) => {
      error.data.write(message);
      data.data.destroy();
    },
  });
  error.data.end();
}

function portOf(stream: SpdyStream): number | undefined {
  const text = stream.headers.get('port') ?? '';
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 0xffff ? port : undefined;
}

/** Clients before 1.6 name no request: their error stream comes first, and its data stream has the next id. */
function requestId(stream: SpdyStream, type: 'error' | 'data'): string {
  return stream.headers.get('requestid') || String(type === 'error' ? stream.id : stream.id - 2);
}
