import { expect, test } from 'vitest';
import type { HorizontalPodAutoscaler, MetricSpec } from '../../api/types/autoscaling.v2.ts';
import type { Pod } from '../../api/types/core.v1.ts';
import { explain } from './explain.ts';
import { NO_HISTORY, type History } from './history.ts';
import { reconcileAutoscaler, type Ports } from './reconcile.ts';
import { recordOf } from './record.ts';
import { STANDARD } from './settings.ts';

const NOW = Date.UTC(2025, 0, 1, 12);
const hpa: HorizontalPodAutoscaler = {
  apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name: 'web', namespace: 'default' },
  spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, minReplicas: 1, maxReplicas: 5, metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 75 } } }] },
};
const pod = (name: string, requests: Record<string, string>): Pod => ({
  apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { containers: [{ name: 'c', resources: { requests } }] },
  status: { phase: 'Running', startTime: '2025-01-01T00:00:00Z', conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2025-01-01T00:00:10Z' }] },
});
const portsOf = (current: number, usage: Readonly<Record<string, number>>, requests: Record<string, string>): Ports => ({
  getScale: async () => ({ specReplicas: current, statusReplicas: current, selector: 'app=web' }),
  setScale: async () => {},
  metrics: {
    resource: async () => new Map(Object.entries(usage).map(([name, value]) => [name, { value, timestamp: NOW, windowMs: 15_000 }])),
    pods: async () => new Map(), object: async () => 0, external: async () => [],
  },
  pods: () => Array.from({ length: current }, (_, index) => pod(`web-${index}`, requests)),
  selecting: () => ['{web default}'],
});
async function told(current: number, usage: Readonly<Record<string, number>>, history: History = NO_HISTORY, requests: Record<string, string> = { cpu: '100m' }) {
  const result = await reconcileAutoscaler(hpa, portsOf(current, usage, requests), history, STANDARD, () => NOW);
  return explain(recordOf(hpa, result, history, STANDARD, NOW));
}

test('a decision to grow', async () => {
  expect(await told(2, { 'web-0': 100, 'web-1': 104 })).toEqual([
    '2025-01-01T12:00:00Z  Deployment web goes from 2 to 3 (between 1 and 5): cpu resource utilization (percentage of request) above target',
    'cpu resource utilization (percentage of request) is 102 % of the requests, 1.36 times the target of 75 %: asks for 3.',
    '  web-0 100m counted',
    '  web-1 104m counted',
  ]);
});

test('a window that holds it, a missing pod, a limit', async () => {
  expect((await told(3, { 'web-0': 10, 'web-1': 10, 'web-2': 10 }))[5]).toBe('Stabilisation makes 1 into 3, the highest of the recommendations in its window (3, 1).');
  expect(await told(2, { 'web-0': 100 })).toContain('  web-1 no sample');
  expect((await told(2, { 'web-0': 900, 'web-1': 900 })).at(-1)).toBe('Limited to 4: the desired replica count is increasing faster than the maximum scale rate.');
});

test('no metrics', async () => {
  const lines = await told(2, {});
  expect(lines[0]).toBe('2025-01-01T12:00:00Z  Deployment web stays at 2 (between 1 and 5)');
  expect(lines[1]).toContain('did not receive metrics for targeted pods');
  expect(lines[2]).toBe('Not decided: the HPA was unable to compute the replica count.');
});

test('a container without a request: what to do', async () => {
  expect((await told(1, { 'web-0': 100 }, NO_HISTORY, {})).slice(1)).toEqual([
    'cpu: failed to get cpu resource metric value: failed to get cpu utilization: missing request for cpu in container c of Pod web-0',
    '  A share of the request needs one: kubectl set resources deployment web -c c --requests=cpu=100m',
    'Not decided: the HPA was unable to compute the replica count.',
  ]);
});

test('an external metric with a selector, while nothing runs', async () => {
  const external: MetricSpec = { type: 'External', external: { metric: { name: 'queue', selector: { matchLabels: { topic: 'mail' } } }, target: { type: 'AverageValue', averageValue: '5' } } };
  const waking: HorizontalPodAutoscaler = { ...hpa, spec: { ...hpa.spec, minReplicas: 0, metrics: [external] }, status: { desiredReplicas: 0, conditions: [{ type: 'ScaledToZero', status: 'True' }] } };
  const record = recordOf(waking, await reconcileAutoscaler(waking, portsOf(0, {}, { cpu: '100m' }), NO_HISTORY, STANDARD, () => NOW), NO_HISTORY, STANDARD, NOW);
  expect(explain(record)[1]).toBe('external metric queue{topic=mail} is 0, where the target is 5 a pod and nothing runs: asks for 0, which is what runs.');
});
