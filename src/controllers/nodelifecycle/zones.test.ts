import { expect, test } from 'vitest';
import type { Node } from '../../api/types/core.v1.ts';
import { disruption, evictionTurns, zoneOf } from './zones.ts';

const nodes = (zone: string, ready: number, unready: number): Node[] => Array.from({ length: ready + unready }, (_, i) => ({
  apiVersion: 'v1', kind: 'Node', metadata: { name: `${zone}${i}`, labels: { 'topology.kubernetes.io/zone': zone } }, spec: {}, status: { conditions: [{ type: 'Ready', status: i < ready ? 'True' : 'Unknown' }] },
}));

test.each<[string, Node[], number[]]>([
  ['one of a few', nodes('a', 2, 1), [0.1]],
  ['two of three: too few to say', nodes('a', 1, 2), [0.1]],
  ['most of a small zone: none', nodes('a', 2, 3), [0]],
  ['most of a large zone: slowly', nodes('a', 20, 40), [0.01]],
  ['less than the threshold', nodes('a', 5, 5), [0.1]],
  ['a whole zone, while others live', [...nodes('a', 0, 5), ...nodes('b', 1, 0)], [0.1, 0.1]],
  ['each zone for itself', [...nodes('a', 1, 4), ...nodes('b', 4, 1)], [0, 0.1]],
  ['the whole cluster: none', [...nodes('a', 0, 5), ...nodes('b', 0, 1)], [0, 0]],
])('rates: %s', (_, all, expected) => expect([...disruption(all).rates.values()]).toEqual(expected));

test('a cluster is cut off when no node of any zone is ready', () => {
  expect([disruption([...nodes('a', 0, 2), ...nodes('b', 0, 1)]).cutOff, disruption([...nodes('a', 0, 2), ...nodes('b', 1, 1)]).cutOff]).toEqual([true, false]);
});

test('zones of the same name in two regions are two', () => {
  const [a] = nodes('a', 1, 0);
  expect(zoneOf({ ...a!, metadata: { labels: { ...a!.metadata.labels, 'topology.kubernetes.io/region': 'r' } } })).not.toBe(zoneOf(a!));
});

test('one node after the other, each zone for itself; who comes back waits no more', () => {
  const turns = evictionTurns();
  expect(turns.ask('a1', 'a', 0.1, 0)).toBe(0);
  expect([turns.ask('a2', 'a', 0.1, 1000), turns.ask('a3', 'a', 0.1, 1000), turns.ask('b1', 'b', 0.1, 1000)]).toEqual([9000, 19_000, 0]);
  expect(turns.ask('a3', 'a', 0.1, 10_000)).toBe(10_000);
  turns.forget('a2');
  expect(turns.ask('a3', 'a', 0, 10_000)).toBe(Infinity);
  expect(turns.ask('a3', 'a', 0.1, 10_000)).toBe(0);
  expect(turns.ask('a2', 'a', 0.01, 10_000)).toBe(100_000);
});
