import { createSocket } from 'node:dgram';
import { Agent } from 'node:http';
import { connect, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { Services } from '../api/kinds/core/service.ts';
import type { Client } from '../client/index.ts';
import type { Network } from './index.ts';
import { testClient } from './testing/api.ts';
import { createService, podOf, setPods } from './testing/cluster.ts';
import { clock, get, reachable, startNetwork } from './testing/network.ts';
import { httpPod, until, type HttpPod } from './testing/pods.ts';

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

let last = 0;

async function network(client: Client): Promise<Network> {
  const made = await startNetwork(client);
  cleanups.push(() => made.stop());
  return made;
}

async function pod(name: string, port = 8080, handler?: Parameters<typeof httpPod>[3]): Promise<HttpPod> {
  const made = await httpPod(name, `127.97.1.${++last}`, port, handler);
  cleanups.push(() => made.kill());
  return made;
}

describe('service proxy', () => {
  test('answers on the cluster IP, spreads over the ready pods and refuses when there are none', async () => {
    const client = testClient();
    const net = await network(client);
    await createService(client, 'web', { clusterIP: '127.96.0.20', ports: [{ port: 8000 }] });
    await net.settled();
    await expect(get('127.96.0.20', 8000)).rejects.toThrow('ECONNREFUSED');
    const [a, b, c] = [await pod('a'), await pod('b'), await pod('c')];
    await setPods(client, 'web', 8080, [a, b, { ...c, name: c.name, ip: c.ip, ready: false }]);
    await until(() => reachable('127.96.0.20', 8000));
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    cleanups.push(() => agent.destroy());
    const bodies = new Set<string>();
    for (let i = 0; i < 10; i++) bodies.add((await get('127.96.0.20', 8000, { agent })).body);
    expect([...bodies].sort()).toEqual(['a', 'b']);
    expect(net.requestStats().pods.find((p) => p.name === 'a')?.requests).toBeGreaterThan(3);
  });

  test('a load balancer address works and stands in the status; a node port works', async () => {
    const client = testClient();
    const net = await network(client);
    await createService(client, 'lb', { clusterIP: '127.96.0.21', type: 'LoadBalancer', ports: [{ port: 38081, nodePort: 38181 }] });
    await setPods(client, 'lb', 8080, [await pod('only')]);
    await until(() => reachable('127.0.0.1', 38081));
    await net.settled();
    expect((await get('127.0.0.1', 38181)).body).toBe('only');
    await until(async () => (await client.get(Services, 'lb', { namespace: 'default' })).status?.loadBalancer?.ingress?.[0]?.ip === '127.0.0.1');
  });

  test('a pod gets nothing before it listens, and requests meanwhile wait', async () => {
    const client = testClient();
    await network(client);
    await createService(client, 'slow', { clusterIP: '127.96.0.22', ports: [{ port: 8000 }] });
    const ip = `127.97.2.1`;
    await setPods(client, 'slow', 8080, [{ name: 'late', ip }]);
    await until(() => new Promise((resolve) => connect(8000, '127.96.0.22', () => resolve(true)).on('error', () => resolve(false))));
    const early = get('127.96.0.22', 8000);
    const late = await httpPod('late', ip, 8080);
    cleanups.push(() => late.kill());
    expect((await early).body).toBe('late');
  });

  test('drain: a keep-alive connection moves on, the request in flight is finished, nothing fails', async () => {
    const client = testClient();
    const net = await network(client);
    await createService(client, 'web', { clusterIP: '127.96.0.23', ports: [{ port: 8000 }] });
    let finish: (() => void) | undefined;
    const old = await pod('old', 8080, (request, response) => {
      if (request.url === '/slow') finish = () => response.end('old, slowly');
      else response.end('old');
    });
    await setPods(client, 'web', 8080, [old]);
    await until(() => reachable('127.96.0.23', 8000));
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    cleanups.push(() => agent.destroy());
    expect((await get('127.96.0.23', 8000, { agent })).body).toBe('old');
    const slow = get('127.96.0.23', 8000, { path: '/slow' });
    await until(() => finish !== undefined);
    const next = await pod('new');
    await setPods(client, 'web', 8080, [old, next]);
    await until(async () => (await get('127.96.0.23', 8000)).body === 'new');
    let drained = false;
    const done = net.drain.unpublish(podOf('old'), clock.now() + 10_000).then(() => (drained = true));
    for (let i = 0; i < 6; i++) expect((await get('127.96.0.23', 8000, { agent })).body).toBe('new');
    expect(drained).toBe(false);
    finish!();
    expect((await slow).body).toBe('old, slowly');
    await done;
  });

  test('the last pod serves on until its replacement listens', async () => {
    const client = testClient();
    const net = await network(client);
    await createService(client, 'one', { clusterIP: '127.96.0.24', ports: [{ port: 8000 }] });
    const old = await pod('old');
    await setPods(client, 'one', 8080, [old]);
    await until(() => reachable('127.96.0.24', 8000));
    await setPods(client, 'one', 8080, [{ ...old, name: 'old', ip: old.ip, terminating: true, serving: true }, { name: 'new', ip: '127.97.2.2' }]);
    let drained = false;
    const done = net.drain.unpublish(podOf('old'), clock.now() + 10_000).then(() => (drained = true));
    expect((await get('127.96.0.24', 8000)).body).toBe('old');
    expect(drained).toBe(false);
    const next = await httpPod('new', '127.97.2.2', 8080);
    cleanups.push(() => next.kill());
    await done;
    expect((await get('127.96.0.24', 8000)).body).toBe('new');
  });

  test('a request whose pod dies is repeated elsewhere when that is safe', async () => {
    const client = testClient();
    await network(client);
    await createService(client, 'web', { clusterIP: '127.96.0.25', ports: [{ port: 8000 }] });
    const bad = await pod('bad', 8080, (_, response) => void (response.socket as Socket).resetAndDestroy());
    const good = await pod('good');
    await setPods(client, 'web', 8080, [bad, good]);
    await until(() => reachable('127.96.0.25', 8000));
    for (let i = 0; i < 10; i++) expect(await get('127.96.0.25', 8000)).toMatchObject({ status: 200, body: 'good' });
    const posts = await Promise.all(Array.from({ length: 8 }, () => get('127.96.0.25', 8000, { method: 'POST', body: 'x' })));
    expect(new Set(posts.map((p) => p.status))).toEqual(new Set([200, 502]));
  });

  test('other protocols are spliced: the server may speak first, half-closed streams work, a quiet one ends with its pod', async () => {
    const client = testClient();
    const net = await network(client);
    await createService(client, 'tcp', { clusterIP: '127.96.0.26', ports: [{ port: 25 }, { name: 'sum', port: 7 }].map((p) => ({ ...p, port: p.port + 9000 })) });
    const greeter = createServer((socket) => {
      socket.write('220 hello\r\n');
      socket.on('data', (line) => socket.write(`250 ${String(line)}`));
    }).listen(8080, '127.97.3.1');
    const counter = createServer({ allowHalfOpen: true }, (socket) => {
      let count = 0;
      socket.on('data', (bytes) => (count += bytes.length));
      socket.on('end', () => socket.end(String(count)));
      socket.on('error', () => {});
    }).listen(8081, '127.97.3.1');
    cleanups.push(() => void greeter.close(), () => void counter.close());
    await setPods(client, 'tcp', 8080, [{ name: 'mail', ip: '127.97.3.1' }]);
    await until(() => new Promise((resolve) => connect(9025, '127.96.0.26', () => resolve(true)).on('error', () => resolve(false))));
    const session = connect(9025, '127.96.0.26');
    const greeting = await new Promise<string>((resolve) => session.once('data', (bytes) => resolve(String(bytes))));
    expect(greeting).toBe('220 hello\r\n');
    for (const line of ['HELO', 'QUIT']) {
      const answer = new Promise<string>((resolve) => session.once('data', (bytes) => resolve(String(bytes))));
      session.write(line);
      expect(await answer).toBe(`250 ${line}`);
    }
    const closed = new Promise((resolve) => session.once('close', resolve));
    await setPods(client, 'tcp', 8081, [{ name: 'count', ip: '127.97.3.1' }], {});
    await net.drain.unpublish(podOf('mail'), clock.now() + 5_000);
    await closed;
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect({ port: 9025, host: '127.96.0.26', allowHalfOpen: true });
      let text = '';
      socket.on('error', reject);
      socket.on('data', (bytes) => (text += String(bytes)));
      socket.on('end', () => resolve(text));
      socket.end(Buffer.alloc(3_000_000, 1));
    });
    expect(answer).toBe('3000000');
  });

  test('without root, a DNS address that cannot be had is said, and the rest works', async () => {
    const client = testClient();
    const net = await startNetwork(client, { dnsAddress: '192.0.2.200' });
    expect(net.limitations).toEqual(['cluster DNS cannot listen on 192.0.2.200:0: it is not an address of this machine. Names of Services are not resolved.']);
    await net.stop();
  });

  test('session affinity keeps a client with its pod', async () => {
    const client = testClient();
    await network(client);
    await createService(client, 'sticky', { clusterIP: '127.96.0.27', ports: [{ port: 8000 }], sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 100 } } });
    await setPods(client, 'sticky', 8080, [await pod('a'), await pod('b'), await pod('c')]);
    await until(() => reachable('127.96.0.27', 8000));
    const bodies = new Set((await Promise.all(Array.from({ length: 12 }, () => get('127.96.0.27', 8000)))).map((r) => r.body));
    expect(bodies.size).toBe(1);
  });

  test('a request at zero is held for whoever promises to wake the workload', async () => {
    const client = testClient();
    const net = await network(client);
    await createService(client, 'idle', { clusterIP: '127.96.0.28', ports: [{ port: 8000 }] });
    const asked: string[] = [];
    const waker = await pod('woken');
    net.onHold((service) => {
      asked.push(`${service.namespace}/${service.name}`);
      void setPods(client, 'idle', 8080, [waker]);
      return true;
    });
    await net.settled();
    expect((await get('127.96.0.28', 8000)).body).toBe('woken');
    expect(asked).toEqual(['default/idle']);
  });

  test('UDP: answers come back from the service address, and a pod that drains loses its flows at once', async () => {
    const client = testClient();
    const net = await network(client);
    await createService(client, 'udp', { clusterIP: '127.96.0.29', ports: [{ port: 5300, protocol: 'UDP' }] });
    for (const [name, ip] of [['u1', '127.97.5.1'], ['u2', '127.97.5.2']] as const) {
      const socket = createSocket('udp4').on('message', (message, from) => socket.send(`${name} ${String(message)}`, from.port, from.address));
      await new Promise<void>((resolve) => void socket.bind(8080, ip, resolve));
      cleanups.push(() => void socket.close());
    }
    await setPods(client, 'udp', 8080, [{ name: 'u1', ip: '127.97.5.1' }], { protocol: 'UDP' });
    await net.settled();
    const asker = createSocket('udp4');
    cleanups.push(() => void asker.close());
    const ask = async () => {
      const answer = new Promise<string>((resolve) => asker.once('message', (message, from) => resolve(`${from.address} ${String(message)}`)));
      const again = new AbortController();
      const repeat = async () => {
        while (!again.signal.aborted) {
          asker.send('hello', 5300, '127.96.0.29');
          await clock.sleep(50);
        }
      };
      const sending = repeat();
      const text = await answer;
      again.abort();
      await sending;
      return text;
    };
    expect(await ask()).toBe('127.96.0.29 u1 hello');
    await setPods(client, 'udp', 8080, [{ name: 'u1', ip: '127.97.5.1', terminating: true }, { name: 'u2', ip: '127.97.5.2' }], { protocol: 'UDP' });
    await net.drain.unpublish(podOf('u1'), clock.now() + 5_000);
    await until(async () => (await ask()) === '127.96.0.29 u2 hello');
  });

  test('a slow reader slows the pod down instead of filling memory', async () => {
    const client = testClient();
    await network(client);
    await createService(client, 'big', { clusterIP: '127.96.0.30', ports: [{ port: 8000 }] });
    let written = 0;
    const big = await pod('big', 8080, (_, response) => {
      const more = () => {
        while (written < 400) {
          written++;
          if (!response.write(Buffer.alloc(100_000))) return void response.once('drain', more);
        }
        response.end();
      };
      more();
    });
    await setPods(client, 'big', 8080, [big]);
    await until(() => new Promise((resolve) => connect(8000, '127.96.0.30', () => resolve(true)).on('error', () => resolve(false))));
    const socket = connect(8000, '127.96.0.30');
    socket.pause();
    socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    await until(() => written > 0);
    await clock.sleep(300);
    expect(written).toBeLessThan(300);
    let received = 0;
    socket.on('data', (bytes) => (received += bytes.length)).resume();
    await new Promise((resolve) => socket.on('close', resolve));
    expect(received).toBeGreaterThan(40_000_000);
  });
});
