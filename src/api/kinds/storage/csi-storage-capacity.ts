import type { CSIStorageCapacity } from '../../types/storage.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { createdAtColumn, nameColumn } from '../columns.ts';
import { invalidEach } from '../../validation/field.ts';
import { dns1123Subdomain } from '../../validation/formats.ts';
import { immutable } from '../../validation/immutable.ts';
import { validateLabelSelector } from '../../validation/metadata.ts';
import { nonNegativeQuantity } from '../../validation/values.ts';

export const csiStorageCapacity = defineKind<CSIStorageCapacity>({
  kind: 'CSIStorageCapacity',
  plural: 'csistoragecapacities',
  singular: 'csistoragecapacity',
  namespaced: true,
  storage: { group: 'storage.k8s.io', version: 'v1', message: 'storage/v1.CSIStorageCapacity' },
  validate: ({ nodeTopology, storageClassName = '', capacity, maximumVolumeSize }) => [
    ...validateLabelSelector(nodeTopology, 'nodeTopology'),
    ...invalidEach('storageClassName', storageClassName, dns1123Subdomain(storageClassName)),
    ...(capacity === undefined ? [] : nonNegativeQuantity(capacity, 'capacity')),
    ...(maximumVolumeSize === undefined ? [] : nonNegativeQuantity(maximumVolumeSize, 'maximumVolumeSize')),
  ],
  validateUpdate: (next, old) => [...immutable(next.nodeTopology, old.nodeTopology, 'nodeTopology'), ...immutable(next.storageClassName, old.storageClassName, 'storageClassName')],
  unconditionalUpdate: false,
  columns: [nameColumn, createdAtColumn],
});

export const CSIStorageCapacities = resourceOf(csiStorageCapacity);
