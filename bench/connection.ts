/** A client that does as little as it can: one TLS connection, one request at a time, HTTP/1.1 by hand. What it measures is the server. */
import { connect, type TLSSocket } from 'node:tls';

export interface Access {
  readonly port: number;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export interface Connection {
  /** Resolves with the status once the whole answer is there. */
  send(method: string, path: string, body?: string): Promise<number>;
  /** Sends a GET whose answer does not end, and tells of each chunk. */
  follow(path: string, chunk: (text: string) => void): void;
  close(): void;
}

const END = Buffer.from('\r\n\r\n');

export async function open({ port, ...credentials }: Access): Promise<Connection> {
  const socket: TLSSocket = connect({ host: '127.0.0.1', port, ...credentials, ALPNProtocols: ['http/1.1'] });
  socket.setNoDelay(true);
  await new Promise<void>((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
  let rest: Buffer = Buffer.alloc(0);
  let answered = (_status: number) => {};
  const read = (chunk: Buffer) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const end = rest.indexOf(END);
    if (end < 0) return;
    const head = rest.toString('latin1', 0, end);
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
    if (rest.length < end + 4 + length) return;
    rest = rest.subarray(end + 4 + length);
    answered(Number(head.slice(9, 12)));
  };
  socket.on('data', read);
  const request = (method: string, path: string, body?: string) =>
    socket.write(`${method} ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n${body === undefined ? '' : `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`}\r\n${body ?? ''}`);
  return {
    send: (method, path, body) => new Promise((resolve) => {
      answered = resolve;
      request(method, path, body);
    }),
    follow(path, chunk) {
      socket.off('data', read);
      socket.on('data', (data: Buffer) => chunk(data.toString()));
      request('GET', path);
    },
    close: () => socket.destroy(),
  };
}
