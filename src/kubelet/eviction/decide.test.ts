import { expect, test } from 'vitest';
import type { Pod } from '../../api/types/core.v1.ts';
import { diskOverLimit, evictionMessage, hasDiskLimit, rankForMemory, type PodUse } from './decide.ts';

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

test.each<[string, Pod['spec']['volumes'], string | undefined, [Record<string, number>, Record<string, number>], string | undefined]>([
  ['no limit, no end', [{ name: 'a', emptyDir: {} }], undefined, [{ a: 99 }, { c: 99 }], undefined],
  ['a volume at its limit', [{ name: 'b', emptyDir: { sizeLimit: '1Mi' } }], undefined, [{ b: 1 }, {}], undefined],
  ['a volume over its limit', [{ name: 'b', emptyDir: { sizeLimit: '1Mi' } }], undefined, [{ b: 1.5 }, {}], 'Usage of EmptyDir volume "b" exceeds the limit "1Mi". '],
  ['all of it at the limit', [{ name: 'a', emptyDir: {} }], '5Mi', [{ a: 2 }, { c: 3 }], undefined],
  ['all of it over the limit', [{ name: 'a', emptyDir: {} }], '5Mi', [{ a: 3 }, { c: 3 }], 'Pod ephemeral local storage usage exceeds the total limit of containers 5Mi. '],
  ['what is in memory is not on disk', [{ name: 'm', emptyDir: { medium: 'Memory' } }], '5Mi', [{ m: 9 }, { c: 5 }], undefined],
])('disk: %s', (_name, volumes, limit, [emptyDirs, containers], expected) => {
  const pod: Pod = { apiVersion: 'v1', kind: 'Pod', metadata: {}, spec: { volumes: volumes!, containers: [{ name: 'c', ...(limit !== undefined && { resources: { limits: { 'ephemeral-storage': limit } } }) }] } };
  const bytes = (mi: Record<string, number>) => new Map(Object.entries(mi).map(([name, n]) => [name, n * MI]));
  expect(diskOverLimit(pod, { emptyDirs: bytes(emptyDirs), containers: bytes(containers) })).toBe(expected);
  if (expected !== undefined) expect(hasDiskLimit(pod)).toBe(true);
});

test('one container over its own limit, though the pod is within', () => {
  const container = (name: string, limit: string) => ({ name, resources: { limits: { 'ephemeral-storage': limit } } });
  const pod: Pod = { apiVersion: 'v1', kind: 'Pod', metadata: {}, spec: { containers: [container('big', '9Mi'), container('small', '1Mi')] } };
  expect(diskOverLimit(pod, { emptyDirs: new Map(), containers: new Map([['small', 2 * MI]]) })).toBe('Container small exceeded its local ephemeral storage limit "1Mi". ');
});
