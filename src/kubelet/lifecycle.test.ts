/** Whole pod lives on the virtual clock. */
import { afterEach, expect, test } from 'vitest';
import { isReason } from '../api/errors.ts';
import { ConfigMaps } from '../api/kinds/core/config-map.ts';
import { Events } from '../api/kinds/core/event.ts';
import { Nodes } from '../api/kinds/core/node.ts';
import { Pods } from '../api/kinds/core/pod.ts';
import type { VirtualClock } from '../base/clock.ts';
import type { Client } from '../client/index.ts';
import { nodeFeed } from './feed.ts';
import { createKubelet } from './kubelet.ts';
import { app, condition, harness, type HarnessOptions } from './harness.suite.ts';
import { milli } from './quantity.ts';
import { simulatedRuntime, type ContainerBehaviour } from './runtime/simulated.ts';

let cluster: Awaited<ReturnType<typeof harness>>;
const begin = async (options: HarnessOptions = {}) => {
  cluster = await harness(options);
  return { ...cluster, clock: cluster.clock as VirtualClock };
};
afterEach(() => cluster.stop());
/** Behaviour by container name. */
const as = (behaviours: Record<string, ContainerBehaviour>): HarnessOptions['model'] => () => ({ container: (c) => behaviours[c.name] ?? {} });
const probe = { tcpSocket: { port: 80 }, periodSeconds: 10 };

test('init containers run one after the other, then the main ones', async () => {
  const { create, get, clock } = await begin({ model: as({ one: { runMs: 1000 }, two: { runMs: 1000 } }) });
  await create('web', { initContainers: [{ name: 'one', image: 'i' }, { name: 'two', image: 'i' }] });
  await clock.advance(500);
  let pod = await get('web');
  expect(pod.status?.phase).toBe('Pending');
  expect(pod.status?.initContainerStatuses).toMatchObject([{ name: 'one', state: { running: {} } }, { name: 'two', state: { waiting: { reason: 'PodInitializing' } } }]);
  expect(app(pod).state).toEqual({ waiting: { reason: 'PodInitializing' } });
  expect(condition(pod, 'Initialized')).toMatchObject({ status: 'False', reason: 'ContainersNotInitialized', message: 'containers with incomplete status: [one two]' });
  await clock.advance(1000);
  expect(condition(await get('web'), 'Initialized')).toMatchObject({ message: 'containers with incomplete status: [two]' });
  await clock.advance(1000);
  pod = await get('web');
  expect(pod.status?.phase).toBe('Running');
  expect(condition(pod, 'Initialized')).toMatchObject({ status: 'True' });
  expect(pod.status?.initContainerStatuses).toMatchObject([{ ready: true, state: { terminated: { reason: 'Completed' } } }, { ready: true }]);
});

test('a failed init container fails a pod that never restarts, and is tried again otherwise', async () => {
  const { create, get, clock } = await begin({ model: as({ init: { runMs: 100, exitCode: 1 } }) });
  await create('never', { restartPolicy: 'Never', initContainers: [{ name: 'init', image: 'i' }] });
  await create('always', { initContainers: [{ name: 'init', image: 'i' }] });
  await clock.advance(5000);
  expect((await get('never')).status?.phase).toBe('Failed');
  const pod = await get('always');
  expect(pod.status?.phase).toBe('Pending');
  expect(pod.status?.initContainerStatuses).toMatchObject([{ restartCount: 1, state: { waiting: { reason: 'CrashLoopBackOff' } } }]);
});

test('a sidecar is started before the main container and ends after it; a finished main container ends the pod', async () => {
  const { create, get, clock, events } = await begin({ model: as({ proxy: { readyMs: 500 }, app: { runMs: 5000 } }) });
  await create('job', { restartPolicy: 'Never', initContainers: [{ name: 'proxy', image: 'i', restartPolicy: 'Always', startupProbe: { ...probe, periodSeconds: 1 } }] });
  await clock.advance(300);
  expect(app(await get('job')).state?.waiting).toBeDefined();
  await clock.advance(2000);
  let pod = await get('job');
  expect(pod.status).toMatchObject({ phase: 'Running', initContainerStatuses: [{ started: true, ready: true, state: { running: {} } }] });
  await clock.advance(10_000);
  pod = await get('job');
  expect(pod.status?.phase).toBe('Succeeded');
  expect(pod.status?.initContainerStatuses).toMatchObject([{ state: { terminated: {} } }]);
  expect(await events('job')).toContain('Killing: Stopping container proxy');
});

