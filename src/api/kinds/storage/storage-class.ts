import type { StorageClass } from '../../types/storage.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';

export const storageClass = defineKind<StorageClass>({
  kind: 'StorageClass',
  plural: 'storageclasses',
  singular: 'storageclass',
  shortNames: ['sc'],
  namespaced: false,
  storage: { group: 'storage.k8s.io', version: 'v1', message: 'storage/v1.StorageClass' },
});

export const StorageClasses = resourceOf(storageClass);
