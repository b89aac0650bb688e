import { expect, test } from 'vitest';
import type { Pod } from '../../api/types/core.v1.ts';
import { emptyDirOverLimit, evictionMessage, rankForMemory, type PodUse } from './decide.ts';

const MI = 2 ** 20;
const use = (name: string, usedMi: number, requestMi: number, priority = 0): PodUse => ({
  pod: { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { priority, containers: [{ name: 'c', resources: { requests: { memory: `${requestMi}Mi` } } }] } },
  containers: new Map([['c', usedMi * MI]]),
});

test('over the request first, then lower priority, then the most over; critical pods never', () => {
  const ranked = rankForMemory([use('within', 90, 100), use('over', 150, 100), use('more-over', 300, 100), use('over-important', 900, 100, 10), use('critical', 999, 1, 2_000_000_000)]);
  expect(ranked.map((u) => u.pod.metadata.name)).toEqual(['more-over', 'over', 'over-important', 'within']);
});

test('the message has the numbers', () => {
  expect(evictionMessage(use('x', 150, 100), 100 * MI, 90 * MI)).toBe(
    'The node was low on resource: memory. Threshold quantity: 100Mi, available: 90Mi. Container c was using 150Mi, request is 100Mi, has larger consumption of memory. ');
  expect(evictionMessage(use('x', 50, 100), 100 * MI, 90 * MI)).toBe('The node was low on resource: memory. Threshold quantity: 100Mi, available: 90Mi. ');
});

test('emptyDir limits', () => {
  const pod: Pod = { apiVersion: 'v1', kind: 'Pod', metadata: {}, spec: { containers: [], volumes: [{ name: 'a', emptyDir: {} }, { name: 'b', emptyDir: { sizeLimit: '1Mi' } }] } };
  expect(emptyDirOverLimit(pod, new Map([['a', 9 * MI], ['b', MI]]))).toBeUndefined();
  expect(emptyDirOverLimit(pod, new Map([['b', MI + 1]]))).toBe('Usage of EmptyDir volume "b" exceeds the limit "1Mi". ');
});
