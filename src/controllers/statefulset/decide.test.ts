import { describe, expect, test } from 'vitest';
import type { StatefulSet } from '../../api/types/apps.v1.ts';
import type { PersistentVolumeClaim, Pod } from '../../api/types/core.v1.ts';
import { decide, type Step } from './decide.ts';
import { claimOwners, ordinalOf } from './identity.ts';

const NOW = Date.UTC(2025, 0, 1);
const template = { metadata: { labels: { app: 'db' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
const set = (replicas: number, spec: Partial<StatefulSet['spec']> = {}, status: object = {}): StatefulSet => ({
  apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'db', uid: 'set', namespace: 'default', generation: 1 },
  spec: { replicas, selector: { matchLabels: { app: 'db' } }, serviceName: 'db', template, updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } }, ...spec }, status: { replicas: 0, ...status },
});
type Health = 'ready' | 'running' | 'pending' | 'failed' | 'going';
const pod = (ordinal: number, health: Health = 'ready', revision = 'db-new'): Pod => ({
  apiVersion: 'v1', kind: 'Pod',
  metadata: { name: `db-${ordinal}`, uid: `p${ordinal}`, namespace: 'default', labels: { 'statefulset.kubernetes.io/pod-name': `db-${ordinal}`, 'controller-revision-hash': revision }, ...(health === 'going' && { deletionTimestamp: '2025-01-01T00:00:00Z' }) },
  spec: { containers: [] },
  status: {
    phase: health === 'pending' ? 'Pending' : health === 'failed' ? 'Failed' : 'Running',
    conditions: [{ type: 'Ready', status: health === 'ready' || health === 'going' ? 'True' : 'False', lastTransitionTime: '2024-12-31T23:59:50Z' }],
  },
});
const steps = (s: StatefulSet, pods: readonly Pod[]) => decide({ set: s, pods, current: { name: 'db-old', template }, update: { name: 'db-new', template }, now: NOW }).steps.filter((step) => step.type !== 'claims').map(said);
const said = (step: Step) => `${step.type} ${step.pod.metadata.name}`;

describe('in order', () => {
  test.each<[string, StatefulSet, readonly Pod[], readonly string[]]>([
    ['the first alone', set(3), [], ['create db-0']],
    ['the next when the one before is ready', set(3), [pod(0)], ['create db-1']],
    ['nothing while one comes up', set(3), [pod(0), pod(1, 'running')], []],
    ['nothing while one goes', set(3), [pod(0, 'going'), pod(1)], []],
    ['a failed one is replaced', set(2), [pod(0, 'failed')], ['delete db-0']],
    ['a gap is filled first', set(3), [pod(0), pod(2)], ['create db-1']],
    ['the highest goes first', set(1), [pod(0), pod(1), pod(2)], ['delete db-2']],
    ['one at a time', set(1), [pod(0), pod(1), pod(2, 'going')], []],
    ['the only unhealthy one may go', set(1), [pod(0), pod(1), pod(2, 'running')], ['delete db-2']],
    ['but not before a lower one that is unhealthy too', set(1), [pod(0), pod(1, 'running'), pod(2, 'running')], []],
    ['it is not available before minReadySeconds', set(2, { minReadySeconds: 60 }), [pod(0)], []],
    ['it starts where it is told to', set(2, { ordinals: { start: 3 } }), [pod(3)], ['create db-4']],
  ])('%s', (_, s, pods, expected) => {
    expect(steps(s, pods)).toEqual(expected);
  });
});

describe('all at once', () => {
  const parallel = (replicas: number, spec: Partial<StatefulSet['spec']> = {}) => set(replicas, { podManagementPolicy: 'Parallel', ...spec });
  test.each<[string, StatefulSet, readonly Pod[], readonly string[]]>([
    ['every one that is missing', parallel(3), [pod(1, 'running')], ['create db-0', 'create db-2']],
    ['every one too many', parallel(1), [pod(0), pod(1), pod(2, 'running')], ['delete db-1', 'delete db-2']],
  ])('%s', (_, s, pods, expected) => {
    expect([...steps(s, pods)].sort()).toEqual(expected);
  });
});

