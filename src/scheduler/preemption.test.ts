import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Deployments } from '../api/kinds/apps/deployment.ts';
import { Nodes } from '../api/kinds/core/node.ts';
import { Pods } from '../api/kinds/core/pod.ts';
import { PodDisruptionBudgets } from '../api/kinds/policy/pod-disruption-budget.ts';
import type { Deployment } from '../api/types/apps.v1.ts';
import type { Pod } from '../api/types/core.v1.ts';
import type { PodDisruptionBudget } from '../api/types/policy.v1.ts';
import { deploymentController } from '../controllers/deployment/controller.ts';
import { disruptionController } from '../controllers/disruption/controller.ts';
import { replicaSetController } from '../controllers/replicaset/controller.ts';
import { scheduled, schedulerBed, type SchedulerBed } from './bed.suite.ts';

const SECOND = 1_000;
let bed: SchedulerBed;
beforeEach(async () => {
  bed = await schedulerBed({ components: (b) => [disruptionController(b.context), deploymentController(b.context), replicaSetController(b.context)] });
  await bed.addClass('low', 1);
  await bed.addClass('high', 1000);
  await bed.addClass('higher', 2000);
  await bed.addClass('polite', 1000, { preemptionPolicy: 'Never' });
});
afterEach(() => bed.stop());

const names = () => bed.client.objects(Pods).map((p) => p.metadata.name).sort();
const nominatedTo = (name: string) => bed.pod(name).status?.nominatedNodeName;
const low = (name: string, cpu: string, metadata: Pod['metadata'] = {}) => bed.addPod(name, { cpu, priorityClassName: 'low' }, metadata);
const keep = (name: string, minAvailable: number) => bed.client.create(PodDisruptionBudgets, {
  apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name, namespace: 'default' }, spec: { minAvailable, selector: { matchLabels: { app: name } } },
} as PodDisruptionBudget);

describe('on running nodes', () => {
  test('the victim ends in its grace, and only then the other one comes', async () => {
    await bed.addKubelet('n', '2', { stopMs: 5 * SECOND });
    await low('victim', '1500m');
    await bed.clock.advance(10 * SECOND);
    expect(bed.pod('victim').status?.phase).toBe('Running');

    const { metadata: { uid } } = await bed.addPod('vip', { cpu: '1', priorityClassName: 'high' });
    await bed.clock.settle();
    expect(bed.events('vip')).toEqual(['10001 Warning FailedScheduling: 0/1 nodes are available: 1 Insufficient cpu.']);
    expect(nominatedTo('vip')).toBe('n');
    expect(bed.events('victim').filter((e) => e.includes('Preempted'))).toEqual([`10001 Normal Preempted: Preempted by pod ${uid} on node n`]);
    expect(bed.pod('victim').metadata).toMatchObject({ deletionGracePeriodSeconds: 30 });
    expect(bed.pod('victim').status?.conditions?.find((c) => c.type === 'DisruptionTarget')).toMatchObject({
      status: 'True', reason: 'PreemptionByScheduler', message: 'default-scheduler: preempting to accommodate a higher priority pod',
    });

    await bed.clock.advance(4 * SECOND);
    expect(names()).toEqual(['victim', 'vip']);
    await bed.clock.advance(2 * SECOND);
    expect(names()).toEqual(['vip']);
    expect(bed.assigned()).toEqual(['victim→n', 'vip→n']);
    await bed.clock.advance(5 * SECOND);
    expect(bed.pod('vip').status?.phase).toBe('Running');
    expect(scheduled(bed.pod('vip'))?.status).toBe('True');
  });

  test('the room is kept for it: what takes the place of its victims has to wait', async () => {
    await bed.addKubelet('n', '2', { stopMs: 20 * SECOND });
    const template = { metadata: { labels: { app: 'web' } }, spec: { priorityClassName: 'low', containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: '1' } } }] } };
    await bed.client.create(Deployments, { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'default' }, spec: { replicas: 2, selector: { matchLabels: { app: 'web' } }, template } } as Deployment);
    await bed.clock.advance(10 * SECOND);
    await bed.addPod('vip', { cpu: '2', priorityClassName: 'high' });
    await bed.clock.advance(120 * SECOND);
    expect(bed.pod('vip')).toMatchObject({ spec: { nodeName: 'n' }, status: { phase: 'Running' } });
    // The two that were there first, and nobody between them and the important one.
    expect(bed.assigned().map((pair) => pair.replace(/web-\S+→/, 'web→'))).toEqual(['web→n', 'web→n', 'vip→n']);
    expect(bed.log.filter((line) => line.includes('Preempted'))).toHaveLength(2);
  });

  test('while its victims end it preempts nobody else', async () => {
    await bed.addKubelet('a', '2', { stopMs: 20 * SECOND });
    await bed.addKubelet('b', '2', { stopMs: 20 * SECOND });
    await low('one', '2');
    await low('two', '2');
    await bed.clock.advance(5 * SECOND);
    await bed.addPod('vip', { cpu: '2', priorityClassName: 'high' });
    await bed.clock.advance(5 * SECOND);
    // Something that wakes it.
    await bed.addNode('c', { spec: { unschedulable: true } });
    await bed.clock.advance(5 * SECOND);
    expect(bed.log.filter((line) => line.includes('Preempted'))).toHaveLength(1);
    expect(bed.events('vip').at(-1)).toMatch(/preemption: not eligible due to a terminating pod on the nominated node\.$/);
    const promised = nominatedTo('vip');
    await bed.clock.advance(30 * SECOND);
    expect(promised).toBeDefined();
    expect(bed.pod('vip').spec.nodeName).toBe(promised);
  });
});

