import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Deployment, DeploymentStatus, ReplicaSet } from '../../api/types/apps.v1.ts';
import { decide } from './decide.ts';
import { fenceposts } from './fenceposts.ts';
import { openPlan, allSets } from './plan.ts';
import { annotationsForNew, specReplicas } from './replicasets.ts';
import { rollback } from './rollback.ts';
import { scale } from './scale.ts';

const NOW = Date.UTC(2025, 0, 1);
const template = (image: string) => ({ metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image }] } });
const deployment = (replicas: number, surge: number | string = '25%', unavailable: number | string = '25%', more: { image?: string; status?: DeploymentStatus; annotations?: Record<string, string>; spec?: Partial<Deployment['spec']> } = {}): Deployment => ({
  apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'default', uid: 'd', generation: 1, ...(more.annotations && { annotations: more.annotations }) },
  spec: { replicas, selector: { matchLabels: { app: 'web' } }, progressDeadlineSeconds: 600, revisionHistoryLimit: 10, strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: surge, maxUnavailable: unavailable } }, template: template(more.image ?? 'web:2'), ...more.spec },
  ...(more.status && { status: more.status }),
});
const set = (name: string, image: string, replicas: number, available = replicas, annotations: Record<string, string> = {}, age = 0): ReplicaSet => ({
  apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name, uid: name, namespace: 'default', generation: 1, creationTimestamp: new Date(NOW - age * 1000).toISOString(), annotations: { 'deployment.kubernetes.io/revision': '1', ...annotations } },
  spec: { replicas, selector: { matchLabels: {} }, template: template(image) },
  status: { replicas, readyReplicas: available, availableReplicas: available, observedGeneration: 1 },
});
const sizes = (desired: number, max: number) => ({ 'deployment.kubernetes.io/desired-replicas': String(desired), 'deployment.kubernetes.io/max-replicas': String(max) });
const step = (d: Deployment, sets: readonly ReplicaSet[], running = false) => decide({ deployment: d, replicaSets: sets, podsRunningOutside: () => running, now: NOW });
const events = (d: Deployment, sets: readonly ReplicaSet[]) => step(d, sets).actions.flatMap((action) => (action.type === 'event' ? [action.message] : []));

test.each<[number, number | string, number | string, number, number]>([
  [10, '25%', '25%', 3, 2],
  [4, '25%', '25%', 1, 1],
  [1, '25%', '25%', 1, 0],
  [2, 0, '1%', 0, 1],
  [10, 3, 2, 3, 2],
  [3, 0, 10, 0, 3],
  [0, '25%', '25%', 0, 0],
])('%i replicas, surge %s, unavailable %s: +%i -%i', (replicas, surge, unavailable, maxSurge, maxUnavailable) => {
  expect(fenceposts(deployment(replicas, surge, unavailable))).toEqual({ maxSurge, maxUnavailable });
});

describe('a rolling step', () => {
  test('grows the new set as far as surge allows', () => {
    expect(events(deployment(10), [set('old', 'web:1', 10, 10, sizes(10, 13)), set('new', 'web:2', 0, 0, { ...sizes(10, 13), 'deployment.kubernetes.io/revision': '2' })])).toEqual(['Scaled up replica set new from 0 to 3']);
  });
  test('then takes as many old ones as may be missing', () => {
    expect(events(deployment(10), [set('old', 'web:1', 10, 10, sizes(10, 13)), set('new', 'web:2', 3, 0, sizes(10, 13))])).toEqual(['Scaled down replica set old from 10 to 8']);
  });
  test('takes unhealthy ones first, then the oldest set', () => {
    const sets = [set('older', 'web:0', 4, 4, sizes(10, 13), 300), set('old', 'web:1', 4, 2, sizes(10, 13), 100), set('new', 'web:2', 5, 5, sizes(10, 13))];
    expect(events(deployment(10), sets)).toEqual(['Scaled down replica set old from 4 to 2', 'Scaled down replica set older from 4 to 1']);
  });
  test('waits while nothing may move', () => {
    expect(events(deployment(10), [set('old', 'web:1', 8, 8, sizes(10, 13)), set('new', 'web:2', 5, 0, sizes(10, 13))])).toEqual([]);
  });
  test('makes a set named after the template, with the next revision', () => {
    const decision = step(deployment(2, 1, 0, { status: { replicas: 2, readyReplicas: 2, availableReplicas: 2 }, annotations: { note: 'x', 'kubectl.kubernetes.io/last-applied-configuration': '{}' } }), [set('old', 'web:1', 2, 2, sizes(2, 3))]);
    const created = decision.actions.find((action) => action.type === 'create')!;
    expect(created.type === 'create' && created.set.metadata.annotations).toEqual({ note: 'x', 'deployment.kubernetes.io/revision': '2', ...sizes(2, 3) });
    expect(decision.revision).toBe('2');
    expect(decision.status.conditions?.find((c) => c.type === 'Progressing')).toMatchObject({ status: 'True', reason: 'NewReplicaSetCreated' });
  });
});

