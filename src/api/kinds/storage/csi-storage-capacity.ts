import type { CSIStorageCapacity } from '../../types/storage.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';

export const csiStorageCapacity = defineKind<CSIStorageCapacity>({
  kind: 'CSIStorageCapacity',
  plural: 'csistoragecapacities',
  singular: 'csistoragecapacity',
  namespaced: true,
  storage: { group: 'storage.k8s.io', version: 'v1', message: 'storage/v1.CSIStorageCapacity' },
});

export const CSIStorageCapacities = resourceOf(csiStorageCapacity);
