/** For tests: a node whose commands are real processes, a server in front of it, and a client that speaks SPDY as kubectl does. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { realClock } from '../../base/clock.ts';
import { notFound } from '../../api/errors.ts';
import type { Pod } from '../../api/types/core.v1.ts';
import { streamServer } from './index.ts';
import { encodeFrame, frameReader, type Frame } from './spdy/frames.ts';
import { headerWriter } from './spdy/headers.ts';
import type { StreamRequest } from './types.ts';

const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'default', uid: 'u-1' }, spec: { containers: [] } } as unknown as Pod;

export const node: StreamRequest['node'] = {
  async exec(_namespace, _pod, container, command, { stdin }) {
    if (container === 'gone') throw notFound({ group: '', plural: 'containers' }, container);
    // The streams are there only after the handshake; a shell that waits for them keeps Node from reading them away.
    const child = spawn(command[0]!, command.slice(1), { stdio: ['pipe', 'pipe', 'pipe'] });
    await once(child, 'spawn');
    if (!stdin) child.stdin.end();
    child.stdin.on('error', () => {});
    return {
      stdin: stdin ? child.stdin : undefined, stdout: child.stdout, stderr: child.stderr, resize: () => {},
      exit: new Promise((resolve) => void child.once('close', (code) => resolve(code ?? 137))), kill: () => void child.kill('SIGKILL'),
    };
  },
  attach: () => Promise.reject(new Error('not here')),
  async portForward(_namespace, _pod, port) {
    const socket = connect({ port, allowHalfOpen: true });
    await once(socket, 'connect');
    return { readable: socket, writable: socket };
  },
};

export interface TestServer {
  readonly port: number;
  close(): Promise<void>;
}

/** `request` says what is asked on every connection. */
export async function serve(request: Partial<StreamRequest>): Promise<TestServer> {
  const streams = streamServer({ clock: realClock() });
  const sockets = new Set<Socket>();
  const server = createServer();
  server.on('connection', (socket) => sockets.add(socket));
  server.on('upgrade', (raw, socket, head) =>
    streams({ kind: 'exec', pod, node, command: [], stdin: false, stdout: true, stderr: true, tty: false, ports: [], ...request }, raw, socket, head));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** The SPDY client: opens streams, gathers what comes, keeps no windows. */
export async function spdyClient(port: number, protocol = 'v4.channel.k8s.io') {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(`POST /x HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n${protocol === '' ? '' : `X-Stream-Protocol-Version: ${protocol}\r\n`}\r\n`);
  let answer = '';
  const frames: Frame[] = [];
  const data = new Map<number, Buffer[]>();
  const ended = new Set<number>();
  const waiting: (() => void)[] = [];
  const wake = () => waiting.splice(0).forEach((go) => go());
  const read = frameReader((frame) => {
    frames.push(frame.type === 'data' ? { ...frame, data: Buffer.alloc(0) } : frame);
    if (frame.type !== 'data') return;
    data.set(frame.id, [...(data.get(frame.id) ?? []), Buffer.from(frame.data)]);
    if (frame.fin) ended.add(frame.id);
  });
  socket.on('data', (chunk: Buffer) => {
    const end = answer.includes('\r\n\r\n') ? 0 : (answer += chunk.toString('latin1')).indexOf('\r\n\r\n') + 4;
    if (answer.startsWith('HTTP/1.1 101') && end >= 0 && end < chunk.length + 1) read(end === 0 ? chunk : chunk.subarray(end));
    wake();
  });
  const closed = once(socket, 'close').then(() => wake());
  const write = headerWriter();
  let next = 1;
  const until = async (condition: () => boolean) => {
    while (!condition()) {
      if (socket.destroyed) throw new Error(`the connection closed: ${answer}`);
      await new Promise<void>((resolve) => void waiting.push(resolve));
    }
  };
  await Promise.race([until(() => answer.includes('\r\n\r\n')), closed]);
  return {
    socket, frames, closed, answer: () => answer, until,
    open(headers: Readonly<Record<string, string>>): number {
      const id = next;
      next += 2;
      socket.write(encodeFrame({ type: 'syn-stream', id, associated: 0, priority: 0, fin: false, unidirectional: false, block: write(new Map(Object.entries(headers))) }));
      return id;
    },
    send: (id: number, bytes: Buffer, fin = false) => void socket.write(encodeFrame({ type: 'data', id, fin, data: bytes })),
    frame: (frame: Frame) => void socket.write(encodeFrame(frame)),
    ended: (id: number) => until(() => ended.has(id)),
    received: (id: number) => Buffer.concat(data.get(id) ?? []),
  };
}
