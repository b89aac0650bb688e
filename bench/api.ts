/**
 * The API over HTTPS: durable creates, gets, lists, the time from a POST to its watch event, fan-out. The server runs in this process, the clients in a child that does nothing else.
 * Run: npx tsx bench/api.ts
 *
 * Machines are noisy, so each figure stands beside what the same machine does at the same time without us: a bare node:https server that reads a body and answers with it, and bare
 * appends to a file, each on disk before the next. `CPU` is the processor time of the server's whole process a request, which other processes do not change much.
 * Figures of kube-apiserver 1.20 with etcd on a 2-core Debian VM, for comparison: 1,600–2,400 creates/s, 5,200–7,700 gets/s, 0.9–1.2 ms from POST to event.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { constants, mkdtempSync, rmSync } from 'node:fs';
import { open as openFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createApiServer } from '../src/apiserver/index.ts';
import { createPki, issueCertificate } from '../src/apiserver/pki.ts';
import { realClock } from '../src/base/clock.ts';
import { systemRandom } from '../src/base/random.ts';
import { ConfigMaps } from '../src/api/kinds/core/config-map.ts';
import { Pods } from '../src/api/kinds/core/pod.ts';
import type { Pod } from '../src/api/types/core.v1.ts';
import { durableStore, memoryStore, type Store } from '../src/store/index.ts';
import { open, type Access, type Connection } from './connection.ts';

/** What the child is to do; it answers with figures. */
type Job = { readonly access: Access } & ({ readonly kind: 'load'; readonly method: string; readonly ms: number; readonly create: boolean; readonly path: string } | { readonly kind: 'latency'; readonly count: number } | { readonly kind: 'fan-out'; readonly watchers: number; readonly rate: number; readonly seconds: number });

interface Figures {
  readonly count: number;
  readonly ms: number;
  readonly p50: number;
  readonly p99: number;
  /** The child's processor time, ms. */
  readonly cpu: number;
}

const CONNECTIONS = 16;
const MAPS = '/api/v1/namespaces/default/configmaps';
/** Watched: a namespace of its own, so that a watch does not begin with all that the loads have made. */
const EVENTS = '/api/v1/namespaces/events/configmaps';
const clock = realClock();
const configMap = (name: string, namespace = 'default') => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data: { key: 'value', other: 'x'.repeat(200) } });
const percentile = (sorted: readonly number[], p: number) => sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * p) / 100))] ?? NaN;
const perSecond = (count: number, ms: number) => (count * 1000) / ms;
const show = (value: number) => Math.round(value).toLocaleString('en');
const cpuMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
const figures = (times: number[], ms: number, cpu: number): Figures => {
  times.sort((a, b) => a - b);
  return { count: times.length, ms, p50: percentile(times, 50), p99: percentile(times, 99), cpu };
};

if (process.send) process.on('message', (job: Job) => void work(job).then((result) => process.send!(result)));
else await parent();