test('readiness follows its probe; liveness restarts', async () => {
  let healthy = true;
  const { create, get, clock, events } = await begin({ model: as({ app: { probe: (_at, running) => running >= 1000 && healthy } }) });
  await create('web', { containers: [{ name: 'app', image: 'i', readinessProbe: { ...probe, periodSeconds: 1, failureThreshold: 1 }, livenessProbe: { ...probe, periodSeconds: 5, failureThreshold: 2 } }] });
  await clock.advance(800);
  expect(condition(await get('web'), 'Ready')).toMatchObject({ status: 'False', reason: 'ContainersNotReady', message: 'containers with unready status: [app]' });
  await clock.advance(1000);
  expect(condition(await get('web'), 'Ready')).toMatchObject({ status: 'True' });
  healthy = false;
  await clock.advance(1500);
  expect(condition(await get('web'), 'Ready')).toMatchObject({ status: 'False' });
  await clock.advance(11_000);
  healthy = true;
  const pod = await get('web');
  expect(app(pod)).toMatchObject({ restartCount: 1, lastState: { terminated: { exitCode: 143 } } });
  expect(await events('web')).toEqual(expect.arrayContaining(['Unhealthy: Liveness probe failed: the model says: not ready', 'Killing: Container app failed liveness probe, will be restarted']));
});

test('a startup probe holds the others back, and kills when it never passes', async () => {
  const { create, get, clock, events } = await begin({ model: as({ app: { readyMs: Infinity } }) });
  await create('web', { containers: [{ name: 'app', image: 'i', startupProbe: { ...probe, periodSeconds: 2, failureThreshold: 3 }, livenessProbe: { ...probe, periodSeconds: 1, failureThreshold: 1 } }] });
  await clock.advance(5500);
  expect(app(await get('web'))).toMatchObject({ restartCount: 0, started: false, ready: false });
  await clock.advance(1000);
  expect(app(await get('web')).restartCount).toBe(1);
  expect(await events('web')).toContain('Killing: Container app failed startup probe, will be restarted');
});

test('an image that cannot be had: ErrImagePull, then ImagePullBackOff', async () => {
  const { create, get, clock, events } = await begin({ pull: () => ({ error: 'no such image' }) });
  await create('web');
  await clock.advance(100);
  expect(app(await get('web')).state?.waiting).toEqual({ reason: 'ErrImagePull', message: 'no such image' });
  expect((await get('web')).status?.phase).toBe('Pending');
  expect(await events('web')).toEqual(['Pulling: Pulling image "app:1"', 'Failed: Failed to pull image "app:1": no such image', 'Failed: Error: ErrImagePull']);
  await clock.advance(6000);
  expect(app(await get('web')).state?.waiting).toEqual({ reason: 'ImagePullBackOff', message: 'Back-off pulling image "app:1": ErrImagePull: no such image' });
  expect((await events('web')).slice(3)).toEqual(['BackOff: Back-off pulling image "app:1"', 'Failed: Error: ImagePullBackOff']);
  await clock.advance(5000);
  expect(app(await get('web')).state?.waiting?.reason).toBe('ErrImagePull');
});

test('a pull secret that is missing is told of, and does not hold the container back', async () => {
  const { create, get, clock, events } = await begin();
  await create('web', { imagePullSecrets: [{ name: 'none' }, { name: 'no' }] });
  await clock.advance(100);
  expect(await events('web')).toContain('FailedToRetrieveImagePullSecret: Unable to retrieve some image pull secrets (none, no); attempting to pull the image may not succeed.');
  expect((await get('web')).status?.phase).toBe('Running');
});

test('a missing ConfigMap holds a container back until it is there', async () => {
  const { create, get, clock, client, events } = await begin();
  await create('web', { containers: [{ name: 'app', image: 'i', env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'conf', key: 'a' } } }] }] });
  await clock.advance(100);
  expect(app(await get('web')).state?.waiting).toEqual({ reason: 'CreateContainerConfigError', message: 'configmap "conf" not found' });
  expect(await events('web')).toContain('Failed: Error: configmap "conf" not found');
  await client.create(ConfigMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'conf', namespace: 'default' }, data: { a: '1' } });
  await clock.advance(100);
  expect((await get('web')).status?.phase).toBe('Running');
});

