import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { realClock } from '../../base/clock.ts';
import type { Backend } from '../table/backend.ts';
import { serveHttp } from './downstream.ts';

test.each([[false, /^HTTP\/1\.1 503 .*no endpoints available for service "d\/s"/s], [true, /^reset$/]])('a Service where waiting was in vain; others have endpoints: %j', async (refuses, expected) => {
  const backend = { namespace: 'd', service: 's', choose: () => undefined, wait: (_client: string, _external: boolean, done: (found: boolean) => void) => { queueMicrotask(() => done(false)); return () => {}; }, refuses: () => refuses } as unknown as Backend;
  const server = createServer({ allowHalfOpen: true }, (socket) => serveHttp(socket, 'somebody', {
    clock: realClock(), suspect: () => {},
    route: () => ({ kind: 'forward', backend, external: false, head: undefined, protocol: 'http', responseFields: undefined, timeoutMs: undefined, finished: undefined }),
  }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const said = await new Promise<string>((resolve) => {
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    client.on('data', (bytes) => { resolve(bytes.toString()); client.destroy(); });
    client.on('error', () => resolve('reset'));
    client.write('GET / HTTP/1.1\r\nHost: s\r\n\r\n');
  });
  expect(said).toMatch(expected);
  server.close();
});
