/** Numbered channels over WebSocket messages: the first byte says which (apimachinery pkg/util/httpstream/wsstream/conn.go). */
import { Readable, Writable } from 'node:stream';
import type { WebSocket } from 'ws';

export interface Channels {
  /** What the client sends on a channel; other channels' messages are dropped. */
  readable(channel: number): Readable;
  /** Ending it sends nothing: the protocol has no word for it from server to client. */
  writable(channel: number): Writable;
  /** Closes once all that was written is sent. */
  close(): void;
  /** Asks the client to answer; the answer means nothing. */
  ping(): void;
  /** Resolves when the connection is closed. Never rejects. */
  readonly closed: Promise<void>;
}

/** v5's word for "this channel of mine has ended". */
const CLOSE = 255;
/** Bytes that a channel may hold before the connection is not read any further. */
const MAX_WAITING = 4 * 1024 * 1024;

export function openChannels(ws: WebSocket, protocol: string): Channels {
  const base64 = protocol.includes('base64');
  const closes = protocol.startsWith('v5.');
  const readables = new Map<number, Readable>();
  const behind = new Set<Readable>();
  const took = (readable: Readable) => {
    behind.delete(readable);
    if (behind.size === 0 && ws.isPaused) ws.resume();
  };
  ws.on('message', (message: Buffer) => {
    if (message.length === 0) return;
    const first = message.readUInt8(0);
    if (closes && first === CLOSE) {
      const channel = message.length === 2 ? message.readUInt8(1) : -1;
      const readable = readables.get(channel);
      if (readable && !readable.readableEnded) readable.push(null);
      readables.delete(channel);
      return;
    }
    const readable = readables.get(base64 ? first - 0x30 : first);
    if (!readable || readable.destroyed || message.length === 1) return;
    const data = base64 ? Buffer.from(message.toString('latin1', 1), 'base64') : message.subarray(1);
    readable.push(data);
    if (readable.readableLength < MAX_WAITING) return;
    behind.add(readable);
    ws.pause();
  });
  const closed = new Promise<void>((resolve) => {
    ws.once('close', () => {
      for (const readable of readables.values()) readable.destroy();
      resolve();
    });
  });

  return {
    closed,
    close: () => ws.close(1000),
    ping: () => ws.ping(() => {}),
    readable: (channel) => {
      const readable: Readable = new Readable({
        read: () => took(readable),
        destroy(error, done) {
          took(readable);
          done(error);
        },
      });
      readable.on('error', () => {});
      readables.set(channel, readable);
      return readable;
    },
    writable: (channel) => {
      const writable = new Writable({
        write(chunk: Buffer, _encoding, done) {
          const message = base64 ? String.fromCharCode(0x30 + channel) + chunk.toString('base64') : Buffer.concat([Buffer.from([channel]), chunk]);
          ws.send(message, { binary: !base64 }, done);
        },
      });
      writable.on('error', () => {});
      return writable;
    },
  };
}
