import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ReplicaSets } from '../../api/kinds/apps/replica-set.ts';
import { ReplicationControllers } from '../../api/kinds/core/replication-controller.ts';
import { Pods } from '../../api/kinds/core/pod.ts';
import { ResourceQuotas } from '../../api/kinds/core/resource-quota.ts';
import type { ReplicaSet } from '../../api/types/apps.v1.ts';
import type { Pod } from '../../api/types/core.v1.ts';
import { hasEased } from '../quota.ts';
import { replicationControllerController } from '../replicationcontroller/controller.ts';
import { resourceQuotaController } from '../resourcequota/controller.ts';
import { podRunner, testbed } from '../testbed.suite.ts';
import { replicaSetController } from './controller.ts';
import { slowStart } from './decide.ts';
import { chooseVictims } from './victims.ts';

const NOW = Date.UTC(2025, 0, 2);
const ago = (seconds: number) => new Date(NOW - seconds * 1000).toISOString();
interface Shape { node?: string; phase?: string; ready?: number | false; cost?: string; restarts?: number; age?: number; uid?: string }
const pod = (name: string, { node = 'n', phase = 'Running', ready = 3600, cost, restarts = 0, age = 7200, uid = name }: Shape = {}): Pod => ({
  apiVersion: 'v1', kind: 'Pod',
  metadata: { name, uid, creationTimestamp: ago(age), ...(cost !== undefined && { annotations: { 'controller.kubernetes.io/pod-deletion-cost': cost } }) },
  spec: { containers: [], ...(node !== '' && { nodeName: node }) },
  status: { phase: phase as never, conditions: ready === false ? [] : [{ type: 'Ready', status: 'True', lastTransitionTime: ago(ready) }], containerStatuses: [{ name: 'c', restartCount: restarts } as never] },
});

describe('the first to go', () => {
  test.each<[string, Shape, Shape]>([
    ['is the unassigned one', { node: '' }, { phase: 'Pending' }],
    ['is the pending one', { phase: 'Pending', ready: false }, { ready: false }],
    ['is the one of unknown phase', { phase: 'Unknown' }, {}],
    ['is the one that is not ready', { ready: false }, { cost: '-5' }],
    ['is the one that costs less', { cost: '-5', ready: 90_000 }, { cost: '0', ready: 10 }],
    ['is the one that was ready for less time', { ready: 10 }, { ready: 3600 }],
    ['is the one that restarted more', { restarts: 3, age: 90_000 }, { restarts: 1 }],
    ['is the younger one', { age: 4000 }, { age: 90_000 }],
    ['is, of two about as old, the one with the lower UID', { ready: 3600, uid: 'a' }, { ready: 3500, uid: 'b' }],
    ['is not chosen by a cost that is no number', { cost: 'cheap', ready: 10 }, { cost: '', ready: 3600 }],
  ])('%s', (_, first, second) => {
    const [a, b] = [pod('x', first), pod('y', second)];
    expect(chooseVictims([b, a], [], 1, NOW)).toEqual([a]);
    expect(chooseVictims([a, b], [], 1, NOW)).toEqual([a]);
  });
  test('stands on the node with the most siblings', () => {
    const crowded = [pod('a', { node: 'n1' }), pod('b', { node: 'n1' }), pod('c', { node: 'n2', ready: 10 })];
    expect(chooseVictims(crowded, crowded, 1, NOW)[0]!.spec.nodeName).toBe('n1');
  });
});

test('slow start: all are made, no batch more than twice the last', () => {
  expect(slowStart(12)).toEqual([1, 2, 4, 5]);
  fc.assert(fc.property(fc.integer({ min: 0, max: 5000 }), (count) => {
    const batches = slowStart(count);
    expect(batches.reduce((sum, size) => sum + size, 0)).toBe(count);
    batches.forEach((size, index) => expect(size).toBeLessThanOrEqual(2 ** index));
  }));
});

const set = (replicas: number, extra: Partial<ReplicaSet['spec']> = {}): ReplicaSet => ({
  apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name: 'web', namespace: 'default' },
  spec: { replicas, selector: { matchLabels: { app: 'web' } }, template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'i' }] } }, ...extra },
});

