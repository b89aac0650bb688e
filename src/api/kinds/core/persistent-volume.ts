import type { PersistentVolume } from '../../types/core.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { accessModesText, ageColumn, nameColumn, text, wide } from '../columns.ts';
import { validateVolume, validateVolumeUpdate } from './volume-object-validation.ts';

export const persistentVolume = defineKind<PersistentVolume>({
  kind: 'PersistentVolume',
  plural: 'persistentvolumes',
  singular: 'persistentvolume',
  shortNames: ['pv'],
  namespaced: false,
  storage: { group: '', version: 'v1', message: 'core/v1.PersistentVolume' },
  status: true,
  defaults(volume) {
    volume.spec ??= {};
    volume.status ??= {};
    volume.status.phase ||= 'Pending';
    volume.spec.persistentVolumeReclaimPolicy ||= 'Retain';
    volume.spec.volumeMode ??= 'Filesystem';
    if (volume.spec.hostPath) volume.spec.hostPath.type ??= '';
  },
  validate: validateVolume,
  validateUpdate: validateVolumeUpdate,
  prepareCreate(volume, now) {
    volume.status = { phase: 'Pending', lastPhaseTransitionTime: now };
  },
  // Whoever changes the phase may give its time; else it is now.
  prepareStatus(next, old, now) {
    next.status ??= {};
    const { phase, lastPhaseTransitionTime: given } = next.status;
    if (phase === old.status?.phase) next.status.lastPhaseTransitionTime ??= old.status?.lastPhaseTransitionTime;
    else if (given === undefined || given === old.status?.lastPhaseTransitionTime) next.status.lastPhaseTransitionTime = now;
  },
  fieldSelectors: { name: (volume) => volume.metadata.name ?? '' },
  columns: [
    nameColumn,
    text('Capacity', (volume) => volume.spec.capacity?.storage ?? '0'),
    text('Access Modes', (volume) => accessModesText(volume.spec.accessModes)),
    text('Reclaim Policy', (volume) => volume.spec.persistentVolumeReclaimPolicy ?? ''),
    text('Status', (volume) => (volume.metadata.deletionTimestamp ? 'Terminating' : (volume.status?.phase ?? ''))),
    text('Claim', ({ spec: { claimRef } }) => (claimRef ? `${claimRef.namespace ?? ''}/${claimRef.name ?? ''}` : '')),
    text('StorageClass', (volume) => volume.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? volume.spec.storageClassName ?? ''),
    text('VolumeAttributesClass', (volume) => volume.spec.volumeAttributesClassName ?? '<unset>'),
    text('Reason', (volume) => volume.status?.reason ?? ''),
    ageColumn,
    wide('VolumeMode', (volume) => volume.spec.volumeMode ?? '<unset>'),
  ],
});

export const PersistentVolumes = resourceOf(persistentVolume);
