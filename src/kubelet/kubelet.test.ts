import { afterEach, expect, test } from 'vitest';
import { isReason } from '../api/errors.ts';
import { Nodes } from '../api/kinds/core/node.ts';
import type { VirtualClock } from '../base/clock.ts';
import { realClock } from '../base/clock.ts';
import { app, condition, harness, type HarnessOptions } from './harness.suite.ts';

let cluster: Awaited<ReturnType<typeof harness>>;
const begin = async (options: HarnessOptions = {}) => {
  cluster = await harness(options);
  return { ...cluster, clock: cluster.clock as VirtualClock };
};
afterEach(() => cluster.stop());

test('the node is registered and Ready', async () => {
  const { client } = await begin();
  const node = await client.get(Nodes, 'n1');
  expect(node.status?.conditions?.find((c) => c.type === 'Ready')).toMatchObject({ status: 'True', reason: 'KubeletReady' });
  expect(node.status?.allocatable).toMatchObject({ cpu: '8', memory: '16284Mi', pods: '2k' });
  expect(node.metadata.labels).toMatchObject({ 'kubernetes.io/hostname': 'n1', 'kubernetes.io/os': 'linux' });
});

test('a pod runs, is ready, and says so', async () => {
  const { create, get, clock, events } = await begin();
  await create('web');
  await clock.advance(10);
  const pod = await get('web');
  expect(pod.status).toMatchObject({ phase: 'Running', hostIP: '10.0.0.1', qosClass: 'BestEffort', podIP: '10.244.0.1' });
  expect(condition(pod, 'Ready')).toMatchObject({ status: 'True' });
  expect(app(pod)).toMatchObject({ ready: true, started: true, restartCount: 0, state: { running: {} }, image: 'app:1' });
  expect(await events('web')).toEqual([
    'Pulling: Pulling image "app:1"', expect.stringMatching(/^Pulled: Successfully pulled image "app:1" in/), 'Created: Created container: app', 'Started: Started container app',
  ]);
});

test('a crash loop restarts after 0, 10, 20, 40 s', async () => {
  const { create, get, clock, events } = await begin({ model: () => ({ container: () => ({ runMs: 1000, exitCode: 3 }) }) });
  await create('web');
  await clock.advance(500);
  const restarts = async () => app(await get('web')).restartCount;
  const times: number[] = [];
  const start = clock.now();
  for (let n = 1; n <= 4; n++) {
    while ((await restarts()) < n) await clock.advance(500);
    times.push(Math.round((clock.now() - start) / 1000));
  }
  expect(times).toEqual([1, 12, 33, 74]);
  await clock.advance(1500);
  const pod = await get('web');
  expect(pod.status?.phase).toBe('Running');
  expect(app(pod).state?.waiting).toMatchObject({ reason: 'CrashLoopBackOff', message: expect.stringMatching(/^back-off 1m20s restarting failed container=app pod=web_default\(.*\)$/) });
  expect(app(pod).lastState?.terminated).toMatchObject({ exitCode: 3, reason: 'Error' });
  expect(await events('web')).toContainEqual(expect.stringMatching(/^BackOff: Back-off restarting failed container app in pod web_default/));
});

test('a deleted pod is unpublished, gets SIGTERM, and leaves the API', async () => {
  const calls: string[] = [];
  const { create, get, remove, clock, runtime, events } = await begin({
    model: () => ({ container: () => ({ stopMs: 3000, stopCode: 0 }) }),
    kubelet: { network: { addresses: [{ type: 'InternalIP', address: '10.0.0.1' }], drain: { unpublish: async (p) => void calls.push(`unpublish ${p.metadata.name}`) } } },
  });
  await create('web');
  await clock.advance(10);
  await remove('web');
  await clock.advance(2000);
  expect(calls).toEqual(['unpublish web']);
  expect((await get('web')).metadata.deletionTimestamp).toBeDefined();
  await clock.advance(2000);
  await expect(get('web')).rejects.toSatisfy((e) => isReason(e, 'NotFound'));
  expect(await runtime.list()).toEqual([]);
  expect(await events('web')).toContain('Killing: Stopping container app');
});

test('what ignores SIGTERM is killed at the end of its grace', async () => {
  const { create, get, remove, clock } = await begin({ model: () => ({ container: () => ({ stopMs: Infinity }) }) });
  await create('web', { terminationGracePeriodSeconds: 5 });
  await clock.advance(10);
  await remove('web');
  await clock.advance(4900);
  await get('web');
  await clock.advance(200);
  await expect(get('web')).rejects.toSatisfy((e) => isReason(e, 'NotFound'));
});

test('a job\'s pod succeeds', async () => {
  const { create, get, clock } = await begin({ model: () => ({ container: () => ({ runMs: 2000, exitCode: 0 }) }) });
  await create('job', { restartPolicy: 'Never' });
  await clock.advance(2500);
  const pod = await get('job');
  expect(pod.status?.phase).toBe('Succeeded');
  expect(condition(pod, 'Ready')).toMatchObject({ status: 'False', reason: 'PodCompleted' });
  expect(app(pod).state?.terminated).toMatchObject({ exitCode: 0, reason: 'Completed' });
});

test('a pod is Ready long before its probe\'s period is over', async () => {
  await begin({ clock: realClock() });
  const started = performance.now();
  await cluster.create('web', { containers: [{ name: 'app', image: 'app:1', readinessProbe: { tcpSocket: { port: 80 } } }] });
  await expect.poll(async () => condition(await cluster.get('web'), 'Ready')?.status, { interval: 2, timeout: 8000 }).toBe('True');
  expect(performance.now() - started).toBeLessThan(5000);
});
