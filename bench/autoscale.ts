/**
 * Seconds from a step in load to the autoscaler's decision, to the first new pod, and to enough pods: the real controllers, metrics pipeline and API on the virtual clock, so an hour takes seconds.
 * `npx tsx bench/autoscale.ts [runs]`. Each run begins at another phase of the periods. Beside it stands a default Kubernetes.
 */
import { Deployments } from '../src/api/kinds/apps/deployment.ts';
import { HorizontalPodAutoscalers } from '../src/api/kinds/autoscaling/horizontal-pod-autoscaler.ts';
import { Pods } from '../src/api/kinds/core/pod.ts';
import { seededRandom, type Random } from '../src/base/random.ts';
import { deploymentController, FAST_AUTOSCALING, horizontalPodAutoscalerController, replicaSetController, STANDARD_AUTOSCALING } from '../src/controllers/index.ts';
import { podRunner, testbed } from '../src/controllers/testbed.suite.ts';
import { createMetrics, type PodSample } from '../src/metrics/index.ts';

const runs = Number(process.argv[2] ?? 20);
const REQUEST = 100;
const TARGET = 70;
const PODS = 4;
const BEFORE = 50;
const LIMIT_S = 900;
const PLANT_MS = 250;

interface Cadence {
  readonly name: string;
  readonly settings: typeof STANDARD_AUTOSCALING;
  readonly resolutionMs: number;
  readonly startMs: number;
  readonly probeMs: number;
}

const STANDARD: Cadence = { name: 'standard', settings: STANDARD_AUTOSCALING, resolutionMs: 15_000, startMs: 3_000, probeMs: 10_000 };
const FAST: Cadence = { name: 'fast', settings: FAST_AUTOSCALING, resolutionMs: 1_000, startMs: 2_000, probeMs: 1_000 };

/**
 * A default Kubernetes, p50 / p95 in seconds: a Monte-Carlo estimate of 400 runs over the periods of its parts (cAdvisor every 10 s, metrics-server every 15 s, HPA every 15 s, pod start 3 s, readiness probe
 * every 10 s; 4 pods at 50 % of their request, target 70 %). It was not measured on a cluster.
 */
const KUBERNETES: Readonly<Record<string, readonly [string, string, string]>> = {
  'x1.6': ['34 / 44', '42 / 54', '42 / 54'],
  x3: ['24 / 34', '29 / 39', '40 / 50'],
  x6: ['20 / 32', '26 / 37', '51 / 62'],
  'x6, capped': ['27 / 38', '34 / 45', '168 / 194'],
};
const STEPS = [{ name: 'x1.6', factor: 1.6, cap: Infinity }, { name: 'x3', factor: 3, cap: Infinity }, { name: 'x6', factor: 6, cap: Infinity }, { name: 'x6, capped', factor: 6, cap: REQUEST }] as const;

interface Reaction {
  readonly decision: number;
  readonly first: number;
  readonly enough: number;
}

async function react(cadence: Cadence, { factor, cap }: (typeof STEPS)[number], random: Random): Promise<Reaction> {
  let load = (PODS * REQUEST * BEFORE) / 100;
  const used = new Map<string, { cpu: number; startedAt: number }>();
  let list: (() => ReturnType<ReturnType<typeof createMetrics>['pods']>) | undefined;
  const bed = await testbed({ seed: Math.floor(random.next() * 2 ** 31), live: () => [{ prefix: 'pods.metrics.k8s.io/', list: () => list?.() ?? [] }] });
  const { clock, client } = bed;
  const ready = () => client.objects(Pods).filter((pod) => pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') && pod.metadata.deletionTimestamp === undefined);
  const metrics = createMetrics({
    clock, resolutionMs: cadence.resolutionMs,
    podLabels: (_, name) => client.objects(Pods).find((pod) => pod.metadata.name === name)?.metadata.labels,
    nodes: () => [{
      nodeName: 'node',
      stats: async (): Promise<PodSample[]> => ready().map(({ metadata: { name = '', uid = '' } }) => {
        const { cpu = 0, startedAt = clock.now() } = used.get(uid) ?? {};
        return { namespace: 'default', name, uid, containers: [{ name: 'web', at: clock.now(), cpuNanoseconds: cpu, memoryWorkingSetBytes: 1, startedAt }] };
      }),
    }],
  });
  list = metrics.pods;
  const plant = () => {
    const serving = ready();
    for (const { metadata: { uid = '' } } of serving) {
      const now = used.get(uid) ?? { cpu: 0, startedAt: clock.now() };
      now.cpu += Math.min(cap, load / serving.length) * PLANT_MS * 1000;
      used.set(uid, now);
    }
    clock.after(PLANT_MS, plant);
  };
  await bed.start(deploymentController(bed.context), replicaSetController(bed.context), podRunner(bed, { readyMs: () => cadence.startMs + random.next() * cadence.probeMs }), metrics, horizontalPodAutoscalerController(bed.context, { settings: cadence.settings }));
  await client.create(Deployments, {
    apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'default' },
    spec: { replicas: PODS, selector: { matchLabels: { app: 'web' } }, template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'web', resources: { requests: { cpu: `${REQUEST}m` } } }] } } },
  });
  plant();
  await clock.advance(30_000);
  await client.create(HorizontalPodAutoscalers, {
    apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name: 'web', namespace: 'default' },
    spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, minReplicas: PODS, maxReplicas: 50, metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: TARGET } } }] },
  });
  // Steady, and at any phase of the periods.
  await clock.advance(60_000 + Math.floor(random.next() * 15_000));
  load *= factor;
  const enough = Math.ceil(load / ((REQUEST * TARGET * 1.1) / 100));
  const began = clock.now();
  const since = () => (clock.now() - began) / 1000;
  const seen = { decision: Infinity, first: Infinity, enough: Infinity };
  while (seen.enough === Infinity && since() < LIMIT_S) {
    await clock.advance(PLANT_MS);
    const size = client.objects(Deployments)[0]!.spec.replicas ?? 0;
    const serving = ready().length;
    if (size > PODS) seen.decision = Math.min(seen.decision, since());
    if (serving > PODS) seen.first = Math.min(seen.first, since());
    if (serving >= enough) seen.enough = since();
  }
  await bed.stop();
  return seen;
}

const at = (values: readonly number[], share: number) => values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))]!;
const pair = (values: readonly number[]) => `${at(values, 0.5).toFixed(0)} / ${at(values, 0.95).toFixed(0)}`;

console.log(`Seconds after the step, p50 / p95 of ${runs} runs; ${PODS} pods at ${BEFORE} % of their request, target ${TARGET} %\n`);
console.log(`${'load'.padEnd(12)}${''.padEnd(24)}${'decision'.padStart(12)}${'first pod'.padStart(12)}${'enough'.padStart(12)}`);
for (const step of STEPS) {
  console.log(`${step.name.padEnd(12)}${'Kubernetes (estimate)'.padEnd(24)}${KUBERNETES[step.name]!.map((cell) => cell.padStart(12)).join('')}`);
  for (const cadence of [STANDARD, FAST]) {
    const random = seededRandom(7);
    const reactions: Reaction[] = [];
    for (let i = 0; i < runs; i++) reactions.push(await react(cadence, step, random));
    console.log(`${''.padEnd(12)}${`Coracle, ${cadence.name}`.padEnd(24)}${[reactions.map((r) => r.decision), reactions.map((r) => r.first), reactions.map((r) => r.enough)].map((values) => pair(values).padStart(12)).join('')}`);
  }
}
