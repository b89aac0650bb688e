import { createServer } from 'node:net';
import { connect } from 'node:tls';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { namesServer } from './client-hello.ts';

/** What Node's own TLS client sends first. */
const helloFor = (servername: string) =>
  new Promise<Buffer>((resolve) => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', (bytes: Buffer) => {
        resolve(bytes);
        socket.destroy();
        server.close();
      });
    });
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      connect({ host: '127.0.0.1', port, servername }).on('error', () => {});
    });
  });

test('a hello that names a host, and one that does not; neither is known before its record is whole', async () => {
  const named = await helloFor('a.example');
  const unnamed = await helloFor('');
  expect(namesServer(named)).toBe(true);
  expect(namesServer(unnamed)).toBe(false);
  for (const hello of [named, unnamed]) for (let length = 0; length < hello.length; length++) expect(namesServer(hello.subarray(0, length))).toBe(undefined);
});

test('what is no hello names nobody, whatever it is', () => {
  expect(namesServer(Buffer.from('GET / HTTP/1.1\r\n'))).toBe(false);
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (body) => {
    const record = Buffer.concat([Buffer.from([22, 3, 1, 0, body.length]), body]);
    expect(typeof namesServer(record)).toBe('boolean');
  }));
});
