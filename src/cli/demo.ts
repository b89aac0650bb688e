import { request as httpRequest, Agent } from 'node:http';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pc from './colors.ts';
import { Deployments } from '../api/kinds/apps/deployment.ts';
import { HorizontalPodAutoscalers } from '../api/kinds/autoscaling/horizontal-pod-autoscaler.ts';
import { Ingresses } from '../api/kinds/networking/ingress.ts';
import { realClock, type Clock } from '../base/clock.ts';
import { isPrivileged } from '../base/privileges.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { startCluster } from '../cluster/start.ts';
import { summarize, type LoadSummary } from '../platform/load/report.ts';
import { runLoad } from '../platform/load/run.ts';
import type { LoadSnapshot } from '../platform/load/tally.ts';
import { target } from '../platform/load/target.ts';
import { applyObjects, readManifest } from '../platform/manifests/apply.ts';
import { stepChart } from './chart.ts';
import { columns } from './output.ts';

const NAMESPACE = 'demo';
const CANARY_SHARE = 0.25;
const CANARY_REQUESTS = 2_000;
/** Requests per second of the load, each of 2 ms of processor time: about half a core, where two pods ask for a fifth. */
const RATE = 250;
const LOAD_MS = 15_000;

interface Point {
  readonly atMs: number;
  readonly value: number;
}

/** `coracle demo`: two versions of an app built, shared, loaded, autoscaled and rolled out, without a failed request. */
export async function demo(options: { readonly keep?: boolean }): Promise<void> {
  // Without root several pods can't listen on one port, and nobody measures their processor time for the autoscaler.
  if (!isPrivileged) throw new Error(`the demo needs root${process.getuid?.() === 0 ? ' with the capabilities SYS_ADMIN and NET_ADMIN (an ordinary container has neither)' : ''}, for pods with addresses and control groups of their own: ${process.getuid?.() === 0 ? 'run it in a privileged container or on the machine itself' : 'run `sudo coracle demo`'}. \`coracle up\` works without, and says what is missing`);
  const clock = realClock();
  const began = clock.monotonic();
  const directory = mkdtempSync(join(tmpdir(), 'coracle-demo-'));
  const root = packageRoot();
  const say = (text: string) => process.stdout.write(`${pc.dim(`${((clock.monotonic() - began) / 1000).toFixed(1).padStart(5)}s`)}  ${text}\n`);
  process.stdout.write(`${pc.bold('Coracle demo')}: a canary, an autoscaler and a rollout on a cluster of its own\n${pc.dim(`in ${directory}`)}\n\n`);

  let cluster: Cluster | undefined;
  let ending: Promise<void> | undefined;
  const interrupted = new AbortController();
  const end = (): Promise<void> => (ending ??= (async () => {
    await cluster?.stop();
    rmSync(directory, { recursive: true, force: true });
  })());
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      interrupted.abort();
      process.stdout.write('\nStopping, and removing what was made …\n');
      void end().then(() => process.exit(130));
    });
  }

  try {
    const startedAt = clock.monotonic();
    cluster = await startCluster({ dataDir: directory, name: 'demo', cadence: 'fast' });
    for (const sentence of cluster.limitations) say(`${pc.yellow('!')} ${sentence}`);
    if (!cluster.ingress || !cluster.images) throw new Error('the demo needs an ingress, which could not listen here');
    say(`Cluster up in ${Math.round(clock.monotonic() - startedAt)} ms, ingress at ${pc.cyan(cluster.ingress.http)}`);
    for (const version of ['1.0', '2.0']) {
      await cluster.images.build({ context: join(root, 'examples/dummy-api'), tags: [`dummy-api:${version}`], buildArgs: { app_version: version }, base: 'host' });
      say(`Built ${pc.bold(`dummy-api:${version}`)} from examples/dummy-api/Dockerfile`);
    }
    const apply = async (file: string) => applyObjects(cluster!.client, readManifest(readFileSync(join(root, 'examples/canary', file), 'utf8'), file), 'coracle-demo');
    const applied = clock.monotonic();
    await apply('app.yaml');
    await apply('routes.yaml');
    await waitFor(clock, 30_000, 'the pods to be ready', async () => (await readyOf(cluster!, 'shop')) >= 2 && (await readyOf(cluster!, 'shop-canary')) >= 1);
    say(`2 stable pods and 1 canary ready ${Math.round(clock.monotonic() - applied)} ms after apply`);

    const shares = await askVersions(cluster.ingress.http, 'shop.localhost', CANARY_REQUESTS);
    const share = (shares.get('2.0') ?? 0) / CANARY_REQUESTS;
    say(`Canary: ${pc.bold(`${(share * 100).toFixed(1)} %`)} of ${CANARY_REQUESTS} requests went to 2.0 (asked for ${CANARY_SHARE * 100} %), ${shares.get('failed') ?? 0} failed`);
    for (const [host, version] of [['stable.localhost', '1.0'], ['canary.localhost', '2.0']] as const) {
      const only = await askVersions(cluster.ingress.http, host, 100);
      if (only.get(version) !== 100) throw new Error(`${host} should always give ${version}, but gave ${JSON.stringify(Object.fromEntries(only))}`);
    }
    say('stable.localhost always gave 1.0, canary.localhost always 2.0');

    const scaled = await scaleUnderLoad(cluster, clock, interrupted.signal, apply, say);
    const rolled = await rollOutUnderLoad(cluster, clock, interrupted.signal, say);

    process.stdout.write(`\n${report({ share, shares, ...scaled, rolled, seconds: (clock.monotonic() - began) / 1000 })}\n`);
    if (options.keep) {
      const kubeconfig = join(directory, 'kubeconfig');
      writeFileSync(kubeconfig, cluster.kubeconfig, { mode: 0o600 });
      process.stdout.write(`\nStill running; Ctrl-C ends it. In another terminal:\n\n  export KUBECONFIG=${kubeconfig}\n  kubectl -n ${NAMESPACE} get all\n  curl ${cluster.ingress.http.replace('localhost', 'shop.localhost')}/\n`);
      await new Promise(() => {});
    }
  } finally {
    await end();
  }
  process.exit(0);
}