describe('who goes', () => {
  const victims = () => bed.log.filter((line) => line.includes(' Preempted ')).map((line) => /Pod\/(\S+)/.exec(line)![1]).sort();

  test('the least important, and as few as will do', async () => {
    await bed.addNode('n', { allocatable: { cpu: '4' } });
    await low('a', '1');
    await low('b', '1');
    await bed.addPod('c', { cpu: '2', priorityClassName: 'high' });
    await bed.clock.advance(SECOND);
    await bed.addPod('vip', { cpu: '1', priorityClassName: 'higher' });
    await bed.clock.settle();
    expect(victims()).toHaveLength(1);
    expect(victims()).not.toContain('c');
    expect(nominatedTo('vip')).toBe('n');
  });

  test('from the node where no budget is broken', async () => {
    await bed.addNode('a');
    await bed.clock.settle();
    await low('kept', '2', { labels: { app: 'kept' } });
    await bed.clock.settle();
    await bed.addNode('b');
    await bed.clock.settle();
    // Its priority is higher: only the budget speaks for taking it.
    await bed.addPod('free', { cpu: '2', priorityClassName: 'high' });
    await keep('kept', 1);
    await bed.clock.advance(5 * SECOND);
    await bed.addPod('vip', { cpu: '2', priorityClassName: 'higher' });
    await bed.clock.settle();
    expect(victims()).toEqual(['free']);
    expect(nominatedTo('vip')).toBe('b');
  });

  test('a budget is broken when nothing else helps', async () => {
    await bed.addNode('a');
    await low('kept', '2', { labels: { app: 'kept' } });
    await keep('kept', 1);
    await bed.clock.advance(5 * SECOND);
    await bed.addPod('vip', { cpu: '2', priorityClassName: 'high' });
    await bed.clock.settle();
    expect(victims()).toEqual(['kept']);
  });

  test('a pod that keeps others away goes for one it keeps away', async () => {
    await bed.addNode('n', { allocatable: { cpu: '8' } });
    const apart = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'web' } } }] } };
    await bed.addPod('loner', { priorityClassName: 'low', affinity: apart });
    await low('bystander', '1');
    await bed.clock.settle();
    await bed.addPod('vip', { priorityClassName: 'high' }, { labels: { app: 'web' } });
    await bed.clock.settle();
    expect(victims()).toEqual(['loner']);
  });

  test('nobody for a pod whose class says Never', async () => {
    await bed.addNode('n');
    await low('safe', '2');
    await bed.clock.settle();
    await bed.addPod('vip', { cpu: '2', priorityClassName: 'polite' });
    await bed.clock.advance(60 * SECOND);
    expect(victims()).toEqual([]);
    expect(bed.events('vip')).toEqual(['0 Warning FailedScheduling: 0/1 nodes are available: 1 Insufficient cpu. preemption: not eligible due to preemptionPolicy=Never.']);
    expect(names()).toContain('safe');
  });

  test('nobody where all of them would not be enough; the message says of what there is too little', async () => {
    await bed.addNode('n', { allocatable: { cpu: '4' } });
    await bed.addPod('rock', { cpu: '3', priorityClassName: 'higher' });
    await low('pebble', '1');
    await bed.clock.settle();
    await bed.addPod('vip', { cpu: '2', priorityClassName: 'high' });
    await bed.clock.settle();
    expect(bed.events('vip')).toEqual(['0 Warning FailedScheduling: 0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 Insufficient cpu.']);
    expect(victims()).toEqual([]);
    expect(nominatedTo('vip')).toBeUndefined();
  });

  test('two important ones at once take different victims', async () => {
    await bed.addNode('a');
    await bed.addNode('b');
    for (const name of ['one', 'two']) await low(name, '2');
    await bed.clock.settle();
    for (const name of ['vip1', 'vip2']) await bed.addPod(name, { cpu: '2', priorityClassName: 'high' });
    await bed.clock.settle();
    expect(victims()).toEqual(['one', 'two']);
    expect([nominatedTo('vip1'), nominatedTo('vip2')].sort()).toEqual(['a', 'b']);
  });
});

