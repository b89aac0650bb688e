import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Deployments } from '../../src/api/kinds/apps/deployment.ts';
import { Pods } from '../../src/api/kinds/core/pod.ts';
import type { KubeObject } from '../../src/api/object.ts';
import type { Pod } from '../../src/api/types/core.v1.ts';
import { realClock } from '../../src/base/clock.ts';
import type { Client } from '../../src/client/client.ts';
import type { Cluster } from '../../src/cluster/cluster.ts';
import { startCluster } from '../../src/cluster/start.ts';
import { summarize } from '../../src/platform/load/report.ts';
import { runLoad } from '../../src/platform/load/run.ts';
import { target } from '../../src/platform/load/target.ts';
import { applyObjects } from '../../src/platform/manifests/apply.ts';

const clock = realClock();
const run = promisify(execFile);

/** No SIGTERM handler, no probe, and it listens only after START_MS, having burnt the processor for BURN_MS of it. Its answers have one length. */
const APP = `import { createServer } from 'node:http';
const until = Date.now() + Number(process.env.BURN_MS ?? 0);
while (Date.now() < until);
setTimeout(() => createServer((_, response) => {
  response.setHeader('content-type', 'text/plain');
  response.end(process.env.VERSION ?? 'v1');
}).listen(3000), Number(process.env.START_MS ?? 0));
`;

/** A cluster with the app's image \`app:1\` in it. */
export async function appCluster(nodes: number): Promise<Cluster> {
  const cluster = await startCluster({ nodes, cadence: 'fast', nodeCapacity: { cpu: '16', memory: '16Gi', pods: '110' } });
  const context = mkdtempSync(join(tmpdir(), 'coracle-app-'));
  try {
    writeFileSync(join(context, 'app.mjs'), APP);
    writeFileSync(join(context, 'Dockerfile'), 'FROM node:20-alpine\nCOPY app.mjs /app/\nCMD ["node", "/app/app.mjs"]\n');
    await cluster.images!.build({ context, tags: ['app:1'], base: 'host' });
  } catch (error) {
    await cluster.stop();
    throw error;
  } finally {
    rmSync(context, { recursive: true, force: true });
  }
  return cluster;
}

export interface AppOptions {
  readonly replicas: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly serviceType?: 'ClusterIP' | 'NodePort';
  readonly annotations?: Readonly<Record<string, string>>;
  readonly cpu?: string;
}

/** A Deployment and a Service of port 80, both named NAME. */
export const app = (name: string, { replicas, env = {}, serviceType = 'ClusterIP', annotations = {}, cpu = '100m' }: AppOptions): KubeObject[] => [
  {
    apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace: 'default', annotations },
    spec: {
      replicas, selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          terminationGracePeriodSeconds: 3,
          containers: [{ name: 'app', image: 'app:1', imagePullPolicy: 'Never', ports: [{ containerPort: 3000 }], env: Object.entries(env).map(([key, value]) => ({ name: key, value })), resources: { requests: { cpu, memory: '32Mi' } } }],
        },
      },
    },
  } as KubeObject,
  { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'default' }, spec: { type: serviceType, selector: { app: name }, ports: [{ port: 80, targetPort: 3000 }] } } as KubeObject,
];

/** An Ingress of one host; a canary with `weight`. */
export const ingress = (name: string, host: string, service: string, weight?: number): KubeObject => ({
  apiVersion: 'networking.k8s.io/v1', kind: 'Ingress',
  metadata: { name, namespace: 'default', ...(weight !== undefined && { annotations: { 'nginx.ingress.kubernetes.io/canary': 'true', 'nginx.ingress.kubernetes.io/canary-weight': String(weight) } }) },
  spec: { rules: [{ host, http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: service, port: { number: 80 } } } }] } }] },
} as KubeObject);

export const apply = (client: Client, objects: readonly KubeObject[]) => applyObjects(client, objects, 'traffic');

export const scale = (client: Client, name: string, replicas: number) => client.patch(Deployments, name, { type: 'merge', body: { spec: { replicas } } }, { namespace: 'default' });

export const podsOf = async (client: Client, name: string): Promise<readonly Pod[]> => (await client.list(Pods, { namespace: 'default', labelSelector: `app=${name}` })).items;

/** Waits until the Deployment has exactly as many pods as it should, all new and ready. */
export async function settled(client: Client, name: string): Promise<void> {
  await until(`${name} to be settled`, async () => {
    const { metadata, spec, status } = await client.get(Deployments, name, { namespace: 'default' });
    const wanted = spec.replicas ?? 1;
    return status?.observedGeneration === metadata.generation && (status?.updatedReplicas ?? 0) === wanted && (status?.readyReplicas ?? 0) === wanted && (await podsOf(client, name)).length === wanted;
  });
}

