import { expect, test } from 'vitest';
import type { PersistentVolume, PersistentVolumeClaim } from '../../api/types/core.v1.ts';
import { findVolume } from './match.ts';

const claim = (storage: string, more: Partial<PersistentVolumeClaim['spec']> = {}): PersistentVolumeClaim => ({
  apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'c', namespace: 'd', uid: 'u' },
  spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'youhou', resources: { requests: { storage } }, ...more },
});
const volume = (name: string, storage: string, more: Partial<PersistentVolume['spec']> = {}): PersistentVolume => ({
  apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name },
  spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'youhou', capacity: { storage }, ...more },
});

const cases: [string, PersistentVolumeClaim, PersistentVolume[], string | undefined][] = [
  ['fractions of a megabyte', claim('0.01M'), [volume('a', '0.1M')], 'a'],
  ['the smallest that is large enough', claim('1Gi'), [volume('a', '10Gi'), volume('b', '2Gi'), volume('c', '1Mi')], 'b'],
  ['another class', claim('1Mi'), [volume('a', '1Gi', { storageClassName: 'other' })], undefined],
  ['another access mode', claim('1Mi', { accessModes: ['ReadWriteMany'] }), [volume('a', '1Gi')], undefined],
  ['bound to somebody else', claim('1Mi'), [volume('a', '1Gi', { claimRef: { name: 'x', namespace: 'd', uid: 'y' } })], undefined],
  ['kept for this claim, though a smaller one is free', claim('1Mi'), [volume('a', '1Gi'), volume('b', '2Gi', { claimRef: { name: 'c', namespace: 'd' } })], 'b'],
];
test.each(cases)('%s', (_, c, volumes, expected) => expect(findVolume(c, volumes)?.metadata.name).toBe(expected));
