import { Duplex } from 'node:stream';
import { GOAWAY, RST, encodeFrame, frameReader, type Frame } from './frames.ts';
import { headerReader, headerWriter, type Headers } from './headers.ts';

/** The server's side of a SPDY/3.1 connection. */
export interface SpdyConnection {
  /** Says goodbye and ends the connection once what was written is sent. */
  end(): void;
  /** Asks the client to answer; the answer means nothing. */
  ping(): void;
  /** Resolves when the connection is closed, for whatever reason. Never rejects. */
  readonly closed: Promise<void>;
}

/**
 * A stream that the client opened. Reading ends with the client's FIN, `end()` sends ours; `destroy()` before both resets it. It is destroyed with an error when the client
 * resets it or the connection goes.
 */
export interface SpdyStream {
  readonly id: number;
  readonly headers: Headers;
  readonly data: Duplex;
}

/** Bytes that wait in all streams together before we stop reading from the socket. The Go peer knows no flow control: one slow stream must not stop the others at once. */
const MAX_WAITING = 8 * 1024 * 1024;
const MAX_STREAMS = 8192;
const PIECE = 1024 * 1024;

interface Held {
  readonly stream: SpdyStream;
  readonly waiting: Buffer[];
  /** Whether the reader takes more. */
  wanted: boolean;
  remoteEnded: boolean;
  localEnded: boolean;
}

/** Speaks SPDY on a socket from now on. `accept` answers what is wrong with a new stream, if anything: then it is refused. A peer that breaks the protocol loses the connection. */
export function spdyServer(socket: Duplex, head: Buffer, accept: (stream: SpdyStream) => string | undefined): SpdyConnection {
  const streams = new Map<number, Held>();
  const readHeaders = headerReader();
  const writeHeaders = headerWriter();
  const onDrain: (() => void)[] = [];
  let lastId = 0;
  let lastPing = 0;
  let waiting = 0;
  let over = false;
  let ending = false;

  const send = (frame: Frame) => {
    if (!over && socket.writable) socket.write(encodeFrame(frame));
  };
  const forget = (held: Held) => {
    waiting -= size(held.waiting);
    held.waiting.length = 0;
    streams.delete(held.stream.id);
    resume();
  };
  const resume = () => {
    if (waiting <= MAX_WAITING / 2 && socket.isPaused() && !over) socket.resume();
  };
  const feed = (held: Held) => {
    const { data } = held.stream;
    while (held.wanted && held.waiting.length > 0) {
      const chunk = held.waiting.shift()!;
      waiting -= chunk.length;
      held.wanted = data.push(chunk);
    }
    if (held.waiting.length === 0 && held.remoteEnded && !data.readableEnded && !data.destroyed) data.push(null);
    resume();
  };
  const open = (id: number, headers: Headers, fin: boolean, unidirectional: boolean): Held => {
    const data = new Duplex({
      allowHalfOpen: true,
      read() {
        held.wanted = true;
        feed(held);
      },
      write(chunk: Buffer, _encoding, done) {
        if (over) return done(new Error('the connection is closed'));
        let room = true;
        for (let at = 0; at < chunk.length; at += PIECE) room = socket.write(encodeFrame({ type: 'data', id, fin: false, data: chunk.subarray(at, at + PIECE) }));
        if (room) done();
        else onDrain.push(done);
      },
      final(done) {
        held.localEnded = true;
        send({ type: 'data', id, fin: true, data: Buffer.alloc(0) });
        done();
      },
      destroy(error, done) {
        if (streams.has(id) && !(held.localEnded && held.remoteEnded)) send({ type: 'rst-stream', id, status: RST.cancel });
        forget(held);
        done(error);
      },
    });
    // Whoever uses the stream hears of its end; nobody has to.
    data.on('error', () => {});
    const held: Held = { stream: { id, headers, data }, waiting: [], wanted: true, remoteEnded: fin, localEnded: unidirectional };
    streams.set(id, held);
    if (unidirectional) data.end();
    return held;
  };

  const onFrame = (frame: Frame) => {
    if (over) return;
    switch (frame.type) {
      case 'syn-stream': {
        // Read it in any case: the next block builds on this one.
        const headers = readHeaders(frame.block);
        if (frame.id % 2 === 0 || frame.id <= lastId) return fail();
        lastId = frame.id;
        if (ending || streams.size >= MAX_STREAMS) return send({ type: 'rst-stream', id: frame.id, status: RST.refusedStream });
        const held = open(frame.id, headers, frame.fin, frame.unidirectional);
        if (!frame.unidirectional) send({ type: 'syn-reply', id: frame.id, fin: false, block: writeHeaders(new Map()) });
        if (accept(held.stream) !== undefined) {
          forget(held);
          send({ type: 'rst-stream', id: frame.id, status: RST.refusedStream });
          held.stream.data.destroy();
        } else if (frame.fin) feed(held);
        return;
      }
      case 'data': {
        const held = streams.get(frame.id);
        // Data may still be under way to a stream that is gone.
        if (!held) return frame.id > lastId ? fail() : undefined;
        if (held.remoteEnded) return;
        if (frame.data.length > 0) {
          held.waiting.push(frame.data);
          waiting += frame.data.length;
        }
        if (frame.fin) held.remoteEnded = true;
        feed(held);
        if (waiting > MAX_WAITING) socket.pause();
        return;
      }
      case 'rst-stream': {
        const held = streams.get(frame.id);
        if (!held) return;
        forget(held);
        held.stream.data.destroy(new Error('the client reset the stream'));
        return;
      }
      case 'headers':
      case 'syn-reply':
        readHeaders(frame.block);
        return;
      case 'ping':
        // Even ones are answers to ours.
        if (frame.id % 2 === 1) send(frame);
        return;
      case 'goaway':
        ending = true;
        return;
      case 'settings':
      case 'window-update':
        // The Go peers neither keep windows nor set anything: the socket's own back-pressure holds us back.
    }
  };

  const fail = () => {
    send({ type: 'goaway', lastId, status: GOAWAY.protocolError });
    socket.end();
    stop();
  };
  const stop = () => {
    if (over) return;
    over = true;
    const gone = new Error('the connection is closed');
    for (const held of streams.values()) held.stream.data.destroy(held.localEnded && held.remoteEnded ? undefined : gone);
    for (const done of onDrain.splice(0)) done();
  };
  const read = frameReader(onFrame);
  const receive = (chunk: Buffer) => {
    if (over) return;
    try {
      read(chunk);
    } catch {
      fail();
    }
  };

  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => {
      stop();
      resolve();
    });
  });
  socket.on('error', () => socket.destroy());
  socket.on('drain', () => {
    for (const done of onDrain.splice(0)) done();
  });
  socket.on('data', receive);
  socket.on('end', () => {
    stop();
    socket.end();
  });
  if (head.length > 0) receive(head);

  return {
    closed,
    ping: () => {
      lastPing = (lastPing + 2) % 0x80000000;
      send({ type: 'ping', id: lastPing });
    },
    end: () => {
      if (over || socket.writableEnded) return;
      ending = true;
      send({ type: 'goaway', lastId, status: GOAWAY.ok });
      socket.end();
    },
  };
}

function size(chunks: readonly Buffer[]): number {
  return chunks.reduce((sum, chunk) => sum + chunk.length, 0);
}