test('a volume that is missing holds the pod back', async () => {
  const { create, get, clock, client, events } = await begin();
  await create('web', { volumes: [{ name: 'v', configMap: { name: 'conf' } }] });
  await clock.advance(100);
  expect(app(await get('web')).state?.waiting?.reason).toBe('ContainerCreating');
  expect(await events('web')).toContain('FailedMount: MountVolume.SetUp failed for volume "v" : configmap "conf" not found');
  await client.create(ConfigMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'conf', namespace: 'default' } });
  await clock.advance(100);
  expect((await get('web')).status?.phase).toBe('Running');
});

test.each<[string, Parameters<Awaited<ReturnType<typeof begin>>['create']>[1], HarnessOptions['model'] | undefined]>([
  ['FailedMount', { volumes: [{ name: 'v', configMap: { name: 'conf' } }] }, undefined],
  ['FailedCreatePodSandBox', {}, () => ({ sandboxError: 'no address left', container: () => ({}) })],
])('%s: the tries come ever more rarely', async (reason, spec, model) => {
  const { create, clock, client } = await begin(model ? { model } : {});
  await create('web', spec);
  // 0, 0.5, 1.5, 3.5 … 63.5, 127.5, 249.5, 371.5, 493.5 s: half a second doubles up to 122 s.
  await clock.advance(600_000);
  const { items } = await client.list(Events, { namespace: 'default' });
  expect(items.filter((e) => e.reason === reason).reduce((sum, e) => sum + (e.count ?? 1), 0)).toBe(12);
});

test('the deadline of a pod that waits for a volume is kept', async () => {
  const { create, get, clock } = await begin();
  await create('web', { activeDeadlineSeconds: 100, volumes: [{ name: 'v', configMap: { name: 'conf' } }] });
  await clock.advance(99_000);
  expect((await get('web')).status?.phase).toBe('Pending');
  await clock.advance(1500);
  expect((await get('web')).status).toMatchObject({ phase: 'Failed', reason: 'DeadlineExceeded' });
});

test('activeDeadlineSeconds ends a pod', async () => {
  const { create, get, clock } = await begin();
  await create('web', { activeDeadlineSeconds: 5 });
  await clock.advance(4000);
  expect((await get('web')).status?.phase).toBe('Running');
  await clock.advance(5000);
  expect((await get('web')).status).toMatchObject({ phase: 'Failed', reason: 'DeadlineExceeded', message: 'Pod was active on the node longer than the specified deadline' });
});

test('what does not fit is refused', async () => {
  const { create, get, clock, events, kubelet, options } = await begin();
  await create('big', { containers: [{ name: 'app', image: 'i', resources: { requests: { cpu: '9' } } }] });
  await create('picky', { nodeSelector: { disk: 'ssd' } });
  await clock.advance(100);
  expect((await get('big')).status).toMatchObject({ phase: 'Failed', reason: 'OutOfcpu', message: "Pod was rejected: Node didn't have enough resource: cpu, requested: 9000, used: 0, capacity: 8000" });
  expect((await get('picky')).status).toMatchObject({ phase: 'Failed', reason: 'NodeAffinity' });
  expect((await get('big')).status).not.toHaveProperty('containerStatuses');
  expect(await events('big')).toEqual(["OutOfcpu: Node didn't have enough resource: cpu, requested: 9000, used: 0, capacity: 8000"]);
  const onPort = { containers: [{ name: 'app', image: 'i', ports: [{ containerPort: 80, hostPort: 8080 }] }] };
  await create('first', onPort);
  await create('second', onPort);
  await clock.advance(100);
  expect([(await get('first')).status?.phase, (await get('second')).status]).toMatchObject(['Running', { phase: 'Failed', reason: 'NodePorts', message: "Pod was rejected: Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports" }]);
  const refused = (await get('big')).status;
  await kubelet.stop();
  const again = createKubelet(options);
  await again.start();
  await clock.advance(100);
  expect((await get('big')).status).toEqual(refused);
  await again.stop();
});

