import { afterEach, describe, expect, test } from 'vitest';
import { Namespaces } from '../api/kinds/core/namespace.ts';
import { Nodes } from '../api/kinds/core/node.ts';
import { Pods } from '../api/kinds/core/pod.ts';
import { Services } from '../api/kinds/core/service.ts';
import type { PodSpec, Service } from '../api/types/core.v1.ts';
import { scheduled, schedulerBed, storedEvents, type SchedulerBed } from './bed.suite.ts';

let bed: SchedulerBed;
afterEach(() => bed.stop());

const SECOND = 1_000;
const near = (key: string, value: string) => ({ topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { [key]: value } } });
const affinity = (key: string, value: string): Pick<PodSpec, 'affinity'> => ({ affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [near(key, value)] } } });
const perNode = (pods: readonly string[]) => {
  const counts: Record<string, number> = {};
  for (const pair of pods) counts[pair.split('→')[1]!] = (counts[pair.split('→')[1]!] ?? 0) + 1;
  return counts;
};

describe('the order', () => {
  test('higher priority first, then the older one', async () => {
    bed = await schedulerBed();
    await bed.addClass('high', 1000);
    await bed.addClass('low', -10);
    for (const [name, priorityClassName] of [['a', 'low'], ['b', undefined], ['c', 'high'], ['d', undefined]] as const) {
      await bed.addPod(name, { ...(priorityClassName && { priorityClassName }) });
      await bed.clock.advance(10);
    }
    await bed.clock.advance(10 * SECOND);
    expect(bed.assigned()).toEqual([]);
    await bed.addNode('n');
    await bed.clock.advance(10 * SECOND);
    expect(bed.assigned()).toEqual(['c→n', 'b→n', 'd→n', 'a→n']);
  });

  test('what is assigned: event, condition, node', async () => {
    bed = await schedulerBed();
    await bed.addNode('n');
    await bed.addPod('web');
    await bed.clock.settle();
    expect(bed.pod('web').spec.nodeName).toBe('n');
    expect(scheduled(bed.pod('web'))).toMatchObject({ status: 'True', lastTransitionTime: '2025-01-01T00:00:00Z' });
    expect(await storedEvents(bed, 'web')).toEqual(['1 × Scheduled: Successfully assigned default/web to n']);
  });

  test('a pod of another scheduler is left alone', async () => {
    bed = await schedulerBed();
    await bed.addNode('n');
    await bed.addPod('theirs', { schedulerName: 'other' });
    await bed.clock.advance(60 * SECOND);
    expect(bed.pod('theirs').spec.nodeName).toBeUndefined();
    expect(bed.log).toEqual([]);
  });

  test('a pod that is replaced under the same name while it is being assigned', async () => {
    bed = await schedulerBed();
    await bed.addNode('n');
    await bed.addPod('web');
    await bed.client.delete(Pods, 'web', { namespace: 'default', gracePeriodSeconds: 0 });
    const { metadata: { uid } } = await bed.addPod('web');
    await bed.clock.advance(30 * SECOND);
    expect(bed.pod('web')).toMatchObject({ metadata: { uid }, spec: { nodeName: 'n' } });
  });
});