test('a quota refusal is said with the numbers, and over the moment the quota grows', async () => {
  const bed = await testbed();
  await bed.start(replicaSetController(bed.context), podRunner(bed), resourceQuotaController(bed.context, async () => [Pods]));
  await bed.client.create(ResourceQuotas, { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'few', namespace: 'default' }, spec: { hard: { pods: '2' } } });
  await bed.clock.advance(100);
  await bed.client.create(ReplicaSets, set(4));
  await bed.clock.advance(300_000);
  expect(bed.client.objects(Pods)).toHaveLength(2);
  const failure = bed.client.objects(ReplicaSets)[0]!.status!.conditions![0]!;
  expect(failure).toMatchObject({ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate' });
  expect(failure.message).toMatch(/^pods "web-.{5}" is forbidden: exceeded quota: few, requested: pods=1, used: pods=2, limited: pods=2$/);
  expect(bed.log.find((line) => line.includes('FailedCreate'))).toMatch(/ ReplicaSet\/web Warning FailedCreate Error creating: pods "web-.{5}" is forbidden: exceeded quota: few, /);
  await bed.client.patch(ResourceQuotas, 'few', { type: 'merge', body: { spec: { hard: { pods: '5' } } } }, { namespace: 'default' });
  await bed.clock.advance(20);
  expect(bed.client.objects(Pods)).toHaveLength(4);
  expect(bed.client.objects(ReplicaSets)[0]!.status!.conditions ?? []).toEqual([]);
  await bed.stop();
});

test('eases', () => {
  const quota = (hard: string, used: string) => ({ apiVersion: 'v1', kind: 'ResourceQuota', metadata: {}, spec: {}, status: { hard: { pods: hard }, used: { pods: used } } });
  expect(hasEased(quota('2', '2'), quota('3', '2'))).toBe(true);
  expect(hasEased(quota('2', '2'), quota('2', '1'))).toBe(true);
  expect(hasEased(quota('2', '1'), quota('2', '2'))).toBe(false);
  expect(hasEased(quota('1k', '1'), quota('1000', '1'))).toBe(false);
});

test('adopts matching pods that nobody has, and lets go of those that match no more', async () => {
  const bed = await testbed();
  await bed.start(replicaSetController(bed.context), podRunner(bed));
  const lone = await bed.client.create(Pods, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'lone', namespace: 'default', labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'i' }] } });
  await bed.clock.advance(2000);
  await bed.client.create(ReplicaSets, set(2));
  await bed.clock.advance(3000);
  expect(bed.client.objects(Pods)).toHaveLength(2);
  const owner = () => bed.client.objects(Pods).find(({ metadata }) => metadata.uid === lone.metadata.uid)!.metadata.ownerReferences;
  expect(owner()).toMatchObject([{ kind: 'ReplicaSet', name: 'web', controller: true, blockOwnerDeletion: true }]);
  await bed.client.patch(Pods, 'lone', { type: 'merge', body: { metadata: { labels: { app: 'debug' } } } }, { namespace: 'default' });
  await bed.clock.advance(3000);
  expect(owner() ?? []).toEqual([]);
  expect(bed.client.objects(Pods)).toHaveLength(3);
  expect(bed.errors).toEqual([]);
  await bed.stop();
});

test('a pod is available minReadySeconds after it became ready', async () => {
  const bed = await testbed();
  await bed.start(replicaSetController(bed.context), podRunner(bed));
  await bed.client.create(ReplicaSets, set(2, { minReadySeconds: 10 }));
  const status = () => bed.client.objects(ReplicaSets)[0]!.status!;
  await bed.clock.advance(5000);
  expect(status()).toMatchObject({ readyReplicas: 2 });
  expect(status().availableReplicas ?? 0).toBe(0);
  await bed.clock.advance(6100);
  expect(status().availableReplicas).toBe(2);
  await bed.stop();
});

test('ReplicationControllers work the same', async () => {
  const bed = await testbed();
  await bed.start(replicationControllerController(bed.context), podRunner(bed));
  await bed.client.create(ReplicationControllers, { apiVersion: 'v1', kind: 'ReplicationController', metadata: { name: 'old', namespace: 'default' }, spec: { replicas: 2, template: { metadata: { labels: { app: 'old' } }, spec: { containers: [{ name: 'c', image: 'i' }] } } } });
  await bed.clock.advance(3000);
  expect(bed.client.objects(ReplicationControllers)[0]!.status).toMatchObject({ replicas: 2, readyReplicas: 2, availableReplicas: 2, fullyLabeledReplicas: 2 });
  await bed.stop();
});