test('a resource that others advertise on the node can be had, for as long as they do', async () => {
  const { create, get, clock, client } = await begin();
  const advertise = async (count: string | null) => {
    await client.patch(Nodes, 'n1', { type: 'merge', body: { status: { capacity: { 'example.com/gpu': count } } } }, { subresource: 'status' });
    await clock.advance(1000);
    const { capacity, allocatable } = (await client.get(Nodes, 'n1')).status!;
    return [capacity?.['example.com/gpu'], allocatable?.['example.com/gpu'], capacity?.['cpu']];
  };
  expect(await advertise('2')).toEqual(['2', '2', '8']);
  for (const name of ['one', 'two', 'three']) await create(name, { containers: [{ name: 'app', image: 'i', resources: { requests: { 'example.com/gpu': '1' }, limits: { 'example.com/gpu': '1' } } }] });
  await clock.advance(1000);
  expect([(await get('two')).status?.phase, (await get('three')).status]).toMatchObject(['Running', { phase: 'Failed', reason: 'OutOfexample.com/gpu' }]);
  expect(await advertise(null)).toEqual([undefined, undefined, '8']);
  await clock.advance(600_000);
  expect((await client.get(Nodes, 'n1')).status?.capacity?.['example.com/gpu']).toBeUndefined();
});

test('a taint that came meanwhile counts as well', async () => {
  const { create, get, clock, client } = await begin();
  await client.patch(Nodes, 'n1', { type: 'merge', body: { spec: { taints: [{ key: 'k', effect: 'NoExecute' }] } } });
  await clock.advance(100);
  await create('web');
  await clock.advance(100);
  expect((await get('web')).status).toMatchObject({ phase: 'Failed', reason: 'TaintToleration' });
});

test('a label that the node got meanwhile counts', async () => {
  const { create, get, clock, client } = await begin();
  await client.patch(Nodes, 'n1', { type: 'merge', body: { metadata: { labels: { disk: 'ssd' } } } });
  await create('picky', { nodeSelector: { disk: 'ssd' } });
  await clock.advance(100);
  expect((await get('picky')).status?.phase).toBe('Running');
});

test('a lost sandbox is made anew', async () => {
  const { create, get, clock, runtime, events } = await begin();
  await create('web');
  await clock.advance(100);
  runtime.loseSandbox((await runtime.list())[0]!.id);
  await clock.advance(100);
  const pod = await get('web');
  expect(pod.status).toMatchObject({ phase: 'Running', podIP: '10.244.0.2' });
  expect(app(pod)).toMatchObject({ restartCount: 1, lastState: { terminated: { exitCode: 137 } } });
  expect(await events('web')).toContain('SandboxChanged: Pod sandbox changed, it will be killed and re-created.');
});

test('a container that writes more than its ephemeral-storage limit is evicted', async () => {
  const { create, get, clock } = await begin({ model: as({ app: { usage: (_at, runningMs) => ({ cpuMilli: 0, memoryBytes: 0, diskBytes: runningMs * 1000 }) } }) });
  await create('web', { containers: [{ name: 'app', image: 'i', resources: { limits: { 'ephemeral-storage': '15M' } } }] });
  await clock.advance(11_000);
  expect((await get('web')).status?.phase).toBe('Running');
  await clock.advance(10_000);
  expect((await get('web')).status).toMatchObject({ phase: 'Failed', reason: 'Evicted', message: 'Pod ephemeral local storage usage exceeds the total limit of containers 15M. ' });
});

test('memory pressure evicts the pod that is most over its request', async () => {
  const gib = 2 ** 30;
  const model: HarnessOptions['model'] = ({ name }) => ({ container: () => ({ usage: () => ({ cpuMilli: 0, memoryBytes: name === 'hog' ? 10 * gib : 6 * gib }) }) });
  const { create, get, clock, events } = await begin({ model });
  const requests = (memory: string) => ({ containers: [{ name: 'app', image: 'i', resources: { requests: { memory } } }] });
  await create('hog', requests('1Gi'));
  await create('good', requests('6Gi'));
  await clock.advance(11_000);
  expect((await get('hog')).status).toMatchObject({ phase: 'Failed', reason: 'Evicted' });
  expect((await get('hog')).status?.message).toBe('The node was low on resource: memory. Threshold quantity: 100Mi, available: 0. Container app was using 10Gi, request is 1Gi, has larger consumption of memory. ');
  expect(condition(await get('hog'), 'DisruptionTarget')).toMatchObject({ status: 'True', reason: 'TerminationByKubelet' });
  expect((await get('good')).status?.phase).toBe('Running');
  expect((await events('hog')).some((e) => e.startsWith('Evicted: '))).toBe(true);
});

