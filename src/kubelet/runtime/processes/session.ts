import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { PassThrough, Writable } from 'node:stream';
import type { ExecSession } from '../runtime.ts';

/** Connects to a shim's socket. `path` must be short: the kernel takes 108 bytes. */
export function connectTo(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path, allowHalfOpen: true });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}

const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
const EXIT = 3;
const SIZE = 4;
const END_OF_STDIN = 5;
const SIGNAL = 9;

/**
 * A shim's frames (see `launcher/streams.ts`) as streams. `kill` of an attached session only lets go of it; that of an exec goes by a connection of its own (`again`), for on this
 * one it would wait behind input that the command does not read.
 */
export function openSession(socket: Socket, options: { readonly tty: boolean; readonly stdin: boolean; readonly again?: () => Promise<Socket> }): ExecSession {
  const stdout = new PassThrough();
  const stderr = options.tty ? undefined : new PassThrough();
  const send = (type: number, data: Buffer, done?: () => void) => void socket.write(frame(type, data), () => done?.());
  const stdin = options.stdin
    ? new Writable({
        write: (chunk: Buffer, _encoding, done) => send(STDIN, chunk, done),
        final: (done) => send(END_OF_STDIN, Buffer.alloc(0), done),
      })
    : undefined;
  stdin?.on('error', () => {});

  const exit = new Promise<number>((resolve, reject) => {
    let code: number | undefined;
    const behind = new Set<PassThrough>();
    let buffer: Buffer = Buffer.alloc(0);
    const onFrame = (type: number, data: Buffer) => {
      if (type === EXIT) code = Number(data.toString());
      const target = type === STDOUT ? stdout : type === STDERR ? stderr : undefined;
      // A reader that falls behind stops the program, not this process' memory.
      if (target && !target.write(data) && !behind.has(target)) {
        behind.add(target);
        socket.pause();
        target.once('drain', () => {
          behind.delete(target);
          if (behind.size === 0) socket.resume();
        });
      }
    };
    socket.on('data', (chunk: Buffer) => {
      buffer = buffer.length === 0 ? chunk : Buffer.concat([buffer, chunk]);
      let at = 0;
      while (buffer.length - at >= 5) {
        const length = buffer.readUInt32BE(at + 1);
        if (buffer.length - at < 5 + length) break;
        onFrame(buffer.readUInt8(at), buffer.subarray(at + 5, at + 5 + length));
        at += 5 + length;
      }
      buffer = buffer.subarray(at);
    });
    socket.on('end', () => socket.end());
    socket.on('error', () => {});
    socket.on('close', () => {
      stdout.end();
      stderr?.end();
      stdin?.destroy();
      if (code !== undefined) resolve(code);
      else reject(new Error('the session was cut off'));
    });
  });
  exit.catch(() => {});
  return {
    stdin,
    stdout,
    stderr,
    exit,
    resize: (columns, rows) => {
      const data = Buffer.alloc(4);
      data.writeUInt16BE(columns, 0);
      data.writeUInt16BE(rows, 2);
      send(SIZE, data);
    },
    kill: () => {
      if (!options.again) return void socket.destroy();
      options.again().then((other) => {
        other.on('error', () => {});
        other.end(frame(SIGNAL, Buffer.from('KILL')));
        other.resume();
      }, () => {
        // It has ended.
      });
    },
  };
}

function frame(type: number, data: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(type, 0);
  head.writeUInt32BE(data.length, 1);
  return Buffer.concat([head, data]);
}
