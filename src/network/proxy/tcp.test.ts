import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { virtualClock } from '../../base/clock.ts';
import type { Backend } from '../table/backend.ts';
import { Endpoint } from '../table/endpoint.ts';
import { serveTcp } from './tcp.ts';

const open: (Server | Socket)[] = [];
afterEach(() => {
  for (const one of open.splice(0)) if ('destroy' in one) one.destroy();
    else one.close();
});

async function listening(accept: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    open.push(socket);
    accept(socket);
  });
  open.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

test('a request that comes while a pod is being connected takes its own way: the pod is not suspected, and no third connection is made', async () => {
  let connections = 0;
  const port = await listening((socket) => {
    connections++;
    socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'));
  });
  const clock = virtualClock();
  const endpoint = new Endpoint('key', { address: '127.0.0.1', port, pod: 'default/a', podUid: 'a' } as ConstructorParameters<typeof Endpoint>[1], () => clock.monotonic());
  const suspected: Endpoint[] = [];
  let accept: (socket: Socket) => void;
  const proxied = new Promise<Socket>((resolve) => (accept = resolve));
  const client = connect(await listening((socket) => accept(socket)), '127.0.0.1');
  open.push(client);
  const accepted = await proxied;
  let chosen = 0;
  const choose = () => {
    // The client was silent for long enough that a pod is connected to; before that stands, it speaks.
    if (++chosen === 1) process.nextTick(() => accepted.emit('data', Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n')));
    return endpoint;
  };

  serveTcp(accepted, { spec: {}, choose, refuses: () => false } as unknown as Backend, false, { clock, suspect: (one) => void suspected.push(one) });
  const answered = once(client, 'data') as Promise<[Buffer]>;
  await clock.advance(20);
  expect((await answered)[0].toString()).toContain('\r\n\r\nok');
  expect(suspected).toEqual([]);
  expect(chosen).toBe(2);
  expect(connections).toBeLessThanOrEqual(2);
  expect(endpoint.tunnels.size).toBe(0);
});
