import type { CSIDriver } from '../../types/storage.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';

export const csiDriver = defineKind<CSIDriver>({
  kind: 'CSIDriver',
  plural: 'csidrivers',
  singular: 'csidriver',
  namespaced: false,
  storage: { group: 'storage.k8s.io', version: 'v1', message: 'storage/v1.CSIDriver' },
});

export const CSIDrivers = resourceOf(csiDriver);