test('a second, forced delete cuts the grace short', async () => {
  const { create, remove, clock, runtime, get } = await begin({ model: as({ app: { stopMs: Infinity } }) });
  await create('web', { terminationGracePeriodSeconds: 600 });
  await clock.advance(100);
  await remove('web');
  await clock.advance(10_000);
  await get('web');
  await remove('web', 0);
  await clock.advance(2500);
  await expect(get('web')).rejects.toSatisfy((e) => isReason(e, 'NotFound'));
  expect(await runtime.list()).toEqual([]);
});

test('a kubelet that starts again adopts what runs and ends what has no pod any more', async () => {
  const { create, get, clock, client, kubelet, runtime, options } = await begin({ model: as({ app: { readyMs: 1000 } }) });
  const spec = { containers: [{ name: 'app', image: 'i', readinessProbe: probe }] };
  await create('stays', spec);
  await create('goes', spec);
  await clock.advance(5000);
  const before = await get('stays');
  expect(condition(before, 'Ready')?.status).toBe('True');
  await kubelet.stop();
  await client.delete(Pods, 'goes', { namespace: 'default', gracePeriodSeconds: 0 });
  const again = createKubelet(options);
  await again.start();
  await clock.advance(100);
  const after = await get('stays');
  expect(app(after)).toMatchObject({ containerID: app(before).containerID, restartCount: 0, ready: true });
  expect(condition(after, 'Ready')).toEqual(condition(before, 'Ready'));
  expect((await runtime.list()).map((s) => s.name)).toEqual(['stays']);
  await again.stop();
});

test('an image change restarts the container at once', async () => {
  const { create, get, clock, client, events } = await begin();
  await create('web');
  await clock.advance(100);
  await client.patch(Pods, 'web', { type: 'strategic', body: { spec: { containers: [{ name: 'app', image: 'app:2' }] } } }, { namespace: 'default' });
  await clock.advance(100);
  expect(app(await get('web'))).toMatchObject({ image: 'app:2', restartCount: 1, state: { running: {} } });
  expect(await events('web')).toContain('Killing: Container app definition changed, will be restarted');
});

const sized = (cpu: string, memory = '128Mi') => ({ requests: { cpu, memory }, limits: { cpu, memory } });
const resizeTo = (client: Client, name: string, resources: ReturnType<typeof sized>) =>
  client.patch(Pods, name, { type: 'strategic', body: { spec: { containers: [{ name: 'app', resources }] } } }, { namespace: 'default', subresource: 'resize' });

test('a resize gives the running container what its spec says', async () => {
  const { create, get, clock, client, runtime } = await begin();
  await create('web', { containers: [{ name: 'app', image: 'i', resources: sized('500m') }] });
  await clock.advance(100);
  const before = await get('web');
  await resizeTo(client, 'web', sized('800m', '256Mi'));
  await clock.advance(100);
  const pod = await get('web');
  expect(app(pod)).toMatchObject({ containerID: app(before).containerID, restartCount: 0, resources: sized('800m', '256Mi'), allocatedResources: { cpu: '800m', memory: '256Mi' } });
  expect(pod.status!.conditions!.map((c) => c.type)).toEqual(before.status!.conditions!.map((c) => c.type));
  expect(JSON.parse((await runtime.list())[0]!.containers[0]!.labels['coracle.dev/resources']!)).toEqual(sized('800m', '256Mi'));
});

test('a container whose policy says so starts again to be resized', async () => {
  const { create, get, clock, client, events } = await begin();
  await create('web', { containers: [{ name: 'app', image: 'i', resources: sized('500m'), resizePolicy: [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }, { resourceName: 'cpu', restartPolicy: 'NotRequired' }] }] });
  await clock.advance(100);
  await resizeTo(client, 'web', sized('600m'));
  await clock.advance(100);
  expect(app(await get('web'))).toMatchObject({ restartCount: 0, resources: sized('600m') });
  await resizeTo(client, 'web', sized('600m', '64Mi'));
  await clock.advance(100);
  expect(app(await get('web'))).toMatchObject({ restartCount: 1, resources: sized('600m', '64Mi'), state: { running: {} } });
  expect(await events('web')).toContain('Killing: Container app resize requires restart');
});

