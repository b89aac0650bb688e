import type { StorageClass } from '../../types/storage.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { validateParameters, validateTopologies } from './validation.ts';
import { ageColumn, nameColumn, text } from '../columns.ts';
import { forbidden, invalidEach, oneOf, required } from '../../validation/field.ts';
import { qualifiedName } from '../../validation/formats.ts';
import { immutable, sameValue } from '../../validation/immutable.ts';

export const storageClass = defineKind<StorageClass>({
  kind: 'StorageClass',
  plural: 'storageclasses',
  singular: 'storageclass',
  shortNames: ['sc'],
  namespaced: false,
  storage: { group: 'storage.k8s.io', version: 'v1', message: 'storage/v1.StorageClass' },
  defaults(storageClass) {
    storageClass.reclaimPolicy ??= 'Delete';
    storageClass.volumeBindingMode ??= 'Immediate';
  },
  validate: ({ provisioner = '', parameters, reclaimPolicy, volumeBindingMode, allowedTopologies }) => [
    ...validateParameters(parameters),
    ...validateTopologies(allowedTopologies),
    ...(provisioner === '' ? [required('provisioner')] : invalidEach('provisioner', provisioner.toLowerCase(), qualifiedName(provisioner.toLowerCase()))),
    ...(reclaimPolicy ? oneOf('reclaimPolicy', reclaimPolicy, ['Delete', 'Retain']) : []),
    ...(volumeBindingMode === undefined ? [required('volumeBindingMode')] : oneOf('volumeBindingMode', volumeBindingMode, ['Immediate', 'WaitForFirstConsumer'])),
  ],
  validateUpdate: (next, old) => [
    ...(['parameters', 'provisioner', 'reclaimPolicy'] as const).filter((field) => !sameValue(next[field], old[field])).map((field) => forbidden(field, `updates to ${field} are forbidden.`)),
    ...immutable(next.volumeBindingMode, old.volumeBindingMode, 'volumeBindingMode'),
  ],
  columns: [
    { ...nameColumn, cell: (storageClass) => `${storageClass.metadata.name ?? ''}${isDefaultClass(storageClass) ? ' (default)' : ''}` },
    text('Provisioner', (storageClass) => storageClass.provisioner),
    text('ReclaimPolicy', (storageClass) => storageClass.reclaimPolicy ?? 'Delete'),
    text('VolumeBindingMode', (storageClass) => storageClass.volumeBindingMode ?? 'Immediate'),
    text('AllowVolumeExpansion', (storageClass) => storageClass.allowVolumeExpansion ?? false),
    ageColumn,
  ],
});

export const StorageClasses = resourceOf(storageClass);

const DEFAULT_ANNOTATIONS = ['storageclass.kubernetes.io/is-default-class', 'storageclass.beta.kubernetes.io/is-default-class'];

/** Whether claims without a class get this one. */
function isDefaultClass(storageClass: StorageClass): boolean {
  return DEFAULT_ANNOTATIONS.some((key) => storageClass.metadata.annotations?.[key] === 'true');
}
