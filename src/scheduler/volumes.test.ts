import { afterEach, describe, expect, test } from 'vitest';
import { PersistentVolumeClaims } from '../api/kinds/core/persistent-volume-claim.ts';
import { PersistentVolumes } from '../api/kinds/core/persistent-volume.ts';
import { Pods } from '../api/kinds/core/pod.ts';
import { StorageClasses } from '../api/kinds/storage/storage-class.ts';
import type { PersistentVolume, PersistentVolumeClaim, PodSpec } from '../api/types/core.v1.ts';
import type { StorageClass } from '../api/types/storage.v1.ts';
import { persistentVolumeController } from '../controllers/persistentvolume/controller.ts';
import { schedulerBed, type SchedulerBed } from './bed.suite.ts';

const SECOND = 1_000;
const SELECTED = 'volume.kubernetes.io/selected-node';
let bed: SchedulerBed;
afterEach(() => bed.stop());

const start = async (provisioner?: string) => {
  bed = await schedulerBed({ components: (b) => (provisioner === undefined ? [] : [persistentVolumeController(b.context, { name: provisioner, make: async (volume) => `/volumes/${volume}`, remove: async () => {} })]) });
};
const addClass = (name: string, volumeBindingMode: 'Immediate' | 'WaitForFirstConsumer', more: Partial<StorageClass> = {}) => bed.client.create(StorageClasses, {
  apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name }, provisioner: 'test/dirs', volumeBindingMode, ...more,
} as StorageClass);
const addClaim = (name: string, storageClassName: string, accessMode = 'ReadWriteOnce') => bed.client.create(PersistentVolumeClaims, {
  apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name, namespace: 'default' },
  spec: { storageClassName, accessModes: [accessMode], resources: { requests: { storage: '1Gi' } } },
} as PersistentVolumeClaim);
const mounts = (claimName: string) => ({ volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }] });
const claim = (name: string) => bed.client.objects(PersistentVolumeClaims).find((c) => c.metadata.name === name)!;
const local = (name: string, node: string, storageClassName = 'now', storage = '1Gi') => bed.client.create(PersistentVolumes, {
  apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name },
  spec: {
    storageClassName, accessModes: ['ReadWriteOnce'], capacity: { storage }, hostPath: { path: '/v' },
    nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node] }] }] } },
  },
} as PersistentVolume);