async function parent(): Promise<void> {
  console.log(`load average ${loadavg().map((value) => value.toFixed(1)).join(' ')}`);
  const random = systemRandom();
  const directory = mkdtempSync(join(tmpdir(), 'coracle-bench-'));
  const pki = await createPki({ clock, hosts: ['127.0.0.1'] });
  const credentials = { ca: pki.ca.cert, ...(await issueCertificate(pki.ca, { commonName: 'bench', organizations: ['system:masters'], usage: 'client' }, clock)) };
  const child = fork(fileURLToPath(import.meta.url), [], { execArgv: process.execArgv.filter((flag) => !flag.startsWith('--cpu-prof')) });
  const echo = createServer({ cert: pki.serving.cert, key: pki.serving.key, ca: pki.ca.cert, requestCert: true, rejectUnauthorized: false }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      response.writeHead(201, { 'content-type': 'application/json', 'content-length': body.length });
      response.end(body);
    });
  });
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
  const echoAccess: Access = { port: (echo.address() as AddressInfo).port, ...credentials };

  const serve = async (store: Store) => {
    const began = clock.monotonic();
    const server = await createApiServer({ store, clock, random, pki, admission: [] });
    const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
    return { server, access: { port, ...credentials }, ms: clock.monotonic() - began };
  };
  const store = await durableStore(join(directory, 'store'));
  const durable = await serve(store);
  const memory = await serve(memoryStore());
  console.log(`start ${durable.ms.toFixed(0)} ms, ${(process.memoryUsage().rss / 2 ** 20).toFixed(0)} MiB`);

  for (const writers of [1, 16, 64]) {
    const bare = await commits(join(directory, `bare-${writers}`), writers);
    const { rate, cpu } = await inProcess(durable.server.client(), writers);
    console.log(`in process, ${writers} writers: ${show(rate)} durable creates/s, CPU ${cpu.toFixed(0)} µs; bare appends of ${writers} records ${show(bare)}/s (ratio ${(rate / bare).toFixed(2)})`);
  }
  const inMemory = await inProcess(memory.server.client(), 64);
  console.log(`in process, 64 writers, memory store: ${show(inMemory.rate)} creates/s, CPU ${inMemory.cpu.toFixed(0)} µs`);

  const load = async (access: Access, create: boolean, ms = 3_000) => {
    const before = cpuMs();
    const result = await ask(child, { kind: 'load', access, method: create ? 'POST' : 'GET', create, path: create ? MAPS : `${MAPS}/get-me`, ms });
    const cpu = ((cpuMs() - before) * 1000) / result.count;
    return { rate: perSecond(result.count, result.ms), text: `${show(perSecond(result.count, result.ms))}/s (p50 ${result.p50.toFixed(2)} ms, p99 ${result.p99.toFixed(2)} ms, CPU ${cpu.toFixed(0)} µs, the client's ${((result.cpu * 1000) / result.count).toFixed(0)} µs)` };
  };
  for (const { server } of [durable, memory]) await server.client().create(ConfigMaps, configMap('get-me'));
  for (const access of [echoAccess, memory.access]) await load(access, true, 1_000);
  const bare = await load(echoAccess, true);
  console.log(`HTTPS, ${CONNECTIONS} connections, bare echo: ${bare.text}`);
  for (const [what, access, create] of [['gets', durable.access, false], ['creates, memory store', memory.access, true], ['durable creates', durable.access, true]] as const) {
    const { rate, text } = await load(access, create);
    console.log(`HTTPS, ${CONNECTIONS} connections, ${what}: ${text}; ratio to the echo ${(rate / bare.rate).toFixed(2)}`);
  }
  for (const [what, access] of [['memory', memory.access], ['durable', durable.access]] as const) {
    const { p50, p99 } = await ask(child, { kind: 'latency', access, count: 500 });
    console.log(`POST to watch event, ${what} store: p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`);
  }
  const fan = await ask(child, { kind: 'fan-out', access: durable.access, watchers: 100, rate: 500, seconds: 4 });
  console.log(`fan-out to 100 watchers at 500 durable writes/s: ${show(perSecond(fan.count, fan.ms))} events/s, POST to event p50 ${fan.p50.toFixed(1)} ms, p99 ${fan.p99.toFixed(1)} ms, the client's CPU ${((fan.cpu / fan.ms) * 100).toFixed(0)} %`);
  await listPods(memory.server);
  console.log(`at the end ${(process.memoryUsage().rss / 2 ** 20).toFixed(0)} MiB, load average ${loadavg().map((value) => value.toFixed(1)).join(' ')}`);
  child.kill();
  await durable.server.close();
  await memory.server.close();
  await store.close();
  rmSync(directory, { recursive: true });
  process.exit(0);
}

function ask(child: ChildProcess, job: Job): Promise<Figures> {
  return new Promise((resolve, reject) => {
    child.once('message', (result) => resolve(result as Figures));
    child.once('exit', (code) => reject(new Error(`the client ended with ${code}`)));
    child.send(job);
  });
}

/** Records a second when as many as there are writers go into each append. */
async function commits(path: string, batch: number): Promise<number> {
  const file = await openFile(path, constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC | constants.O_DSYNC);
  const records = Array.from({ length: batch }, () => Buffer.from(JSON.stringify(configMap('bare'))));
  const began = clock.monotonic();
  let [count, position] = [0, 0];
  while (clock.monotonic() - began < 1_000) {
    position += (await file.writev(records, position)).bytesWritten;
    count += batch;
  }
  const rate = perSecond(count, clock.monotonic() - began);
  await file.close();
  return rate;
}

async function inProcess(client: ReturnType<Awaited<ReturnType<typeof createApiServer>>['client']>, writers: number) {
  let made = 0;
  const began = clock.monotonic();
  const before = cpuMs();
  await Promise.all(Array.from({ length: writers }, async () => {
    while (clock.monotonic() - began < 2_000) await client.create(ConfigMaps, configMap(`in-${writers}-${made++}`));
  }));
  return { rate: perSecond(made, clock.monotonic() - began), cpu: ((cpuMs() - before) * 1000) / made };
}

