import { expect, test } from 'vitest';
import type { Node, PersistentVolume, PersistentVolumeClaim } from './types/core.v1.ts';
import { findVolume, unfit, type Place } from './volume-match.ts';

const claim = (storage: string, more: Partial<PersistentVolumeClaim['spec']> = {}): PersistentVolumeClaim => ({
  apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'c', namespace: 'd', uid: 'u' },
  spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'youhou', resources: { requests: { storage } }, ...more },
});
const volume = (name: string, storage: string, more: Partial<PersistentVolume['spec']> = {}): PersistentVolume => ({
  apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name },
  spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'youhou', capacity: { storage }, ...more }, status: { phase: 'Available' },
});

const cases: [string, PersistentVolumeClaim, PersistentVolume[], string | undefined][] = [
  ['fractions of a megabyte', claim('0.01M'), [volume('a', '0.1M')], 'a'],
  ['the smallest that is large enough', claim('1Gi'), [volume('a', '10Gi'), volume('b', '2Gi'), volume('c', '1Mi')], 'b'],
  ['another class', claim('1Mi'), [volume('a', '1Gi', { storageClassName: 'other' })], undefined],
  ['another access mode', claim('1Mi', { accessModes: ['ReadWriteMany'] }), [volume('a', '1Gi')], undefined],
  ['bound to somebody else', claim('1Mi'), [volume('a', '1Gi', { claimRef: { name: 'x', namespace: 'd', uid: 'y' } })], undefined],
  ['kept for this claim, though a smaller one is free', claim('1Mi'), [volume('a', '1Gi'), volume('b', '2Gi', { claimRef: { name: 'c', namespace: 'd' } })], 'b'],
  ['kept for this claim, of another class', claim('1Mi'), [volume('b', '2Gi', { storageClassName: 'other', claimRef: { name: 'c', namespace: 'd' } })], 'b'],
  ['kept for this claim, but too small', claim('3Gi'), [volume('b', '2Gi', { claimRef: { name: 'c', namespace: 'd' } })], undefined],
  ['just the modes asked for, though larger', claim('1Mi'), [volume('a', '1Gi', { accessModes: ['ReadWriteOnce', 'ReadOnlyMany'] }), volume('b', '9Gi')], 'b'],
  ['labels', claim('1Mi', { selector: { matchLabels: { disk: 'ssd' } } }), [volume('a', '1Gi'), { ...volume('b', '2Gi'), metadata: { name: 'b', labels: { disk: 'ssd' } } }], 'b'],
  ['another mode', claim('1Mi', { volumeMode: 'Block' }), [volume('a', '1Gi')], undefined],
  ['left behind', claim('1Mi'), [{ ...volume('a', '1Gi'), status: { phase: 'Released' } }], undefined],
  ['on its way out', claim('1Mi'), [{ ...volume('a', '1Gi'), metadata: { name: 'a', deletionTimestamp: '2025-01-01T00:00:00Z' } }], undefined],
];
test.each(cases)('%s', (_, c, volumes, expected) => expect(findVolume(c, volumes)?.metadata.name).toBe(expected));

const on = (zone: string): Node => ({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n', labels: { zone } }, spec: {} });
const tied = (zone: string) => volume(`in-${zone}`, '1Gi', { nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In', values: [zone] }] }] } } });
test.each<[string, Place, string | undefined]>([
  ['not before there is a consumer', 'undecided', undefined],
  ['anywhere', 'anywhere', 'in-a'],
  ['where the consumer is', on('b'), 'in-b'],
  ['nowhere near the consumer', on('c'), undefined],
])('place: %s', (_, place, expected) => expect(findVolume(claim('1Mi'), [tied('a'), tied('b')], place)?.metadata.name).toBe(expected));

test.each<[string, PersistentVolumeClaim, PersistentVolume, string | undefined]>([
  ['fits', claim('1Gi'), volume('a', '1Gi'), undefined],
  ['size', claim('2Gi'), volume('a', '1Gi'), 'requested PV is too small'],
  ['class', claim('1Gi', { storageClassName: 'x' }), volume('a', '1Gi'), 'storageClassName does not match'],
  ['volume mode', claim('1Gi', { volumeMode: 'Block' }), volume('a', '1Gi'), 'incompatible volumeMode'],
  ['access mode', claim('1Gi', { accessModes: ['ReadWriteMany'] }), volume('a', '1Gi'), 'incompatible accessMode'],
])('asked for by name: %s', (_, c, v, expected) => expect(unfit(v, c)).toBe(expected));