interface Scaled {
  readonly points: readonly Point[];
  /** When the load began, by the points' clock. */
  readonly loadAtMs: number;
  readonly load: LoadSummary;
  readonly decisionMs: number | undefined;
  readonly readyMs: number | undefined;
  readonly highest: number;
}

/** Steady load: the autoscaler adds pods; then none: it takes them away. */
async function scaleUnderLoad(cluster: Cluster, clock: Clock, signal: AbortSignal, apply: (file: string) => Promise<void>, say: (text: string) => void): Promise<Scaled> {
  await apply('autoscaler.yaml');
  // The requests before this were work too: what follows begins when the autoscaler has seen them end, or its reaction would be one to them.
  await waitFor(clock, 30_000, 'the autoscaler to find two idle pods', () => atRest(cluster));
  say('Autoscaler at rest: 2 idle pods');
  const begin = clock.monotonic();
  const points: Point[] = [];
  let decisionMs: number | undefined;
  let readyMs: number | undefined;
  let loadAt = Infinity;
  const watching = new AbortController();
  const sampling = (async () => {
    while (!watching.signal.aborted) {
      const { spec, status } = await cluster.client.get(Deployments, 'shop', { namespace: NAMESPACE });
      const now = clock.monotonic();
      points.push({ atMs: now - begin, value: status?.readyReplicas ?? 0 });
      if (now > loadAt && (spec.replicas ?? 0) > 2) decisionMs ??= now - loadAt;
      if (now > loadAt && (status?.readyReplicas ?? 0) > 2) readyMs ??= now - loadAt;
      await clock.sleep(100);
    }
  })();
  await clock.sleep(3_000);
  loadAt = clock.monotonic();
  say(`Load: ${RATE} requests a second of 2 ms processor time on shop.localhost`);
  const load = await put(cluster, clock, signal, LOAD_MS, '/busy?ms=2');
  const highest = Math.max(...points.map((p) => p.value));
  say(`Autoscaler: first decision after ${pc.bold(seconds(decisionMs))}, more pods ready after ${pc.bold(seconds(readyMs))}`);
  say(`${highest} pods at most; ${failures(load)} of ${load.requests} requests failed`);
  await waitFor(clock, 45_000, 'the autoscaler to take the pods away again', async () => (await readyOf(cluster, 'shop')) <= 2);
  say('Load over: back to 2 pods');
  // A last second for the chart, so that it ends where the pods do.
  await clock.sleep(1_000);
  watching.abort();
  await sampling;
  points.push({ atMs: clock.monotonic() - begin, value: await readyOf(cluster, 'shop') });
  return { points, loadAtMs: loadAt - begin, load, decisionMs, readyMs, highest };
}

/** Whether the autoscaler has measured two pods and wants no more. */
async function atRest({ client }: Pick<Cluster, 'client'>): Promise<boolean> {
  const { status } = await client.get(HorizontalPodAutoscalers, 'shop', { namespace: NAMESPACE });
  const used = status?.currentMetrics?.[0]?.resource?.current.averageUtilization;
  return used !== undefined && used <= 30 && status?.desiredReplicas === 2 && (await readyOf({ client }, 'shop')) === 2;
}

/** The canary becomes the only version while requests go on. */
async function rollOutUnderLoad(cluster: Cluster, clock: Clock, signal: AbortSignal, say: (text: string) => void): Promise<LoadSummary> {
  const { client } = cluster;
  const loading = put(cluster, clock, signal, 8_000, '/version');
  await clock.sleep(500);
  await client.patch(Deployments, 'shop', { type: 'strategic', body: { spec: { template: { spec: { containers: [{ name: 'api', image: 'dummy-api:2.0' }] } } } } }, { namespace: NAMESPACE });
  await waitFor(clock, 30_000, 'the rollout', async () => {
    const { status, spec, metadata } = await client.get(Deployments, 'shop', { namespace: NAMESPACE });
    return status?.observedGeneration === metadata.generation && status?.updatedReplicas === spec.replicas && status?.replicas === spec.replicas && status?.availableReplicas === spec.replicas;
  });
  await client.delete(Ingresses, 'shop-canary', { namespace: NAMESPACE });
  const load = await loading;
  const after = await askVersions(cluster.ingress!.http, 'shop.localhost', 200);
  if (after.get('2.0') !== 200) throw new Error(`after the rollout every answer should be 2.0, but got ${JSON.stringify(Object.fromEntries(after))}`);
  say(`Rollout: everyone on 2.0; ${failures(load)} of ${load.requests} requests failed on the way`);
  return load;
}