async function listPods(server: Awaited<ReturnType<typeof createApiServer>>): Promise<void> {
  const client = server.client();
  await Promise.all(Array.from({ length: 5_000 }, (_, i) => client.create(Pods, {
    apiVersion: 'v1', kind: 'Pod', metadata: { name: `pod-${i}`, namespace: 'default', labels: { app: 'bench' } },
    spec: { containers: [{ name: 'c', image: 'nginx:1', resources: { requests: { cpu: '10m' } }, ports: [{ containerPort: 80 }] }] },
  } as Pod)));
  for (const [what, headers] of [['JSON', {}], ['Table', { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' }]] as const) {
    const times: number[] = [];
    for (let i = 0; i < 20; i++) {
      const at = clock.monotonic();
      await client.raw({ method: 'GET', path: '/api/v1/pods', headers });
      times.push(clock.monotonic() - at);
    }
    times.sort((a, b) => a - b);
    console.log(`list of 5,000 pods as ${what}: p50 ${percentile(times, 50).toFixed(1)} ms, p99 ${percentile(times, 99).toFixed(1)} ms`);
  }
}

let names = 0;

function work(job: Job): Promise<Figures> {
  return job.kind === 'load' ? load(job) : job.kind === 'latency' ? latency(job) : fanOut(job);
}

async function load({ access, method, path, ms, create }: Job & { kind: 'load' }): Promise<Figures> {
  const connections = await Promise.all(Array.from({ length: CONNECTIONS }, () => open(access)));
  const times: number[] = [];
  const began = clock.monotonic();
  const before = cpuMs();
  await Promise.all(connections.map(async (connection) => {
    for (let at = clock.monotonic(); at - began < ms;) {
      const status = await connection.send(method, path, create ? JSON.stringify(configMap(`load-${names++}`)) : undefined);
      if (status !== (create ? 201 : 200)) throw new Error(`${method} answered ${status}`);
      const now = clock.monotonic();
      times.push(now - at);
      at = now;
    }
  }));
  const result = figures(times, clock.monotonic() - began, cpuMs() - before);
  for (const connection of connections) connection.close();
  return result;
}

/** Follows the ConfigMaps that come from now on; tells of their names. */
async function follow(access: Access, count: number, seen: (name: string, at: number) => void): Promise<readonly Connection[]> {
  const connections = await Promise.all(Array.from({ length: count }, () => open(access)));
  const ready = connections.map((connection) => new Promise<void>((resolve) => {
    connection.follow(`${EVENTS}?watch=1`, (text) => {
      resolve();
      const at = clock.monotonic();
      for (const match of text.matchAll(/"name":"(event-\d+)"/g)) seen(match[1]!, at);
    });
  }));
  await Promise.all(ready);
  return connections;
}

async function latency({ access, count }: Job & { kind: 'latency' }): Promise<Figures> {
  const waiting = new Map<string, (at: number) => void>();
  const connections = [...(await follow(access, 1, (name, at) => waiting.get(name)?.(at)))];
  const writer = await open(access);
  connections.push(writer);
  const times: number[] = [];
  const start = clock.monotonic();
  for (let i = 0; i < count; i++) {
    const name = `event-${names++}`;
    const arrival = new Promise<number>((resolve) => waiting.set(name, resolve));
    const began = clock.monotonic();
    const answered = writer.send('POST', EVENTS, JSON.stringify(configMap(name, 'events')));
    times.push((await arrival) - began);
    await answered;
  }
  for (const connection of connections) connection.close();
  return figures(times, clock.monotonic() - start, 0);
}

async function fanOut({ access, watchers, rate, seconds }: Job & { kind: 'fan-out' }): Promise<Figures> {
  const sent = new Map<string, number>();
  const times: number[] = [];
  const connections = await follow(access, watchers, (name, at) => {
    const began = sent.get(name);
    if (began !== undefined) times.push(at - began);
  });
  const writers = await Promise.all(Array.from({ length: 32 }, () => open(access)));
  const before = cpuMs();
  const start = clock.monotonic();
  const total = rate * seconds;
  let next = 0;
  // Each write has its moment, whoever makes it: a server that is late does not slow the clients down unseen.
  await Promise.all(writers.map(async (writer) => {
    for (let i = next++; i < total; i = next++) {
      const due = start + (i * 1000) / rate;
      const early = due - clock.monotonic();
      if (early > 0) await clock.sleep(early);
      const name = `event-${names++}`;
      sent.set(name, Math.max(due, clock.monotonic()));
      await writer.send('POST', EVENTS, JSON.stringify(configMap(name, 'events')));
    }
  }));
  while (times.length < total * watchers && clock.monotonic() - start < (seconds + 20) * 1000) await clock.sleep(20);
  const result = figures(times, clock.monotonic() - start, cpuMs() - before);
  for (const connection of [...connections, ...writers]) connection.close();
  return result;
}