describe('WaitForFirstConsumer', () => {
  test('the claim is told the node, its volume is made, and the pod goes there without waiting for its back-off', async () => {
    await start('test/dirs');
    await addClass('late', 'WaitForFirstConsumer');
    await addClaim('data', 'late');
    await bed.addNode('a');
    await bed.clock.advance(60 * SECOND);
    expect(claim('data').status?.phase).toBe('Pending');
    await bed.addPod('db', mounts('data'));
    await bed.clock.advance(100);
    expect(claim('data')).toMatchObject({ metadata: { annotations: { [SELECTED]: 'a' } }, status: { phase: 'Bound' } });
    expect(bed.assigned()).toEqual(['db→a']);
    expect(bed.attempts('db')).toEqual([]);
  });

  test('its place is kept while its volume is made', async () => {
    await start();
    await addClass('late', 'WaitForFirstConsumer');
    await addClaim('data', 'late');
    await bed.addNode('a', { allocatable: { cpu: '1' } });
    await bed.addPod('db', { cpu: '1', ...mounts('data') });
    await bed.clock.settle();
    await bed.addPod('late', { cpu: '1' });
    await bed.clock.advance(30 * SECOND);
    expect(bed.assigned()).toEqual([]);
    await bed.client.delete(Pods, 'db', { namespace: 'default' });
    await bed.clock.advance(SECOND);
    expect(bed.assigned()).toEqual(['late→a']);
  });

  test('nobody makes the volume: the pod waits, and stays with the node that the claim was told', async () => {
    await start();
    await addClass('late', 'WaitForFirstConsumer');
    await addClaim('data', 'late');
    await bed.addNode('a');
    await bed.addPod('db', mounts('data'));
    await bed.clock.settle();
    expect(claim('data').metadata.annotations?.[SELECTED]).toBe('a');
    await bed.addNode('b');
    await bed.client.patch(PersistentVolumeClaims, 'data', { type: 'merge', body: { metadata: { labels: { touched: 'yes' } } } }, { namespace: 'default' });
    await bed.clock.advance(60 * SECOND);
    expect(bed.pod('db').spec.nodeName).toBeUndefined();
    expect(claim('data').metadata.annotations?.[SELECTED]).toBe('a');
    expect(bed.log).toEqual([]);
  });

  test('the node it was promised is full: it does not go elsewhere', async () => {
    await start();
    await addClass('late', 'WaitForFirstConsumer');
    await addClaim('data', 'late');
    await bed.client.patch(PersistentVolumeClaims, 'data', { type: 'merge', body: { metadata: { annotations: { [SELECTED]: 'a' } } } }, { namespace: 'default' });
    await bed.addNode('a', { allocatable: { cpu: '1' } });
    await bed.addNode('b');
    await bed.clock.settle();
    await bed.addPod('db', { cpu: '2', ...mounts('data') });
    await bed.clock.settle();
    expect(bed.events('db')).toEqual(["0 Warning FailedScheduling: 0/2 nodes are available: 1 Insufficient cpu, 1 node(s) didn't find available persistent volumes to bind. preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling."]);
  });
});