test('recreate makes nothing while an old pod runs', () => {
  const recreate = deployment(2, 0, 0, { spec: { strategy: { type: 'Recreate' } } });
  expect(step(recreate, [set('old', 'web:1', 2, 2, sizes(2, 2))]).actions.map((a) => a.type)).toEqual(['update', 'event']);
  expect(step(recreate, [set('old', 'web:1', 0, 0, sizes(2, 2))], true).actions).toEqual([]);
  expect(step(recreate, [set('old', 'web:1', 0, 0, sizes(2, 2))]).actions.map((a) => a.type)).toEqual(['create', 'event']);
});

// Rows of upstream's TestScale (pkg/controller/deployment/sync_test.go).
test.each<[string, number, number, number | string, number, readonly number[], readonly number[]]>([
  ['proportional growth, 5 to 10', 10, 5, 0, 5, [5, 5], [5, 5]],
  ['rolling 10 to 20, without surge', 20, 10, 0, 10, [5, 5], [10, 10]],
  ['rolling 10 to 5', 5, 10, 0, 10, [5, 5], [3, 2]],
  ['surge pods shared out on the way up', 20, 10, 2, 12, [6, 6], [11, 11]],
  ['surge pods shared out on the way down', 5, 10, 2, 12, [8, 4], [5, 2]],
  ['three sets, down', 12, 24, 0, 24, [8, 8, 8], [4, 4, 4]],
  ['to zero', 0, 10, 0, 10, [5, 5], [0, 0]],
])('scaling in the middle of a rollout: %s', (_, wanted, desired, surge, max, before, after) => {
  const sets = before.map((count, index) => set(`s${index}`, index === 0 ? 'web:2' : `old:${index}`, count, 0, sizes(desired, max), index * 10));
  const plan = openPlan(deployment(wanted, surge, 0), sets[0], sets.slice(1), NOW);
  scale(plan);
  expect(allSets(plan).sort((a, b) => a.metadata.name!.localeCompare(b.metadata.name!)).map(specReplicas)).toEqual(after);
});