async function put(cluster: Cluster, clock: Clock, signal: AbortSignal, durationMs: number, path: string): Promise<LoadSummary> {
  const url = `${cluster.ingress!.http.replace('localhost', 'shop.localhost')}${path}`;
  const live = process.stderr.isTTY === true;
  const show = (s: LoadSnapshot) => {
    if (!signal.aborted) process.stderr.write(`\r\x1b[K       ${s.completed} requests, ${s.perSecond}/s, ${s.errors} failed`);
  };
  const result = await runLoad({ target: target(url), clock, connections: 20, durationMs, rate: RATE, signal, ...(live && { onProgress: show }) });
  if (live && !signal.aborted) process.stderr.write('\r\x1b[K');
  return summarize(result);
}

/** Asks a host many times, twenty at once, and counts the versions that answered. */
async function askVersions(ingress: string, host: string, count: number): Promise<Map<string, number>> {
  const agent = new Agent({ keepAlive: true, maxSockets: 20 });
  const seen = new Map<string, number>();
  const { port } = new URL(ingress);
  const one = () => new Promise<string>((resolve) => {
    httpRequest({ agent, host: '127.0.0.1', port, path: '/version', headers: { host } }, (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => { body += chunk.toString(); });
      response.on('end', () => resolve(/"app-version":"([^"]*)"/.exec(body)?.[1] ?? 'failed'));
    }).on('error', () => resolve('failed')).end();
  });
  for (const version of await Promise.all(Array.from({ length: count }, one))) seen.set(version, (seen.get(version) ?? 0) + 1);
  agent.destroy();
  return seen;
}

async function readyOf(cluster: Pick<Cluster, 'client'>, name: string): Promise<number> {
  return (await cluster.client.get(Deployments, name, { namespace: NAMESPACE })).status?.readyReplicas ?? 0;
}

async function waitFor(clock: Clock, limitMs: number, what: string, done: () => Promise<boolean>): Promise<void> {
  const deadline = clock.monotonic() + limitMs;
  while (!(await done())) {
    if (clock.monotonic() > deadline) throw new Error(`waited ${limitMs / 1000} s for ${what}; CORACLE_DEBUG=1 and --keep help to look`);
    await clock.sleep(50);
  }
}

function report(r: Scaled & { share: number; shares: ReadonlyMap<string, number>; rolled: LoadSummary; seconds: number }): string {
  const requests = CANARY_REQUESTS + r.load.requests + r.rolled.requests;
  const failed = (r.shares.get('failed') ?? 0) + r.load.failed + r.rolled.failed;
  return [
    pc.bold('Ready pods over time'),
    stepChart(r.points, Math.min(100, process.stdout.columns ?? 80), `load from second ${(r.loadAtMs / 1000).toFixed(0)} to ${((r.loadAtMs + LOAD_MS) / 1000).toFixed(0)}`),
    '',
    columns([
      ['Requests', String(requests), `${failed === 0 ? pc.green('0 failed') : pc.red(`${failed} failed`)}`],
      ['Canary share', `${(r.share * 100).toFixed(1)} %`, `asked for ${CANARY_SHARE * 100} %, while pods stood 2 : 1`],
      ['Autoscaling', `2 → ${r.highest} → 2`, `decided after ${seconds(r.decisionMs)}, more pods ready after ${seconds(r.readyMs)}`],
      ['Latency', `p50 ${r.load.latency.p50.toFixed(1)} ms`, `p99 ${r.load.latency.p99.toFixed(1)} ms scaling, ${r.rolled.latency.p99.toFixed(1)} ms rolling out`],
      ['In all', `${r.seconds.toFixed(0)} s`, ''],
    ]),
    '',
    `${pc.bold('Next')}: ${pc.cyan('coracle up')}, then ${pc.cyan('kubectl')}, ${pc.cyan('helm')} and ${pc.cyan('k9s')} as ever.\n      The manifests of this demo are in examples/canary.`,
  ].join('\n');
}

const seconds = (ms: number | undefined) => (ms === undefined ? 'never' : `${(ms / 1000).toFixed(1)} s`);
const failures = (load: LoadSummary) => (load.failed === 0 ? pc.green('0') : pc.red(String(load.failed)));

/** Where the examples are: beside bin/ and dist/. */
function packageRoot(): string {
  return join(dirname(fileURLToPath(import.meta.url)), '..');
}
