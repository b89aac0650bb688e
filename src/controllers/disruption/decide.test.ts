import { expect, test } from 'vitest';
import type { Pod } from '../../api/types/core.v1.ts';
import type { PodDisruptionBudget } from '../../api/types/policy.v1.ts';
import { budgetStatus, type Scales } from './decide.ts';

const pod = (name: string, ready = true, more: Partial<Pod['metadata']> = {}): Pod => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, ...more }, spec: { containers: [] }, status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] } });
const budget = (spec: PodDisruptionBudget['spec'], status?: PodDisruptionBudget['status']): PodDisruptionBudget => ({ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'b', generation: 1 }, spec, status });
const of = (replicas: number): Scales => () => ({ owner: 'o', replicas });
const three = [pod('a'), pod('b'), pod('c')];
const NOW = Date.UTC(2025, 0, 1);

const cases: [string, PodDisruptionBudget, Pod[], Scales, [expected: number, desired: number, healthy: number, allowed: number]][] = [
  ['two must stay', budget({ minAvailable: 2 }), three, of(3), [3, 2, 3, 1]],
  ['half must stay, rounded up', budget({ minAvailable: '50%' }), three, of(3), [3, 2, 3, 1]],
  ['one may go', budget({ maxUnavailable: 1 }), three, of(3), [3, 2, 3, 1]],
  ['a third may go, rounded up', budget({ maxUnavailable: '34%' }), three, of(3), [3, 1, 3, 2]],
  ['one is not ready, so none may go', budget({ maxUnavailable: 1 }), [pod('a'), pod('b'), pod('c', false)], of(3), [3, 2, 2, 0]],
  ['pods that the owner wants and that are not there count', budget({ maxUnavailable: 1 }), three, of(5), [5, 4, 3, 0]],
  ['one is on its way out', budget({ minAvailable: 2 }), [pod('a'), pod('b'), pod('c', true, { deletionTimestamp: '2025-01-01T00:00:00Z' })], of(3), [3, 2, 2, 0]],
  ['evicted a moment ago', budget({ minAvailable: 2 }, { currentHealthy: 3, desiredHealthy: 2, expectedPods: 3, disruptionsAllowed: 1, disruptedPods: { c: '2024-12-31T23:59:30Z' } }), three, of(3), [3, 2, 2, 0]],
  ['evicted long ago and still there', budget({ minAvailable: 2 }, { currentHealthy: 3, desiredHealthy: 2, expectedPods: 3, disruptionsAllowed: 1, disruptedPods: { c: '2024-12-31T23:50:00Z' } }), three, of(3), [3, 2, 3, 1]],
];
test.each(cases)('%s', (_, b, pods, scales, wanted) => {
  const outcome = budgetStatus(b, pods, scales, NOW);
  if ('error' in outcome) throw new Error(outcome.error);
  const { expectedPods, desiredHealthy, currentHealthy, disruptionsAllowed } = outcome.status;
  expect([expectedPods, desiredHealthy, currentHealthy, disruptionsAllowed]).toEqual(wanted);
});

test('a share of pods whose owner does not say how many cannot be counted', () => {
  expect(budgetStatus(budget({ maxUnavailable: 1 }), three, () => undefined, NOW)).toEqual({ error: 'found no controllers for pod "a"' });
});

test('pods that nobody manages are left out of a share, and told', () => {
  const outcome = budgetStatus(budget({ minAvailable: '50%' }), three, (p) => (p.metadata.name === 'a' ? 'unmanaged' : { owner: 'o', replicas: 2 }), NOW);
  expect(outcome).toMatchObject({ status: { expectedPods: 2, desiredHealthy: 1, currentHealthy: 3, disruptionsAllowed: 2 }, unmanaged: [{ metadata: { name: 'a' } }] });
});