describe('local volumes, made by hand', () => {
  const NO_PROVISIONER = { provisioner: 'kubernetes.io/no-provisioner' };
  const free = async (...args: Parameters<typeof local>) => {
    const { metadata } = await local(...args);
    return bed.client.patch(PersistentVolumes, metadata.name!, { type: 'merge', body: { status: { phase: 'Available' } } }, { subresource: 'status' });
  };
  const keptFor = () => Object.fromEntries(bed.client.objects(PersistentVolumes).map((v) => [v.metadata.name, v.spec.claimRef?.name]));

  test('the pod goes where one is, and the one that fits best is kept for its claim', async () => {
    await start();
    await addClass('hand', 'WaitForFirstConsumer', NO_PROVISIONER);
    for (const node of ['a', 'b', 'c']) await bed.addNode(node);
    await free('large', 'b', 'hand', '10Gi');
    await free('fitting', 'b', 'hand', '2Gi');
    await free('small', 'c', 'hand', '1Mi');
    await free('other', 'a', 'now', '2Gi');
    await addClaim('data', 'hand');
    await bed.addPod('db', mounts('data'));
    await bed.clock.settle();
    expect(keptFor()).toEqual({ large: undefined, fitting: 'data', small: undefined, other: undefined });
    expect(claim('data').metadata.annotations?.[SELECTED]).toBeUndefined();
    const fitting = bed.client.objects(PersistentVolumes).find((v) => v.metadata.name === 'fitting')!;
    expect(fitting).toMatchObject({ metadata: { annotations: { 'pv.kubernetes.io/bound-by-controller': 'yes' } }, spec: { claimRef: { kind: 'PersistentVolumeClaim', namespace: 'default', uid: claim('data').metadata.uid } } });
    // Bound, as the controller does it: the pod follows its volume.
    await bed.client.patch(PersistentVolumeClaims, 'data', { type: 'merge', body: { spec: { volumeName: 'fitting' } } }, { namespace: 'default' });
    await bed.client.patch(PersistentVolumeClaims, 'data', { type: 'merge', body: { status: { phase: 'Bound' } } }, { namespace: 'default', subresource: 'status' });
    await bed.clock.settle();
    expect(bed.assigned()).toEqual(['db→b']);
  });

  test('with the volume controller: bound, and the pod is there', async () => {
    await start('none');
    await addClass('hand', 'WaitForFirstConsumer', NO_PROVISIONER);
    for (const node of ['a', 'b']) await bed.addNode(node);
    await local('disk', 'b', 'hand');
    await addClaim('data', 'hand');
    await bed.clock.advance(5 * SECOND);
    expect(claim('data').status?.phase).toBe('Pending');
    await bed.addPod('db', mounts('data'));
    await bed.clock.advance(100);
    expect(claim('data')).toMatchObject({ spec: { volumeName: 'disk' }, status: { phase: 'Bound' } });
    expect(bed.assigned()).toEqual(['db→b']);
    expect(bed.attempts('db')).toEqual([]);
  });

  test('two claims of one pod get two volumes of one node', async () => {
    await start();
    await addClass('hand', 'WaitForFirstConsumer', NO_PROVISIONER);
    for (const node of ['a', 'b']) await bed.addNode(node);
    for (const [name, node] of [['a1', 'a'], ['b1', 'b'], ['b2', 'b']] as const) await free(name, node, 'hand');
    await addClaim('one', 'hand');
    await addClaim('two', 'hand');
    await bed.addPod('db', { volumes: ['one', 'two'].map((name) => ({ name, persistentVolumeClaim: { claimName: name } })) });
    await bed.clock.settle();
    expect(keptFor()['a1']).toBeUndefined();
    expect([keptFor()['b1'], keptFor()['b2']].sort()).toEqual(['one', 'two']);
  });

  test('none is there: the pod waits for one', async () => {
    await start();
    await addClass('hand', 'WaitForFirstConsumer', NO_PROVISIONER);
    await bed.addNode('a');
    await addClaim('data', 'hand');
    await bed.addPod('db', mounts('data'));
    await bed.clock.advance(10 * SECOND);
    expect(bed.events('db')).toEqual(["0 Warning FailedScheduling: 0/1 nodes are available: 1 node(s) didn't find available persistent volumes to bind. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling."]);
    await free('disk', 'a', 'hand');
    await bed.clock.advance(5 * SECOND);
    expect(keptFor()).toEqual({ disk: 'data' });
  });

  test('a class that is made only in some places takes the pod there', async () => {
    await start('test/dirs');
    await addClass('zonal', 'WaitForFirstConsumer', { allowedTopologies: [{ matchLabelExpressions: [{ key: 'zone', values: ['x', 'y'] }] }] });
    for (const [node, zone] of [['a', 'z'], ['b', 'y']] as const) await bed.addNode(node, { labels: { zone } });
    await addClaim('data', 'zonal');
    await bed.addPod('db', mounts('data'));
    await bed.clock.advance(SECOND);
    expect(bed.assigned()).toEqual(['db→b']);
  });
});

describe('Immediate', () => {
  test('the pod waits until the claim is bound', async () => {
    await start('test/dirs');
    await addClaim('data', 'now');
    await bed.addNode('a');
    await bed.addPod('db', mounts('data'));
    await bed.clock.advance(30 * SECOND);
    expect(bed.events('db')).toEqual(['0 Warning FailedScheduling: 0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.']);
    await addClass('now', 'Immediate');
    await bed.clock.advance(5 * SECOND);
    expect(bed.assigned()).toEqual(['db→a']);
  });

  test('a volume that is on one node takes the pod there', async () => {
    await start('none');
    await addClass('now', 'Immediate');
    await local('disk', 'b');
    await addClaim('data', 'now');
    await bed.addNode('a');
    await bed.clock.advance(SECOND);
    await bed.addPod('db', mounts('data'));
    await bed.clock.settle();
    expect(bed.events('db')).toEqual(["1000 Warning FailedScheduling: 0/1 nodes are available: 1 node(s) didn't match PersistentVolume's node affinity. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling."]);
    await bed.addNode('b');
    await bed.clock.advance(2 * SECOND);
    expect(bed.assigned()).toEqual(['db→b']);
  });

  test('a claim that comes after its pod', async () => {
    await start('test/dirs');
    await addClass('now', 'Immediate');
    await bed.addNode('a');
    await bed.addPod('db', mounts('data'));
    await bed.clock.advance(10 * SECOND);
    expect(bed.assigned()).toEqual([]);
    await addClaim('data', 'now');
    await bed.clock.advance(5 * SECOND);
    expect(bed.assigned()).toEqual(['db→a']);
  });
});