test('a resize that never fits is infeasible, one that does not fit now waits until a neighbour is gone; a later kubelet still knows', async () => {
  const { create, get, clock, client, kubelet, options } = await begin();
  const all = milli(options.capacity.cpu);
  await create('other', { containers: [{ name: 'app', image: 'i', resources: sized(`${all / 2}m`) }] });
  await create('web', { containers: [{ name: 'app', image: 'i', resources: sized('500m') }] });
  await clock.advance(100);
  await resizeTo(client, 'web', sized(`${all + 1}m`));
  await clock.advance(100);
  let pod = await get('web');
  expect(condition(pod, 'PodResizePending')).toMatchObject({ status: 'True', reason: 'Infeasible', message: `Node didn't have enough capacity: cpu, requested: ${all + 1}, capacity: ${all}` });
  expect(app(pod)).toMatchObject({ resources: sized('500m'), allocatedResources: { cpu: '500m', memory: '128Mi' } });
  await resizeTo(client, 'web', sized(`${all - 1}m`));
  await clock.advance(100);
  expect(condition(await get('web'), 'PodResizePending')).toMatchObject({ reason: 'Deferred', message: `Node didn't have enough resource: cpu, requested: ${all - 1}, used: ${all / 2}, capacity: ${all}` });
  await kubelet.stop();
  const again = createKubelet(options);
  await again.start();
  await clock.advance(100);
  pod = await get('web');
  expect(condition(pod, 'PodResizePending')?.reason).toBe('Deferred');
  expect(app(pod)).toMatchObject({ restartCount: 0, resources: sized('500m') });
  await client.delete(Pods, 'other', { namespace: 'default', gracePeriodSeconds: 0 });
  await clock.advance(3000);
  pod = await get('web');
  expect(app(pod)).toMatchObject({ restartCount: 0, resources: sized(`${all - 1}m`) });
  expect(condition(pod, 'PodResizePending')).toBeUndefined();
  expect(condition(pod, 'PodResizeInProgress')).toBeUndefined();
  await again.stop();
});

test('memory in use is not taken away: the condition says so, and it is tried again', async () => {
  let memoryBytes = 100 * 2 ** 20;
  const { create, get, clock, client } = await begin({ model: as({ app: { usage: () => ({ cpuMilli: 1, memoryBytes }) }, side: { usage: () => ({ cpuMilli: 1, memoryBytes }) } }) });
  const policy = [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }];
  await create('web', { containers: [{ name: 'app', image: 'i', resources: sized('500m', '256Mi'), resizePolicy: policy }, { name: 'side', image: 'i', resources: sized('500m', '20Mi') }] });
  await clock.advance(100);
  await resizeTo(client, 'web', sized('500m', '64Mi'));
  await clock.advance(100);
  expect(condition(await get('web'), 'PodResizeInProgress')).toMatchObject({ status: 'True', reason: 'Error', message: 'aborting attempt to set pod memory limit less than current memory usage for pod web' });
  memoryBytes = 2 ** 20;
  await clock.advance(11_000);
  const pod = await get('web');
  expect(condition(pod, 'PodResizeInProgress')).toBeUndefined();
  expect(app(pod)).toMatchObject({ restartCount: 1, resources: sized('500m', '64Mi') });
});

test('stats add up what runs', async () => {
  const { create, clock, kubelet } = await begin({ model: as({ app: { usage: () => ({ cpuMilli: 500, memoryBytes: 2048 }) } }) });
  await create('web');
  await clock.advance(10_000);
  expect(await kubelet.stats()).toMatchObject([{ name: 'web', namespace: 'default', containers: [{ name: 'app', memoryWorkingSetBytes: 2048, cpuNanoseconds: 5e9 }] }]);
});

test('a thousand pods start, and nothing ticks while nothing happens', async () => {
  const { create, clock, client } = await begin();
  await Promise.all(Array.from({ length: 1000 }, (_, i) => create(`p${i}`)));
  await clock.advance(1000);
  const { items } = await client.list(Pods, { namespace: 'default' });
  expect(items.filter((p) => condition(p, 'Ready')?.status === 'True')).toHaveLength(1000);
  expect(clock.pending()).toBeLessThan(20);
});

test('a pod past its deadline is not Failed before its containers ended', async () => {
  const { create, get, clock } = await begin({ model: as({ app: { stopMs: 5000 } }) });
  await create('web', { activeDeadlineSeconds: 2 });
  await clock.advance(4000);
  let pod = await get('web');
  expect(pod.status?.phase).toBe('Running');
  expect(condition(pod, 'Ready')?.status).toBe('False');
  await clock.advance(4000);
  pod = await get('web');
  expect(pod.status).toMatchObject({ phase: 'Failed', reason: 'DeadlineExceeded' });
});