export async function until(what: string, done: () => Promise<boolean> | boolean, limitMs = 60_000): Promise<void> {
  const end = clock.monotonic() + limitMs;
  while (!(await done())) {
    if (clock.monotonic() > end) throw new Error(`waited ${limitMs / 1000} s for ${what}`);
    await clock.sleep(50);
  }
}

export const sleep = clock.sleep;

/** What a load generator counted. */
export interface Count {
  readonly requests: number;
  readonly failed: number;
  readonly detail: string;
}

export interface Generator {
  readonly name: string;
  shoot(requests: number, concurrency: number): Promise<Count>;
}

/** Apache's ab, with a new connection for every request unless `keepAlive`. undefined when it is not installed. */
export function ab(url: string, host: string | undefined, keepAlive: boolean): Generator | undefined {
  if (!existsSync('/usr/bin/ab')) return undefined;
  return {
    name: `ab${keepAlive ? ' -k' : ''} ${url}`,
    async shoot(requests, concurrency) {
      const { stdout } = await run('/usr/bin/ab', ['-r', '-q', '-s', '60', ...(keepAlive ? ['-k'] : []), ...(host ? ['-H', `Host: ${host}`] : []), '-n', String(requests), '-c', String(Math.min(concurrency, requests)), url], { maxBuffer: 1 << 20 });
      const figure = (pattern: RegExp) => Number(pattern.exec(stdout)?.[1] ?? 0);
      const complete = figure(/Complete requests:\s+(\d+)/);
      const failed = figure(/Failed requests:\s+(\d+)/) + figure(/Non-2xx responses:\s+(\d+)/) + (requests - complete);
      return { requests: complete, failed, detail: failed === 0 ? '' : stdout };
    },
  };
}

/** Coracle's own generator. */
export function own(url: string, headers: Readonly<Record<string, string>> = {}): Generator {
  return {
    name: `coracle load ${url}`,
    async shoot(requests, concurrency) {
      const summary = summarize(await runLoad({ target: target(url, { headers }), clock, connections: concurrency, requests, timeoutMs: 60_000 }));
      return { requests: summary.requests, failed: summary.failed, detail: summary.failed === 0 ? '' : JSON.stringify({ codes: summary.codes, errors: summary.errors }) };
    },
  };
}

/** Keeps all generators busy, `requests` in all and until the change is over, whichever is later. Returns what failed. */
export async function underLoad(generators: readonly Generator[], concurrency: number, requests: number, change: () => Promise<void>): Promise<{ requests: number; failures: string[] }> {
  let over = false;
  let total = 0;
  const failures: string[] = [];
  const share = Math.ceil(requests / generators.length);
  const shots = Math.max(concurrency * 4, Math.min(2_000, share));
  const loads = generators.map(async (generator) => {
    let done = 0;
    while (!over || done < share) {
      const count = await generator.shoot(shots, concurrency);
      done += count.requests;
      total += count.requests;
      if (count.failed > 0) failures.push(`${generator.name}: ${count.failed} of ${count.requests} failed ${count.detail}`);
      if (failures.length > 20) break;
    }
  });
  try {
    await sleep(300);
    await change();
    await sleep(300);
  } finally {
    over = true;
    await Promise.all(loads);
  }
  return { requests: total, failures };
}

/** Asks a host so many times at a rate and counts what it answered. */
export async function answers(base: string, host: string, count: number, perSecond = Infinity): Promise<Map<string, number>> {
  const { hostname, port } = new URL(base);
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  const seen = new Map<string, number>();
  const one = () => new Promise<string>((resolve) => {
    request({ agent, host: hostname === 'localhost' ? '127.0.0.1' : hostname, port, headers: { host } }, (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => { body += chunk.toString(); });
      response.on('end', () => resolve(response.statusCode === 200 ? body : `status ${response.statusCode}`));
    }).on('error', (error) => resolve(`failed: ${error.message}`)).end();
  });
  const began = clock.monotonic();
  await Promise.all(Array.from({ length: count }, async (_, i) => {
    if (Number.isFinite(perSecond)) await clock.sleep(Math.max(0, began + (i * 1000) / perSecond - clock.monotonic()));
    const answer = await one();
    seen.set(answer, (seen.get(answer) ?? 0) + 1);
  }));
  agent.destroy();
  return seen;
}
