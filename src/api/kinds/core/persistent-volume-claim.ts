import type { PersistentVolumeClaim } from '../../types/core.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { accessModesText, ageColumn, nameColumn, text, wide } from '../columns.ts';
import { defaultClaimSpec, mirrorDataSource } from './claim-defaults.ts';
import { validateClaim, validateClaimUpdate } from './claim-validation.ts';

export const persistentVolumeClaim = defineKind<PersistentVolumeClaim>({
  kind: 'PersistentVolumeClaim',
  plural: 'persistentvolumeclaims',
  singular: 'persistentvolumeclaim',
  shortNames: ['pvc'],
  namespaced: true,
  storage: { group: '', version: 'v1', message: 'core/v1.PersistentVolumeClaim' },
  status: true,
  defaults(claim) {
    claim.spec ??= {};
    defaultClaimSpec(claim.spec);
    claim.status ??= {};
    claim.status.phase ||= 'Pending';
  },
  validate: validateClaim,
  validateUpdate: validateClaimUpdate,
  prepareCreate(claim) {
    claim.status = { phase: 'Pending' };
    mirrorDataSource(claim.spec);
  },
  prepareUpdate: (next, old) => mirrorDataSource(next.spec, old.spec),
  fieldSelectors: { name: (claim) => claim.metadata.name ?? '' },
  columns: [
    nameColumn,
    text('Status', (claim) => (claim.metadata.deletionTimestamp ? 'Terminating' : (claim.status?.phase ?? ''))),
    text('Volume', (claim) => claim.spec.volumeName ?? ''),
    text('Capacity', (claim) => (claim.spec.volumeName ? (claim.status?.capacity?.storage ?? '0') : '')),
    text('Access Modes', (claim) => (claim.spec.volumeName ? accessModesText(claim.status?.accessModes) : '')),
    text('StorageClass', (claim) => claim.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? claim.spec.storageClassName ?? ''),
    text('VolumeAttributesClass', (claim) => claim.spec.volumeAttributesClassName ?? '<unset>'),
    ageColumn,
    wide('VolumeMode', (claim) => claim.spec.volumeMode ?? '<unset>'),
  ],
});

export const PersistentVolumeClaims = resourceOf(persistentVolumeClaim);