test('restarts are not forgotten when the runtime has forgotten the container', async () => {
  const { create, get, clock, kubelet, runtime, options } = await begin();
  await create('web');
  await create('never', { restartPolicy: 'Never' });
  await clock.advance(100);
  await kubelet.stop();
  for (const { id } of await runtime.list()) await runtime.removeSandbox(id);
  const again = createKubelet(options);
  await again.start();
  await clock.advance(100);
  expect(app(await get('web'))).toMatchObject({ restartCount: 1, state: { running: {} }, lastState: { terminated: { reason: 'ContainerStatusUnknown', exitCode: 137 } } });
  const never = await get('never');
  expect(never.status?.phase).toBe('Failed');
  expect(app(never)).toMatchObject({ ready: false, state: { terminated: { reason: 'ContainerStatusUnknown', exitCode: 137, message: 'The container could not be located when the pod was terminated' } } });
  await again.stop();
});

test('a kubelet that stops waits for no grace, and the next one goes on', async () => {
  const { create, get, remove, clock, kubelet, runtime, options } = await begin({ model: as({ app: { stopMs: 20_000 } }) });
  await create('web', { terminationGracePeriodSeconds: 30, containers: [{ name: 'app', image: 'i', lifecycle: { preStop: { sleep: { seconds: 10 } } } }] });
  await clock.advance(100);
  await remove('web');
  await clock.advance(1000);
  await kubelet.stop();
  expect((await runtime.list())[0]!.containers[0]!.state).toBe('running');
  const again = createKubelet(options);
  await again.start();
  await clock.advance(40_000);
  await expect(get('web')).rejects.toSatisfy((e) => isReason(e, 'NotFound'));
  expect(await runtime.list()).toEqual([]);
  await again.stop();
});

test('nodes that share a feed each run their own pods', async () => {
  const { client, clock, options, create, get } = await begin();
  const feed = nodeFeed({ client, clock, random: options.random, services: false });
  await feed.start();
  const names = ['a', 'b', 'c'];
  const kubelets = names.map((nodeName, i) => createKubelet({ ...options, nodeName, feed, runtime: simulatedRuntime({ clock, name: nodeName, addressBlock: i + 1 }) }));
  await Promise.all(kubelets.map((k) => k.start()));
  await Promise.all(names.map((nodeName) => create(`on-${nodeName}`, { nodeName })));
  await clock.advance(1000);
  expect(await Promise.all(names.map(async (n) => (await get(`on-${n}`)).status?.podIP))).toEqual(['10.1.0.1', '10.2.0.1', '10.3.0.1']);
  await Promise.all(kubelets.map((k) => k.stop()));
  feed.stop();
});

test('preStop has its time within the grace, and failing hooks are told of', async () => {
  const { create, remove, clock, events, get } = await begin({ model: as({ app: { stopMs: 1000 } }) });
  const hooked = (preStop: object) => ({ containers: [{ name: 'app', image: 'i', lifecycle: { preStop } }], terminationGracePeriodSeconds: 20 });
  await create('sleeps', hooked({ sleep: { seconds: 5 } }));
  await create('fails', hooked({ exec: { command: ['no'] } }));
  await clock.advance(100);
  await remove('sleeps');
  await remove('fails');
  await clock.advance(5500);
  await get('sleeps');
  await expect(get('fails')).rejects.toSatisfy((e) => isReason(e, 'NotFound'));
  await clock.advance(1000);
  await expect(get('sleeps')).rejects.toSatisfy((e) => isReason(e, 'NotFound'));
  expect(await events('fails')).toContain('FailedPreStopHook: PreStopHook failed');
});

test('a sandbox that cannot be made is told of and tried again', async () => {
  let broken = true;
  const { create, get, clock, events } = await begin({ model: () => ({ ...(broken && { sandboxError: 'no address left' }), container: () => ({}) }) });
  await create('web');
  await clock.advance(400);
  expect((await get('web')).status?.phase).toBe('Pending');
  expect(condition(await get('web'), 'PodReadyToStartContainers')).toMatchObject({ status: 'False' });
  expect(await events('web')).toEqual(['FailedCreatePodSandBox: Failed to create pod sandbox: no address left']);
  broken = false;
  await clock.advance(2000);
  expect((await get('web')).status?.phase).toBe('Running');
});

