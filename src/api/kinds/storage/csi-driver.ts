import type { CSIDriver } from '../../types/storage.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { validateDriver } from './validation.ts';
import { ageColumn, boolean, nameColumn, text } from '../columns.ts';

export const csiDriver = defineKind<CSIDriver>({
  kind: 'CSIDriver',
  plural: 'csidrivers',
  singular: 'csidriver',
  namespaced: false,
  storage: { group: 'storage.k8s.io', version: 'v1', message: 'storage/v1.CSIDriver' },
  defaults(driver) {
    const spec = (driver.spec ??= {});
    spec.attachRequired ??= true;
    spec.podInfoOnMount ??= false;
    spec.storageCapacity ??= false;
    spec.fsGroupPolicy ??= 'ReadWriteOnceWithFSType';
    if ((spec.volumeLifecycleModes ?? []).length === 0) spec.volumeLifecycleModes = ['Persistent'];
    spec.requiresRepublish ??= false;
    spec.seLinuxMount ??= false;
  },
  validate: validateDriver,
  unconditionalUpdate: false,
  columns: [
    nameColumn,
    boolean('AttachRequired', (driver) => driver.spec.attachRequired ?? true),
    boolean('PodInfoOnMount', (driver) => driver.spec.podInfoOnMount ?? false),
    boolean('StorageCapacity', (driver) => driver.spec.storageCapacity ?? false),
    text('TokenRequests', (driver) => driver.spec.tokenRequests?.map((request) => request.audience).join(',') ?? '<unset>'),
    boolean('RequiresRepublish', (driver) => driver.spec.requiresRepublish ?? false),
    text('Modes', (driver) => (driver.spec.volumeLifecycleModes ?? []).join(',') || '<none>'),
    ageColumn,
  ],
});

export const CSIDrivers = resourceOf(csiDriver);
