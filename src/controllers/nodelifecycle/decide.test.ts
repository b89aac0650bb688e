import { expect, test } from 'vitest';
import type { Node, Taint, Toleration } from '../../api/types/core.v1.ts';
import { silentConditions, taintsFor, toleratedMs } from './decide.ts';

const NOW = Date.UTC(2025, 0, 1);
const node = (ready: string, more: { taints?: Taint[]; unschedulable?: boolean } = {}): Node => ({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' }, spec: more, status: { conditions: [{ type: 'Ready', status: ready }] } });
const shape = (taints: readonly Taint[] | undefined) => taints?.map((t) => `${t.key}:${t.effect}`);
const notReady: Taint[] = [{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }, { key: 'node.kubernetes.io/not-ready', effect: 'NoExecute' }];

test.each<[string, Node, string[] | undefined]>([
  ['ready: nothing to do', node('True'), undefined],
  ['not ready', node('False'), ['node.kubernetes.io/not-ready:NoSchedule', 'node.kubernetes.io/not-ready:NoExecute']],
  ['silent', node('Unknown'), ['node.kubernetes.io/unreachable:NoSchedule', 'node.kubernetes.io/unreachable:NoExecute']],
  ['ready again: ours go, others stay', node('True', { taints: [...notReady, { key: 'mine', effect: 'NoSchedule' }] }), ['mine:NoSchedule']],
  ['cordoned', node('True', { unschedulable: true }), ['node.kubernetes.io/unschedulable:NoSchedule']],
  ['already as it should be', node('False', { taints: notReady }), undefined],
])('taints: %s', (_, n, wanted) => expect(shape(taintsFor(n, NOW, true))).toEqual(wanted));

const since: Taint[] = [{ key: 'k', effect: 'NoExecute', timeAdded: '2024-12-31T23:59:00Z' }];
test.each<[string, Taint[], Toleration[], number]>([
  ['no NoExecute taint', [{ key: 'k', effect: 'NoSchedule' }], [], Infinity],
  ['not tolerated', since, [], 0],
  ['tolerated for ever', since, [{ key: 'k', operator: 'Exists' }], Infinity],
  ['tolerated for 300 s, of which 60 are over', since, [{ key: 'k', operator: 'Exists', tolerationSeconds: 300 }], 240_000],
  ['tolerated for 30 s: over', since, [{ key: 'k', operator: 'Exists', tolerationSeconds: 30 }], 0],
  ['the shortest counts', since, [{ key: 'k', operator: 'Exists', tolerationSeconds: 300 }, { operator: 'Exists', tolerationSeconds: 90 }], 30_000],
])('tolerations: %s', (_, taints, tolerations, wanted) => expect(toleratedMs(taints, tolerations, (taint) => Date.parse(taint.timeAdded!), NOW)).toBe(wanted));

test('a node that fell silent is unknown in every condition, once', () => {
  const conditions = silentConditions(node('True'), NOW);
  expect(conditions?.map((c) => `${c.type} ${c.status} ${c.reason}`)).toEqual(['Ready Unknown NodeStatusUnknown', 'MemoryPressure Unknown NodeStatusNeverUpdated', 'DiskPressure Unknown NodeStatusNeverUpdated', 'PIDPressure Unknown NodeStatusNeverUpdated']);
  expect(silentConditions({ ...node('True'), status: { conditions } }, NOW)).toBeUndefined();
});