test('a rollout never exceeds surge nor falls below availability, and ends (law)', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 10 }), fc.integer({ min: 0, max: 10 }), fc.array(fc.integer({ min: 0, max: 10 }), { minLength: 1, maxLength: 3 }), (replicas, surge, unavailable, readiness) => {
    let sets: ReplicaSet[] = [set('old', 'web:1', replicas, replicas)];
    let d = deployment(replicas, surge, Math.min(unavailable, replicas));
    const { maxSurge, maxUnavailable } = fenceposts(d);
    for (let round = 0; round < 400; round++) {
      const decision = step(d, sets);
      for (const action of decision.actions) {
        if (action.type === 'create') sets = [...sets, { ...action.set, metadata: { ...action.set.metadata, uid: 'new', generation: 1, creationTimestamp: new Date(NOW).toISOString() }, status: { replicas: 0, observedGeneration: 1 } }];
        if (action.type === 'update') sets = sets.map((s) => (s.metadata.name === action.set.metadata.name ? { ...action.set, status: s.status } : s));
        if (action.type === 'delete') sets = sets.filter((s) => s.metadata.name !== action.set.metadata.name);
      }
      d = { ...d, metadata: { ...d.metadata, annotations: { 'deployment.kubernetes.io/revision': decision.revision ?? '' } }, status: decision.status };
      const total = sets.reduce((sum, s) => sum + specReplicas(s), 0);
      expect(total).toBeLessThanOrEqual(replicas + maxSurge);
      // Pods follow: surplus ones go at once, new ones become available a few at a time.
      const pace = Math.max(1, readiness[round % readiness.length]!);
      sets = sets.map((s) => {
        const kept = Math.min(s.status?.availableReplicas ?? 0, specReplicas(s));
        return { ...s, status: { replicas: specReplicas(s), availableReplicas: Math.min(specReplicas(s), kept + pace), readyReplicas: Math.min(specReplicas(s), kept + pace), observedGeneration: 1 } };
      });
      const staying = sets.reduce((sum, s) => sum + (s.status?.availableReplicas ?? 0), 0);
      expect(staying).toBeGreaterThanOrEqual(replicas - maxUnavailable);
      if (sets.length === 2 && specReplicas(sets[0]!) === 0 && sets[1]!.status!.availableReplicas === replicas) return;
    }
    throw new Error('the rollout does not end');
  }), { numRuns: 60 });
});

test('annotations: the history of a set that is rolled back to stays within its limit', () => {
  const d = deployment(1);
  expect(annotationsForNew(d, { 'deployment.kubernetes.io/revision': '1' }, 3n)).toEqual({ 'deployment.kubernetes.io/revision': '3', 'deployment.kubernetes.io/revision-history': '1' });
  expect(annotationsForNew(d, { 'deployment.kubernetes.io/revision': '3', 'deployment.kubernetes.io/revision-history': '1' }, 5n)['deployment.kubernetes.io/revision-history']).toBe('1,3');
  expect(annotationsForNew(d, { 'deployment.kubernetes.io/revision': '7' }, 5n)).toEqual({ 'deployment.kubernetes.io/revision': '7' });
  const long = Array.from({ length: 700 }, (_, i) => String(i)).join(',');
  expect(annotationsForNew(d, { 'deployment.kubernetes.io/revision': '700', 'deployment.kubernetes.io/revision-history': long }, 701n)['deployment.kubernetes.io/revision-history']!.length).toBeLessThanOrEqual(2000);
});

test('revisions are 64 bits wide; what is no such number does not count', () => {
  const oldRevision = (revision: string) => step(deployment(1), [set('old', 'web:0', 0, 0, { 'deployment.kubernetes.io/revision': revision })]).actions.flatMap((a) => (a.type === 'create' ? [a.set.metadata.annotations?.['deployment.kubernetes.io/revision']] : []));
  expect(oldRevision('3546343826724305832')).toEqual(['3546343826724305833']);
  expect(oldRevision('9223372036854775808')).toEqual(['1']);
});

test('the rollback annotation of old clients', () => {
  const sets = [set('one', 'web:1', 0, 0, { 'deployment.kubernetes.io/revision': '1', cause: 'first' }), set('two', 'web:2', 1, 1, { 'deployment.kubernetes.io/revision': '2' })];
  const back = rollback(deployment(1, 1, 0, { annotations: { 'deprecated.deployment.rollback.to': '0' } }), sets, 0n);
  expect(back.deployment.spec.template.spec.containers[0]!.image).toBe('web:1');
  expect(back.deployment.metadata.annotations).toEqual({ cause: 'first' });
  expect(back.event).toEqual({ severity: 'Normal', reason: 'DeploymentRollback', message: 'Rolled back deployment "web" to revision 1' });
  expect(rollback(deployment(1), sets, 9n).event.reason).toBe('DeploymentRollbackRevisionNotFound');
  expect(rollback(deployment(1), sets, 2n).event.reason).toBe('DeploymentRollbackTemplateUnchanged');
});
