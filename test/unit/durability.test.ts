import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildSync } from 'esbuild';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { ConfigMaps } from '../../src/api/kinds/core/config-map.ts';
import type { ConfigMap } from '../../src/api/types/core.v1.ts';
import { createPki, issueCertificate, type KeyPair, type Pki } from '../../src/apiserver/pki.ts';
import { realClock } from '../../src/base/clock.ts';
import { seededRandom } from '../../src/base/random.ts';
import { httpClient, type HttpClient } from '../../src/client/http.ts';
import { createInformer } from '../../src/client/index.ts';
import { durableStore } from '../../src/store/index.ts';

// CORACLE_CRASH_ROUNDS=100 for the long run.
const ROUNDS = Number(process.env['CORACLE_CRASH_ROUNDS'] ?? 10);
const CLIENTS = 16;
const WATCHERS = 180;
const INFORMERS = 20;

const clock = realClock();
const random = seededRandom(1);
const root = mkdtempSync(join(tmpdir(), 'coracle-durability-'));
const program = join(root, 'server.cjs');
const keys = join(root, 'pki.json');
const NAMESPACE = 'default';
let pki: Pki;
let admin: KeyPair;
const closers: (() => Promise<void>)[] = [];

beforeAll(async () => {
  buildSync({ entryPoints: [resolve('test/unit/durability.server.ts')], bundle: true, platform: 'node', format: 'cjs', packages: 'external', outfile: program, logLevel: 'error' });
  pki = await createPki({ clock, hosts: ['127.0.0.1'] });
  admin = await issueCertificate(pki.ca, { commonName: 'admin', organizations: ['system:masters'], usage: 'client' }, clock);
  writeFileSync(keys, JSON.stringify(pki), { mode: 0o600 });
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

interface Running {
  readonly port: number;
  /** SIGKILL; resolves when the process has gone. */
  kill(): Promise<void>;
}

async function start(directory: string, port = 0): Promise<Running> {
  const child: ChildProcess = spawn(process.execPath, [program, directory, String(port), keys], { env: { ...process.env, NODE_PATH: resolve('node_modules') }, stdio: ['ignore', 'pipe', 'inherit'] });
  const gone = once(child, 'exit');
  const kill = async () => {
    child.kill('SIGKILL');
    await gone;
  };
  closers.push(kill);
  const said = await Promise.race([once(child.stdout!, 'data') as Promise<[Buffer]>, gone.then(() => undefined)]);
  if (!said) throw new Error('the server ended by itself');
  return { port: Number(said[0].toString()), kill };
}

function clientOf(port: number): HttpClient {
  const client = httpClient({ server: `https://127.0.0.1:${port}`, ca: pki.ca.cert, credentials: async () => ({ certificate: admin.cert, key: admin.key }) });
  closers.push(() => client.close());
  return client;
}

/** An object whose parts must fit together. */
const configMap = (name: string, count: number): ConfigMap => ({
  apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: NAMESPACE }, data: { count: String(count), filler: `${count};`.repeat(1 + (count % 400)) },
});
const isWhole = ({ data }: ConfigMap) => data?.['filler'] === `${data?.['count']};`.repeat(1 + (Number(data?.['count']) % 400));

/** Writes until the server is gone: new objects, and one that is changed again and again. `acknowledged` is told of each answer. */
async function write(client: HttpClient, prefix: string, acknowledged: (object: ConfigMap) => void): Promise<void> {
  try {
    const counter = await client.create(ConfigMaps, configMap(`${prefix}-counter`, 0));
    acknowledged(counter);
    for (let i = 1; ; i++) {
      acknowledged(await client.create(ConfigMaps, configMap(`${prefix}-${i}`, i)));
      acknowledged(await client.update(ConfigMaps, configMap(`${prefix}-counter`, i)));
    }
  } catch (error) {
    // No answer: nobody knows whether the write was done. An answer that says no would be a defect.
    if (typeof (error as { code?: unknown }).code === 'number') throw error;
  }
}

test(`every write that HTTPS acknowledged is there after a SIGKILL, ${ROUNDS} times`, { timeout: 30_000 + ROUNDS * 15_000 }, async () => {
  const directory = join(root, 'killed');
  const expected = new Map<string, ConfigMap>();
  for (let round = 0; round < ROUNDS; round++) {
    const server = await start(directory);
    const client = clientOf(server.port);
    const before = expected.size;
    const enough = CLIENTS + random.int(400);
    let count = 0;
    let killed: Promise<void> | undefined;
    await Promise.all(Array.from({ length: CLIENTS }, (_, i) => write(client, `r${round}-${i}`, (object) => {
      expected.set(object.metadata.name!, object);
      if (++count === enough) killed = server.kill();
    })));
    await killed;
    expect(expected.size).toBeGreaterThan(before);
    await client.close();
    const store = await durableStore(directory);
    try {
      for (const [name, object] of expected) {
        const found = store.get(`configmaps/${NAMESPACE}/${name}`);
        expect(found, name).toBeDefined();
        const least = Number(object.metadata.resourceVersion);
        // A counter may have moved on without an answer; nothing else may have changed.
        if (name.endsWith('-counter')) expect(found!.revision, name).toBeGreaterThanOrEqual(least);
        else expect(found!.object, name).toEqual(object);
      }
      for (const { object } of store.list(`configmaps/${NAMESPACE}/`).entries) expect(isWhole(object as ConfigMap), object.metadata.name!).toBe(true);
    } finally {
      await store.close();
    }
  }
});

test(`${WATCHERS} watches and ${INFORMERS} informers lose, double or reorder nothing when the server is killed`, { timeout: 120_000 }, async () => {
  const directory = join(root, 'watched');
  let server = await start(directory);
  const { port } = server;
  const client = clientOf(port);
  const from = (await client.list(ConfigMaps, { namespace: NAMESPACE })).metadata.resourceVersion;
  let over = false;

  /** Every event's version, in the order of arrival, over however many connections it takes. */
  const follow = (): number[] => {
    const seen: number[] = [];
    const open = () => {
      const resourceVersion = seen.length > 0 ? String(seen.at(-1)) : from;
      const watch = client.watch(ConfigMaps, { namespace: NAMESPACE, resourceVersion }, {
        event: ({ type, object }) => {
          if (type === 'BOOKMARK' || type === 'ERROR') return;
          seen.push(Number((object as ConfigMap).metadata.resourceVersion));
        },
        closed: () => {
          if (!over) void sleep(50).then(open);
        },
      });
      closers.push(async () => watch.stop());
    };
    open();
    return seen;
  };
  const watchers = Array.from({ length: WATCHERS }, follow);
  const backwards: string[] = [];
  const informers = Array.from({ length: INFORMERS }, () => {
    const informer = createInformer(client, clock, random, ConfigMaps, { namespace: NAMESPACE, onError: () => {} });
    informer.onChange({ updated: (old, next) => {
      if (Number(next.metadata.resourceVersion) < Number(old.metadata.resourceVersion)) backwards.push(next.metadata.name!);
    } });
    return informer;
  });
  await Promise.all(informers.map((informer) => informer.start()));
  closers.push(async () => informers.forEach((informer) => informer.stop()));

  const acknowledged = new Map<string, number>();
  for (let restart = 0; restart < 3; restart++) {
    const enough = 50 + random.int(100);
    let count = 0;
    let killed: Promise<void> | undefined;
    await Promise.all(Array.from({ length: 4 }, (_, i) => write(client, `w${restart}-${i}`, ({ metadata }) => {
      acknowledged.set(`${metadata.name!}@${metadata.resourceVersion!}`, Number(metadata.resourceVersion));
      if (++count === enough) killed = server.kill();
    })));
    await killed;
    server = await start(directory, port);
  }
  const last = await client.create(ConfigMaps, configMap('last', 1));
  await expect.poll(() => watchers.filter((seen) => seen.at(-1) === Number(last.metadata.resourceVersion)).length, { timeout: 40_000, interval: 200 }).toBe(WATCHERS);
  const [first] = watchers as [number[], ...number[][]];
  for (const seen of watchers) expect(seen).toEqual(first);
  expect(first).toEqual([...new Set(first)].sort((a, b) => a - b));
  const all = new Set(first);
  expect([...acknowledged].filter(([, revision]) => !all.has(revision))).toEqual([]);

  const there = (await client.list(ConfigMaps, { namespace: NAMESPACE })).items.map(({ metadata }) => `${metadata.name}@${metadata.resourceVersion}`).sort();
  for (const informer of informers) {
    await expect.poll(() => informer.list().map(({ metadata }) => `${metadata.name}@${metadata.resourceVersion}`).sort(), { timeout: 40_000, interval: 500 }).toEqual(there);
  }
  expect(backwards).toEqual([]);
  over = true;
});