describe('an update', () => {
  const old = (ordinal: number, health: Health = 'ready') => pod(ordinal, health, 'db-old');
  test.each<[string, StatefulSet, readonly Pod[], readonly string[]]>([
    ['starts at the top', set(3), [old(0), old(1), old(2)], ['delete db-2']],
    ['waits for the updated one', set(3, { podManagementPolicy: 'Parallel' }), [old(0), old(1), pod(2, 'running')], []],
    ['goes on downwards', set(3), [old(0), old(1), pod(2)], ['delete db-1']],
    ['stops at the partition', set(3, { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } } }), [old(0), old(1), pod(2)], []],
    ['does nothing by itself with OnDelete', set(3, { updateStrategy: { type: 'OnDelete' } }), [old(0), old(1), old(2)], []],
    ['takes several with maxUnavailable', set(4, { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 2 } } }), [old(0), old(1), old(2), old(3)], ['delete db-3', 'delete db-2']],
  ])('%s', (_, s, pods, expected) => {
    expect(steps(s, pods)).toEqual(expected);
  });
  test('below the partition a lost pod comes back as it was', () => {
    const s = set(3, { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } } });
    const { steps: [first] } = decide({ set: s, pods: [pod(1, 'ready', 'db-old'), pod(2)], current: { name: 'db-old', template }, update: { name: 'db-new', template }, now: NOW });
    expect(first).toMatchObject({ type: 'create', pod: { metadata: { name: 'db-0', labels: { 'controller-revision-hash': 'db-old' } } } });
  });
  test('is over when all are new and ready', () => {
    const { status } = decide({ set: set(2), pods: [pod(0), pod(1)], current: { name: 'db-old', template }, update: { name: 'db-new', template }, now: NOW });
    expect(status).toMatchObject({ replicas: 2, readyReplicas: 2, currentReplicas: 2, updatedReplicas: 2, currentRevision: 'db-new', updateRevision: 'db-new' });
  });
});

test('ordinals are read from names of this set alone', () => {
  const named = (name: string) => ordinalOf(set(1), { ...pod(0), metadata: { name } });
  expect(['db-0', 'db-12', 'db-x', 'other-1', 'db-1-2'].map(named)).toEqual([0, 12, -1, -1, -1]);
});

describe('claims belong to', () => {
  const claim = (owners: PersistentVolumeClaim['metadata']['ownerReferences'] = []): PersistentVolumeClaim => ({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data-db-0', ...(owners.length > 0 && { ownerReferences: owners }) }, spec: {} });
  const policy = (whenDeleted: string, whenScaled: string) => set(1, { persistentVolumeClaimRetentionPolicy: { whenDeleted, whenScaled } });
  const kinds = (owners: ReturnType<typeof claimOwners>) => owners?.map(({ kind }) => kind);
  test.each<[string, StatefulSet, number, readonly string[] | undefined]>([
    ['nobody by default', set(1), 0, undefined],
    ['the set, to go with it', policy('Delete', 'Retain'), 0, ['StatefulSet']],
    ['the set, also when scaled away and kept', policy('Delete', 'Retain'), 1, ['StatefulSet']],
    ['the pod that is scaled away', policy('Retain', 'Delete'), 1, ['Pod']],
    ['nobody while the pod is wanted', policy('Retain', 'Delete'), 0, undefined],
    ['the pod before the set', policy('Delete', 'Delete'), 1, ['Pod']],
  ])('%s', (_, s, ordinal, expected) => {
    expect(kinds(claimOwners(s, claim(), pod(ordinal)))).toEqual(expected);
  });
  test('another controller, which stays', () => {
    expect(claimOwners(policy('Delete', 'Delete'), claim([{ apiVersion: 'v1', kind: 'Other', name: 'o', uid: 'o', controller: true }]), pod(0))).toBeUndefined();
  });
});
