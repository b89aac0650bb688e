import type { Lease } from '../../types/coordination.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { ageColumn, nameColumn, text } from '../columns.ts';

export const lease = defineKind<Lease>({
  kind: 'Lease',
  plural: 'leases',
  singular: 'lease',
  namespaced: true,
  storage: { group: 'coordination.k8s.io', version: 'v1', message: 'coordination/v1.Lease' },
  createOnUpdate: true,
  unconditionalUpdate: false,
  defaults(lease) {
    lease.spec ??= {};
  },
  columns: [nameColumn, text('Holder', (lease) => lease.spec?.holderIdentity ?? ''), ageColumn],
});

export const Leases = resourceOf(lease);
