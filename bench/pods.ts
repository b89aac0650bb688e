/**
 * What a pod costs through the whole cluster, API to process, against the bars. Run as root: npx tsx bench/pods.ts [runs].
 * Figures of kubelet with containerd on a 2-core Debian VM: 1.0 s a pod, 20 Ready in 12–14 s, 50 in 37–43 s; Kubernetes' scheduler and controllers: 15.6 s for 300 pods.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Deployments } from '../src/api/kinds/apps/deployment.ts';
import { ConfigMaps } from '../src/api/kinds/core/config-map.ts';
import { Pods } from '../src/api/kinds/core/pod.ts';
import type { Deployment } from '../src/api/types/apps.v1.ts';
import type { Container, Pod, PodSpec } from '../src/api/types/core.v1.ts';
import type { Client } from '../src/client/client.ts';
import { startCluster } from '../src/cluster/start.ts';
import { median, table, type Row } from './table.ts';

const runs = Number(process.argv[2] ?? 10);
const rows: Row[] = [];
const namespace = 'default';
const pod = (name: string, container: Partial<Container>, spec: Partial<PodSpec> = {}) => ({
  apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, labels: { bench: 'yes' } },
  spec: { terminationGracePeriodSeconds: 1, ...spec, containers: [{ name: 'app', image: 'machine:1', ...container }] },
} as Pod);
const sh = (script: string) => ({ command: ['sh', '-c', script] });
/** Ends at once when it is asked to. */
const OBEDIENT = sh('trap "exit 0" TERM; echo up; sleep 1000 & wait');
const isReady = (each: Pod) => each.status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') ?? false;
const timed = async (work: () => Promise<unknown>) => {
  const began = performance.now();
  await work();
  return performance.now() - began;
};
const repeated = async (work: (run: number) => Promise<number>) => {
  await work(-1);
  const times: number[] = [];
  for (let run = 0; run < runs; run++) times.push(await work(run));
  return median(times);
};

/** What the API's watch says of pods; resolves conditions as they come true, without asking. */
function observe(client: Client) {
  const pods = new Map<string, Pod>();
  const waiters = new Set<() => void>();
  const watch = client.watch(Pods, { namespace }, {
    event(event) {
      if (event.type !== 'ADDED' && event.type !== 'MODIFIED' && event.type !== 'DELETED') return;
      const name = event.object.metadata.name ?? '';
      if (event.type === 'DELETED') pods.delete(name);
      else pods.set(name, event.object);
      for (const waiter of waiters) waiter();
    },
    closed() {},
  });
  return {
    stop: () => watch.stop(),
    until: (holds: (pods: ReadonlyMap<string, Pod>) => boolean) => new Promise<void>((resolve) => {
      const look = () => {
        if (!holds(pods)) return;
        waiters.delete(look);
        resolve();
      };
      waiters.add(look);
      look();
    }),
  };
}

if (process.getuid?.() !== 0) console.log('pods as real processes need root; only simulated ones are measured');
else await real();
await simulated();
console.log(`medians of ${runs} runs, load of the machine ${loadavg()[0]!.toFixed(1)}\n${table(rows)}`);

