/**
 * The API over HTTPS: durable creates, gets, lists, and the time from a POST to its watch event. The server runs in this process, the clients in a child. Run: npx tsx bench/api.ts
 * Figures of kube-apiserver 1.20 with etcd on a 2-core Debian VM, for comparison: 1,600–2,400 creates/s, 5,200–7,700 gets/s, 0.9–1.2 ms from POST to event.
 */
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Agent, request } from 'undici';
import { createApiServer } from '../src/apiserver/index.ts';
import { createPki, issueCertificate } from '../src/apiserver/pki.ts';
import { realClock } from '../src/base/clock.ts';
import { systemRandom } from '../src/base/random.ts';
import { ConfigMaps } from '../src/api/kinds/core/config-map.ts';
import { Pods } from '../src/api/kinds/core/pod.ts';
import type { Pod } from '../src/api/types/core.v1.ts';
import { durableStore } from '../src/store/index.ts';

interface Job {
  readonly url: string;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  readonly seconds: number;
}

const CONNECTIONS = 16;
const configMap = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data: { key: 'value', other: 'x'.repeat(200) } });
const percentile = (sorted: readonly number[], p: number) => sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * p) / 100))] ?? NaN;

if (process.send) await child();
else await parent();

async function parent(): Promise<void> {
  const clock = realClock();
  const random = systemRandom();
  const directory = mkdtempSync(join(tmpdir(), 'coracle-bench-'));
  const store = await durableStore(directory);
  const started = clock.monotonic();
  const pki = await createPki({ clock, hosts: ['127.0.0.1'] });
  const server = await createApiServer({ store, clock, random, pki, admission: [] });
  const { url } = await server.listen({ host: '127.0.0.1', port: 0 });
  console.log(`start ${(clock.monotonic() - started).toFixed(0)} ms, ${(process.memoryUsage().rss / 2 ** 20).toFixed(0)} MiB`);
  const client = server.client();

  for (const writers of [1, 16, 64]) {
    let made = 0;
    const began = clock.monotonic();
    await Promise.all(Array.from({ length: writers }, async (_, w) => {
      while (clock.monotonic() - began < 2_000) await client.create(ConfigMaps, configMap(`in-${writers}-${w}-${made++}`));
    }));
    console.log(`in process, ${writers} writers: ${rate(made, clock.monotonic() - began)} durable creates/s`);
  }

  const admin = await issueCertificate(pki.ca, { commonName: 'bench', organizations: ['system:masters'], usage: 'client' }, clock);
  const job: Job = { url, ca: pki.ca.cert, ...admin, seconds: 4 };
  const worker = fork(fileURLToPath(import.meta.url), [], { execArgv: process.execArgv });
  await new Promise<void>((resolve, reject) => {
    worker.on('message', (line) => (line === 'done' ? resolve() : console.log(String(line))));
    worker.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`the client ended with ${code}`))));
    worker.send(job);
  });

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
  console.log(`at the end ${(process.memoryUsage().rss / 2 ** 20).toFixed(0)} MiB`);
  worker.kill();
  await server.close();
  await store.close();
  rmSync(directory, { recursive: true });
  process.exit(0);
}

function rate(count: number, ms: number): string {
  return Math.round((count * 1000) / ms).toLocaleString('en');
}

async function child(): Promise<void> {
  const job = await new Promise<Job>((resolve) => process.once('message', (message) => resolve(message as Job)));
  const clock = realClock();
  const dispatcher = new Agent({ connections: CONNECTIONS, connect: { ca: job.ca, cert: job.cert, key: job.key } });
  const path = `${job.url}/api/v1/namespaces/default/configmaps`;
  const headers = { 'content-type': 'application/json' };
  const post = async (name: string) => {
    const answer = await request(path, { dispatcher, method: 'POST', headers, body: JSON.stringify(configMap(name)) });
    await answer.body.dump();
    if (answer.statusCode !== 201) throw new Error(`POST answered ${answer.statusCode}`);
  };
  const load = async (what: string, once: (i: number) => Promise<unknown>) => {
    let count = 0;
    const times: number[] = [];
    const began = clock.monotonic();
    await Promise.all(Array.from({ length: CONNECTIONS }, async () => {
      while (clock.monotonic() - began < job.seconds * 1000) {
        const at = clock.monotonic();
        await once(count++);
        times.push(clock.monotonic() - at);
      }
    }));
    const ms = clock.monotonic() - began;
    times.sort((a, b) => a - b);
    process.send!(`HTTPS, ${CONNECTIONS} connections: ${rate(times.length, ms)} ${what}/s (p50 ${percentile(times, 50).toFixed(2)} ms, p99 ${percentile(times, 99).toFixed(2)} ms)`);
  };
  await post('get-me');
  await load('warm-up gets', async () => (await request(`${path}/get-me`, { dispatcher })).body.dump());
  await load('gets', async () => (await request(`${path}/get-me`, { dispatcher })).body.dump());
  await load('durable creates', (i) => post(`load-${i}`));

  const listed = (await (await request(`${path}?limit=1`, { dispatcher })).body.json()) as { metadata: { resourceVersion: string } };
  const seen = new Map<string, (at: number) => void>();
  const watching = new Agent({ connections: 1, bodyTimeout: 0, connect: { ca: job.ca, cert: job.cert, key: job.key } });
  const { body } = await request(`${path}?watch=1&resourceVersion=${listed.metadata.resourceVersion}`, { dispatcher: watching });
  let rest = '';
  body.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop()!;
    for (const line of lines) if (line !== '') seen.get((JSON.parse(line) as { object: { metadata: { name: string } } }).object.metadata.name)?.(clock.monotonic());
  });
  body.on('error', () => {});
  const latencies: number[] = [];
  for (let i = 0; i < 1_000; i++) {
    const name = `seen-${i}`;
    const arrival = new Promise<number>((resolve) => seen.set(name, resolve));
    const began = clock.monotonic();
    const posted = post(name);
    latencies.push((await arrival) - began);
    await posted;
  }
  latencies.sort((a, b) => a - b);
  process.send!(`POST to watch event: p50 ${percentile(latencies, 50).toFixed(2)} ms, p99 ${percentile(latencies, 99).toFixed(2)} ms`);
  process.send!('done');
  body.destroy();
}