describe('why a pod has no node', () => {
  const cases: [string, (b: SchedulerBed) => Promise<unknown>, Partial<PodSpec> & { cpu?: string }, string][] = [
    ['no nodes', async () => {}, {}, 'no nodes available to schedule pods'],
    ['too large, and preemption cannot help', (b) => b.addNode('n'), { cpu: '3' },
      '0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.'],
    ['cordoned', (b) => b.addNode('n', { spec: { unschedulable: true } }), {},
      '0/1 nodes are available: 1 node(s) were unschedulable. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.'],
    ['tainted', (b) => b.addNode('n', { spec: { taints: [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }] } }), {},
      '0/1 nodes are available: 1 node(s) had untolerated taint {gpu: yes}. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.'],
    ['several reasons', async (b) => {
      await b.addNode('a', { spec: { unschedulable: true } });
      await b.addNode('b', { allocatable: { pods: '0' } });
      await b.addNode('c');
    }, { cpu: '3' }, '0/3 nodes are available: 1 Too many pods, 1 node(s) were unschedulable, 2 Insufficient cpu. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.'],
    ['it may not preempt', (b) => b.addNode('n'), { cpu: '3', preemptionPolicy: 'Never', priorityClassName: 'polite' },
      '0/1 nodes are available: 1 Insufficient cpu. preemption: not eligible due to preemptionPolicy=Never.'],
    ['a claim that is missing', (b) => b.addNode('n'), { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }] },
      '0/1 nodes are available: persistentvolumeclaim "data" not found. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.'],
    ['a claim of its own that is not made yet', (b) => b.addNode('n'), { volumes: [{ name: 'v', ephemeral: { volumeClaimTemplate: { metadata: {}, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } } } }] },
      '0/1 nodes are available: waiting for ephemeral volume controller to create the persistentvolumeclaim "p-v". preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.'],
  ];
  test.each(cases)('%s', async (_, prepare, spec, message) => {
    bed = await schedulerBed();
    await bed.addClass('polite', 5, { preemptionPolicy: 'Never' });
    await prepare(bed);
    await bed.addPod('p', spec);
    await bed.clock.settle();
    expect(bed.events('p')).toEqual([`0 Warning FailedScheduling: ${message}`]);
    expect(scheduled(bed.pod('p'))).toMatchObject({ status: 'False', reason: 'Unschedulable', message, lastTransitionTime: '2025-01-01T00:00:00Z' });
    expect(bed.pod('p').status?.phase).toBe('Pending');
  });

  test('the condition keeps its time while only the message changes', async () => {
    bed = await schedulerBed();
    await bed.addPod('p', { cpu: '3' });
    await bed.clock.advance(5 * SECOND);
    await bed.addNode('n');
    await bed.clock.advance(5 * SECOND);
    expect(scheduled(bed.pod('p'))).toMatchObject({ message: expect.stringContaining('Insufficient cpu'), lastTransitionTime: '2025-01-01T00:00:00Z' });
  });
});

