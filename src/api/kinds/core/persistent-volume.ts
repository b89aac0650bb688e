import type { PersistentVolume } from '../../types/core.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';

export const persistentVolume = defineKind<PersistentVolume>({
  kind: 'PersistentVolume',
  plural: 'persistentvolumes',
  singular: 'persistentvolume',
  shortNames: ['pv'],
  namespaced: false,
  storage: { group: '', version: 'v1', message: 'core/v1.PersistentVolume' },
  status: true,
});

export const PersistentVolumes = resourceOf(persistentVolume);