describe('the nomination', () => {
  /** A node whose victim takes a minute to go. */
  const busy = async () => {
    await bed.addKubelet('n', '2', { stopMs: 60 * SECOND });
    await bed.addPod('victim', { cpu: '2', priorityClassName: 'low', terminationGracePeriodSeconds: 120 });
    await bed.clock.advance(5 * SECOND);
    await bed.addPod('vip', { cpu: '2', priorityClassName: 'high' });
    await bed.clock.advance(5 * SECOND);
    expect(nominatedTo('vip')).toBe('n');
  };

  test('goes to a more important one', async () => {
    await busy();
    await bed.addPod('king', { cpu: '2', priorityClassName: 'higher' });
    await bed.clock.advance(120 * SECOND);
    expect(bed.pod('king').spec.nodeName).toBe('n');
    expect(bed.pod('vip').spec.nodeName).toBeUndefined();
  });

  test('another node has room first: it goes there', async () => {
    await busy();
    await bed.addNode('m');
    await bed.clock.advance(5 * SECOND);
    expect(bed.pod('vip').spec.nodeName).toBe('m');
  });

  test('ends when preemption cannot help any more', async () => {
    await busy();
    await bed.client.patch(Nodes, 'n', { type: 'merge', body: { spec: { unschedulable: true } } });
    await bed.clock.advance(5 * SECOND);
    expect(nominatedTo('vip')).toBeUndefined();
  });

  test('is kept from lesser pods, and free again when the pod is deleted', async () => {
    await busy();
    await bed.addPod('other', { cpu: '1' });
    await bed.clock.advance(70 * SECOND);
    expect(bed.assigned()).toEqual(['victim→n', 'vip→n']);
    await bed.client.delete(Pods, 'vip', { namespace: 'default', gracePeriodSeconds: 0 });
    await bed.clock.advance(15 * SECOND);
    expect(bed.assigned()).toEqual(['victim→n', 'vip→n', 'other→n']);
  });
});
