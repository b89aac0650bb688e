import type { CSIStorageCapacity } from '../../types/storage.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { nameColumn, text } from '../columns.ts';

export const csiStorageCapacity = defineKind<CSIStorageCapacity>({
  kind: 'CSIStorageCapacity',
  plural: 'csistoragecapacities',
  singular: 'csistoragecapacity',
  namespaced: true,
  storage: { group: 'storage.k8s.io', version: 'v1', message: 'storage/v1.CSIStorageCapacity' },
  unconditionalUpdate: false,
  columns: [nameColumn, text('StorageClassName', (capacity) => capacity.storageClassName), text('Capacity', (capacity) => capacity.capacity ?? '<unset>')],
});

export const CSIStorageCapacities = resourceOf(csiStorageCapacity);