async function real(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'coracle-bench-'));
  const cluster = await startCluster({ dataDir: directory, ingress: false, nodeCapacity: { cpu: '64', memory: '64Gi', pods: '250' } });
  const { client } = cluster;
  const seen = observe(client);
  try {
    await cluster.images!.build({ context: directory, dockerfile: 'FROM debian\n', tags: ['machine:1'], base: 'host' });
    const remove = async (name: string) => {
      await client.delete(Pods, name, { namespace });
      await seen.until((pods) => !pods.has(name));
    };
    const output = async (name: string) => {
      for (;;) {
        const answer = await client.raw({ method: 'GET', path: `/api/v1/namespaces/${namespace}/pods/${name}/log` });
        if (answer.status === 200 && answer.body.length > 0) return;
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    };
    rows.push({ what: 'create → first output', bar: 60, unit: 'ms', measured: await repeated(async (run) => {
      const took = await timed(async () => {
        await client.create(Pods, pod(`first-${run}`, OBEDIENT));
        await output(`first-${run}`);
      });
      await remove(`first-${run}`);
      return took;
    }) });
    const ends: number[] = [];
    rows.push({ what: 'create → Ready', bar: 100, unit: 'ms', measured: await repeated(async (run) => {
      const took = await timed(async () => {
        await client.create(Pods, pod(`ready-${run}`, OBEDIENT));
        await seen.until((pods) => isReady(pods.get(`ready-${run}`) ?? ({} as Pod)));
      });
      ends.push(await timed(() => remove(`ready-${run}`)));
      return took;
    }) });
    rows.push({ what: 'delete → gone, a program that ends when asked', unit: 'ms', measured: median(ends) });
    for (const [many, bar] of [[20, 2_000], [50, 5_000], [100, undefined]] as const) {
      const gone: number[] = [];
      const up: number[] = [];
      for (let run = 0; run < 3; run++) {
        up.push(await timed(async () => {
          await Promise.all(Array.from({ length: many }, (_, i) => client.create(Pods, pod(`crowd-${i}`, OBEDIENT))));
          await seen.until((pods) => [...pods.values()].filter(isReady).length === many);
        }));
        gone.push(await timed(async () => {
          await client.deleteCollection(Pods, { namespace });
          await seen.until((pods) => pods.size === 0);
        }));
      }
      rows.push({ what: `${many} pods Ready`, unit: 'ms', measured: median(up), ...(bar && { bar }) }, { what: `${many} pods gone`, unit: 'ms', measured: median(gone) });
    }
    rows.push({ what: 'exec probe: command run → Ready', unit: 'ms', measured: await repeated(async (run) => {
      const took = await timed(async () => {
        await client.create(Pods, pod(`probed-${run}`, { ...OBEDIENT, readinessProbe: { exec: { command: ['true'] }, periodSeconds: 1 } }));
        await seen.until((pods) => isReady(pods.get(`probed-${run}`) ?? ({} as Pod)));
      });
      await remove(`probed-${run}`);
      return took;
    }) });
    rows.push({ what: 'ConfigMap change → file in the pod', bar: 250, unit: 'ms', measured: await configMapTime(client, seen) });
  } finally {
    seen.stop();
    await cluster.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The pod itself says when it saw the file change. */
async function configMapTime(client: Client, seen: ReturnType<typeof observe>): Promise<number> {
  const object = (value: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'conf', namespace }, data: { value } });
  await client.create(ConfigMaps, object('0'));
  const script = "const fs=require('fs');let last='0';setInterval(()=>{const v=fs.readFileSync('/conf/value','utf8');if(v!==last){last=v;console.log(v,Date.now())}},1)";
  await client.create(Pods, pod('reader', { command: [process.execPath, '-e', script], volumeMounts: [{ name: 'conf', mountPath: '/conf' }] }, { volumes: [{ name: 'conf', configMap: { name: 'conf' } }] }));
  await seen.until((pods) => isReady(pods.get('reader') ?? ({} as Pod)));
  await new Promise((resolve) => setTimeout(resolve, 500));
  const times: number[] = [];
  for (let i = 1; i <= runs; i++) {
    const at = Date.now();
    await client.update(ConfigMaps, object(String(i)));
    for (;;) {
      const { body } = await client.raw({ method: 'GET', path: `/api/v1/namespaces/${namespace}/pods/reader/log?tailLines=1` });
      const [value, saw] = body.toString().trim().split(' ');
      if (value === String(i)) {
        times.push(Number(saw) - at);
        break;
      }
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }
  return median(times);
}

async function simulated(): Promise<void> {
  const deployment = (replicas: number): Deployment => ({
    apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'many', namespace },
    spec: { replicas, selector: { matchLabels: { app: 'many' } }, template: { metadata: { labels: { app: 'many' } }, spec: { containers: [{ name: 'app', image: 'any', resources: { requests: { cpu: '10m' } } }] } } },
  } as Deployment);
  for (const [replicas, what, bar, holds] of [
    [300, 'Deployment of 300 → all scheduled, 10 simulated nodes', 1_000, (each: Pod) => each.spec.nodeName !== undefined],
    [1_000, 'Deployment of 1,000 → Ready, 10 simulated nodes', 4_000, isReady],
  ] as const) {
    const times: number[] = [];
    for (let run = 0; run < 3; run++) {
      const cluster = await startCluster({ runtime: 'simulated', nodes: 10, nodeCapacity: { cpu: '64', memory: '64Gi', pods: '250' } });
      const seen = observe(cluster.client);
      times.push(await timed(async () => {
        await cluster.client.create(Deployments, deployment(replicas));
        await seen.until((pods) => pods.size === replicas && [...pods.values()].every(holds));
      }));
      seen.stop();
      await cluster.stop();
    }
    rows.push({ what, bar, unit: 'ms', measured: median(times) });
  }
}
