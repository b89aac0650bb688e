import type { PersistentVolumeClaim } from '../../types/core.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';

export const persistentVolumeClaim = defineKind<PersistentVolumeClaim>({
  kind: 'PersistentVolumeClaim',
  plural: 'persistentvolumeclaims',
  singular: 'persistentvolumeclaim',
  shortNames: ['pvc'],
  namespaced: true,
  storage: { group: '', version: 'v1', message: 'core/v1.PersistentVolumeClaim' },
  status: true,
});

export const PersistentVolumeClaims = resourceOf(persistentVolumeClaim);