describe('a claim of the pod itself (generic ephemeral)', () => {
  const own = { volumes: [{ name: 'data', ephemeral: { volumeClaimTemplate: { metadata: {}, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } } } }] };

  test('somebody else has one of that name: it is not taken', async () => {
    await start('test/dirs');
    await addClass('now', 'Immediate');
    await addClaim('db-data', 'now');
    await bed.addNode('a');
    await bed.addPod('db', own as Partial<PodSpec>);
    await bed.clock.advance(60 * SECOND);
    expect(bed.assigned()).toEqual([]);
    expect(bed.events('db')[0]).toMatch(/^0 Warning FailedScheduling: 0\/1 nodes are available: PVC default\/db-data was not created for pod default\/db \(pod is not owner\)\. /);
  });

  test('it is made and bound: the pod goes', async () => {
    await start('test/dirs');
    await addClass('now', 'Immediate');
    await bed.addNode('a');
    const { metadata: { uid = '' } } = await bed.addPod('db', own as Partial<PodSpec>);
    await bed.clock.advance(5 * SECOND);
    await bed.client.create(PersistentVolumeClaims, {
      apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'db-data', namespace: 'default', ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'db', uid, controller: true }] },
      spec: { storageClassName: 'now', accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    } as PersistentVolumeClaim);
    await bed.clock.advance(10 * SECOND);
    expect(bed.assigned()).toEqual(['db→a']);
  });
});

test('of a claim that is not bound and one that is missing the missing one is named', async () => {
  await start();
  await addClass('now', 'Immediate');
  await addClaim('one', 'now');
  await bed.addNode('a');
  await bed.addPod('db', { volumes: ['one', 'two'].map((name) => ({ name, persistentVolumeClaim: { claimName: name } })) });
  await bed.clock.settle();
  expect(bed.events('db')[0]).toContain(': persistentvolumeclaim "two" not found.');
});

describe('ReadWriteOncePod', () => {
  const setup = async () => {
    await start('test/dirs');
    await addClass('now', 'Immediate');
    await addClaim('data', 'now', 'ReadWriteOncePod');
    for (const node of ['a', 'b']) await bed.addNode(node);
    await bed.clock.advance(SECOND);
    await bed.addPod('first', mounts('data'));
    await bed.clock.settle();
    expect(bed.assigned()).toHaveLength(1);
  };

  test('the second pod waits until the first is gone, on every node', async () => {
    await setup();
    await bed.addPod('second', mounts('data'));
    await bed.clock.advance(10 * SECOND);
    expect(bed.events('second')).toEqual(['1000 Warning FailedScheduling: 0/2 nodes are available: 2 node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode. '
      + 'preemption: 0/2 nodes are available: 2 No preemption victims found for incoming pod.']);
    await bed.client.delete(Pods, 'first', { namespace: 'default', gracePeriodSeconds: 0 });
    await bed.clock.settle();
    expect(bed.pod('second').spec.nodeName).toBeDefined();
  });

  test('a more important pod takes it', async () => {
    await setup();
    await bed.addClass('high', 1000);
    const holder = bed.pod('first').spec.nodeName;
    await bed.addPod('vip', { ...mounts('data'), priorityClassName: 'high' });
    await bed.clock.settle();
    expect(bed.events('first').at(-1)).toContain('Preempted by pod');
    expect(bed.pod('vip').status?.nominatedNodeName).toBe(holder);
  });
});