describe('when it is tried again', () => {
  test('nothing happens: once in five minutes, whatever is written on it', async () => {
    bed = await schedulerBed();
    await bed.addPod('p', {}, { labels: { app: 'p' }, annotations: { a: 'b' } });
    await bed.clock.advance(11 * 60 * SECOND);
    expect(bed.attempts('p')).toEqual([0, 300 * SECOND, 600 * SECOND]);
  });

  test('changes come all the time: one of those that back off is tried at each, the others after 1, 2, 4, 8, 10, 10 s', async () => {
    bed = await schedulerBed();
    for (const name of ['p', 'q', 'r', 's']) await bed.addPod(name, { nodeSelector: { disk: 'ssd' } });
    await bed.clock.settle();
    await bed.addNode('n');
    for (let i = 0; i < 70; i++) {
      await bed.clock.advance(SECOND / 2);
      await bed.client.patch(Nodes, 'n', { type: 'merge', body: { metadata: { labels: { tick: String(i) } } } });
    }
    await bed.clock.settle();
    const tries = ['p', 'q', 'r', 's'].map((name) => bed.attempts(name).length);
    expect(tries.reduce((sum, count) => sum + count)).toBeLessThanOrEqual(4 * 7 + 71);
    for (const count of tries) expect(count).toBeGreaterThanOrEqual(7);
  });

  test('room that becomes free is taken at once, by all whom it is enough for', async () => {
    bed = await schedulerBed();
    await bed.addNode('n', { allocatable: { cpu: '4' } });
    await bed.addPod('all', { cpu: '4' });
    for (const name of ['a', 'b', 'c']) await bed.addPod(name, { cpu: '2' });
    await bed.clock.settle();
    // A change that does not help begins their back-off.
    for (let i = 0; i < 3; i++) {
      await bed.clock.advance(10 * SECOND);
      await bed.client.patch(Nodes, 'n', { type: 'merge', body: { metadata: { labels: { tick: String(i) } } } });
    }
    await bed.clock.advance(1);
    await bed.client.delete(Pods, 'all', { namespace: 'default', gracePeriodSeconds: 0 });
    await bed.clock.advance(100);
    expect(['a', 'b', 'c'].filter((name) => bed.pod(name).spec.nodeName === 'n')).toHaveLength(2);
  });

  test('a heartbeat wakes nobody', async () => {
    bed = await schedulerBed();
    await bed.addNode('n', { spec: { unschedulable: true } });
    await bed.addPod('p');
    for (let i = 0; i < 10; i++) {
      await bed.clock.advance(10 * SECOND);
      await bed.client.patch(Nodes, 'n', { type: 'merge', body: { status: { conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime: new Date(bed.clock.now()).toISOString() }] } } }, { subresource: 'status' });
    }
    expect(bed.attempts('p')).toEqual([0]);
  });

  const wakes: [string, Partial<PodSpec> & { cpu?: string }, (b: SchedulerBed) => Promise<unknown>][] = [
    ['a node comes', { nodeSelector: { disk: 'ssd' } }, (b) => b.addNode('m', { labels: { disk: 'ssd' } })],
    ['a node is labelled', { nodeSelector: { disk: 'ssd' } }, (b) => b.client.patch(Nodes, 'n', { type: 'merge', body: { metadata: { labels: { disk: 'ssd' } } } })],
    ['a node grows', { cpu: '3' }, (b) => b.client.patch(Nodes, 'n', { type: 'merge', body: { status: { allocatable: { cpu: '8' } } } }, { subresource: 'status' })],
    ['a pod is deleted', { cpu: '1500m' }, (b) => b.client.delete(Pods, 'other', { namespace: 'default', gracePeriodSeconds: 0 })],
    ['a pod ends', { cpu: '1500m' }, (b) => b.client.patch(Pods, 'other', { type: 'merge', body: { status: { phase: 'Succeeded' } } }, { namespace: 'default', subresource: 'status' })],
    ['a pod it wants to be near is assigned', affinity('app', 'friend'), (b) => b.addPod('friend', {}, { labels: { app: 'friend' } })],
    ['a pod it wants to be near is labelled', affinity('app', 'friend'), (b) => b.client.patch(Pods, 'other', { type: 'merge', body: { metadata: { labels: { app: 'friend' } } } }, { namespace: 'default' })],
  ];
  test.each(wakes)('%s', async (_, spec, change) => {
    bed = await schedulerBed();
    await bed.addNode('n');
    await bed.addPod('other', { cpu: '1' });
    await bed.clock.settle();
    await bed.addPod('p', spec);
    await bed.clock.advance(10 * SECOND);
    expect(bed.attempts('p')).toEqual([0]);
    await change(bed);
    await bed.clock.settle();
    expect(bed.pod('p').spec.nodeName).toBeDefined();
  });

  test('a pod is given less: its room counts until its containers have it', async () => {
    bed = await schedulerBed();
    await bed.addNode('n');
    await bed.addPod('other', { containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: '1500m' }, limits: { cpu: '2' } } }] });
    await bed.clock.settle();
    const has = (cpu: string) => bed.client.patch(Pods, 'other', { type: 'merge', body: { status: { containerStatuses: [{ name: 'c', image: 'i', imageID: '', ready: true, restartCount: 0, resources: { requests: { cpu } }, allocatedResources: { cpu } }] } } }, { namespace: 'default', subresource: 'status' });
    await has('1500m');
    await bed.addPod('p', { cpu: '1' });
    await bed.clock.advance(10 * SECOND);
    await bed.client.patch(Pods, 'other', { type: 'strategic', body: { spec: { containers: [{ name: 'c', resources: { requests: { cpu: '500m' } } }] } } }, { namespace: 'default', subresource: 'resize' });
    await bed.clock.advance(60 * SECOND);
    expect(bed.pod('p').spec.nodeName).toBeUndefined();
    await has('500m');
    await bed.clock.advance(10 * SECOND);
    expect(bed.pod('p').spec.nodeName).toBe('n');
  });

  test('uncordoned', async () => {
    bed = await schedulerBed();
    await bed.addNode('n', { spec: { unschedulable: true } });
    await bed.addPod('p');
    await bed.clock.advance(10 * SECOND);
    await bed.client.patch(Nodes, 'n', { type: 'merge', body: { spec: { unschedulable: null } } });
    await bed.clock.settle();
    expect(bed.assigned()).toEqual(['p→n']);
  });

  test('a node that refuses the others spread is removed', async () => {
    bed = await schedulerBed();
    await bed.addNode('a');
    await bed.addNode('b', { spec: { unschedulable: true } });
    const spread = { topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'DoNotSchedule' as const, labelSelector: { matchLabels: { app: 'web' } } }] };
    await bed.addPod('one', spread, { labels: { app: 'web' } });
    await bed.addPod('two', spread, { labels: { app: 'web' } });
    await bed.clock.advance(10 * SECOND);
    expect(bed.assigned()).toEqual(['one→a']);
    await bed.client.delete(Nodes, 'b');
    await bed.clock.settle();
    expect(bed.assigned()).toEqual(['one→a', 'two→a']);
  });
});