test('a container that cannot be started: RunContainerError, then back-off', async () => {
  const { create, get, clock, events } = await begin({ model: as({ app: { startError: 'exec: "nope": executable file not found in $PATH' } }) });
  await create('web');
  await clock.advance(50);
  expect(app(await get('web'))).toMatchObject({
    state: { waiting: { reason: 'RunContainerError', message: 'exec: "nope": executable file not found in $PATH' } },
    lastState: { terminated: { reason: 'StartError', exitCode: 128, startedAt: '1970-01-01T00:00:00Z' } },
  });
  expect(await events('web')).toContain('Failed: Error: exec: "nope": executable file not found in $PATH');
  await clock.advance(3000);
  expect(app(await get('web'))).toMatchObject({ restartCount: 1, state: { waiting: { reason: 'CrashLoopBackOff' } } });
});

test('a failed postStart hook kills the container', async () => {
  const { create, get, clock, events } = await begin();
  await create('web', { containers: [{ name: 'app', image: 'i', lifecycle: { postStart: { exec: { command: ['no'] } } } }] });
  await clock.advance(100);
  expect(app(await get('web'))).toMatchObject({ state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: { terminated: { exitCode: 143 } } });
  expect(await events('web')).toEqual(expect.arrayContaining(['FailedPostStartHook: PostStartHook failed', 'Killing: FailedPostStartHook']));
});

test('a debug container joins a running pod and is never restarted', async () => {
  const { create, get, clock, client } = await begin({ model: as({ debug: { runMs: 1000 } }) });
  await create('web');
  await clock.advance(100);
  const pod = await get('web');
  await client.update(Pods, { ...pod, spec: { ...pod.spec, ephemeralContainers: [{ name: 'debug', image: 'busybox', targetContainerName: 'app' }] } }, { subresource: 'ephemeralcontainers' });
  await clock.advance(100);
  expect((await get('web')).status?.ephemeralContainerStatuses).toMatchObject([{ name: 'debug', state: { running: {} } }]);
  await clock.advance(60_000);
  const after = await get('web');
  expect(after.status?.ephemeralContainerStatuses).toMatchObject([{ name: 'debug', restartCount: 0, state: { terminated: { reason: 'Completed' } } }]);
  expect(after.status?.phase).toBe('Running');
});

test('readiness gates hold Ready back until another says so', async () => {
  const { create, get, clock, client } = await begin();
  await create('web', { readinessGates: [{ conditionType: 'x/y' }] });
  await clock.advance(100);
  const pod = await get('web');
  expect(condition(pod, 'Ready')).toMatchObject({ status: 'False', reason: 'ReadinessGatesNotReady' });
  await client.patch(Pods, 'web', { type: 'strategic', body: { status: { conditions: [{ type: 'x/y', status: 'True' }] } } }, { namespace: 'default', subresource: 'status' });
  await clock.advance(100);
  expect(condition(await get('web'), 'Ready')).toMatchObject({ status: 'True' });
  expect(condition(await get('web'), 'x/y')).toMatchObject({ status: 'True' });
});

test('sidecars end after the main containers, the last one first', async () => {
  const { create, remove, clock, runtime } = await begin({ model: as({ app: { stopMs: 3000 } }) });
  const ends: string[] = [];
  const sidecar = (name: string) => ({ name, image: 'i', restartPolicy: 'Always' });
  await create('web', { initContainers: [sidecar('one'), sidecar('two')] });
  await clock.advance(100);
  const names = new Map((await runtime.list())[0]!.containers.map((c) => [c.id, c.name]));
  runtime.onEvent((e) => {
    if (e.type === 'exited') ends.push(names.get(e.containerId!)!);
  });
  await remove('web');
  await clock.advance(10_000);
  expect(ends).toEqual(['app', 'two', 'one']);
});

test('the same seed gives the same events', async () => {
  const run = async () => {
    const { create, clock, events, stop } = await begin({ model: as({ app: { runMs: 700, exitCode: 1 } }) });
    await Promise.all(['a', 'b', 'c'].map((name) => create(name)));
    await clock.advance(60_000);
    const all = (await Promise.all(['a', 'b', 'c'].map(events))).flat();
    await stop();
    return all;
  };
  expect(await run()).toEqual(await run());
});