describe('gates', () => {
  test('a pod is held back without a word, and goes when the last gate is gone', async () => {
    bed = await schedulerBed();
    await bed.addNode('n');
    await bed.addPod('p', { schedulingGates: [{ name: 'example.com/a' }, { name: 'example.com/b' }] });
    await bed.clock.advance(10 * 60 * SECOND);
    expect(bed.events('p')).toEqual([]);
    expect(scheduled(bed.pod('p'))).toMatchObject({ status: 'False', reason: 'SchedulingGated', message: 'Scheduling is blocked due to non-empty scheduling gates' });
    const remove = (gates: { name: string }[]) => bed.client.patch(Pods, 'p', { type: 'merge', body: { spec: { schedulingGates: gates } } }, { namespace: 'default' });
    await remove([{ name: 'example.com/b' }]);
    await bed.clock.advance(60 * SECOND);
    expect(bed.pod('p').spec.nodeName).toBeUndefined();
    await remove([]);
    await bed.clock.settle();
    expect(bed.assigned()).toEqual(['p→n']);
    expect(scheduled(bed.pod('p'))).toMatchObject({ status: 'True' });
  });
});

describe('many', () => {
  test('300 pods over 5 nodes, 60 each', async () => {
    bed = await schedulerBed();
    for (const name of ['a', 'b', 'c', 'd', 'e']) await bed.addNode(name, { allocatable: { cpu: '8' } });
    for (let i = 0; i < 300; i++) await bed.addPod(`p${i}`, { cpu: '100m' });
    await bed.clock.advance(10 * SECOND);
    expect(perNode(bed.assigned())).toEqual({ a: 60, b: 60, c: 60, d: 60, e: 60 });
  });

  test('pods of one Service that ask for nothing', async () => {
    bed = await schedulerBed();
    await bed.client.create(Services, { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'default' }, spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } } as Service);
    for (const name of ['a', 'b', 'c']) await bed.addNode(name);
    for (let i = 0; i < 30; i++) await bed.addPod(`p${i}`, {}, { labels: { app: 'web' } });
    await bed.clock.settle();
    expect(perNode(bed.assigned())).toEqual({ a: 10, b: 10, c: 10 });
  });

  test('a node is filled to its last pod and not beyond', async () => {
    bed = await schedulerBed();
    await bed.addNode('n', { allocatable: { pods: '5', cpu: '100' } });
    for (let i = 0; i < 8; i++) await bed.addPod(`p${i}`, { cpu: '1' });
    await bed.clock.settle();
    expect(bed.assigned()).toHaveLength(5);
    expect(bed.events('p7')).toEqual(['0 Warning FailedScheduling: 0/1 nodes are available: 1 Too many pods. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.']);
  });

  test('hard spread over zones: never more than one apart', async () => {
    bed = await schedulerBed();
    for (const [name, zone] of [['a', 'x'], ['b', 'x'], ['c', 'y']] as const) await bed.addNode(name, { labels: { zone }, allocatable: { cpu: '100' } });
    const spread: Partial<PodSpec> = { topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { app: 'web' } } }] };
    for (let i = 0; i < 10; i++) await bed.addPod(`p${i}`, spread, { labels: { app: 'web' } });
    await bed.clock.settle();
    const { a = 0, b = 0, c = 0 } = perNode(bed.assigned());
    expect([a + b, c]).toEqual([5, 5]);
  });

  test('a namespace selector reaches pods of other namespaces', async () => {
    bed = await schedulerBed();
    await bed.client.create(Namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shared', labels: { team: 'a' } }, spec: {} });
    await bed.addNode('a');
    await bed.addNode('b');
    await bed.client.create(Pods, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'db', namespace: 'default', labels: { app: 'db' } }, spec: { nodeName: 'b', containers: [{ name: 'c', image: 'i' }] } });
    const apart = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ ...near('app', 'db'), namespaceSelector: {} }] } };
    for (let i = 0; i < 5; i++) await bed.addPod(`p${i}`, { affinity: apart });
    await bed.clock.settle();
    expect(perNode(bed.assigned())).toEqual({ a: 5 });
  });
});
