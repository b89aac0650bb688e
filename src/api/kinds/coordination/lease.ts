import type { Lease } from '../../types/coordination.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { ageColumn, nameColumn, text } from '../columns.ts';
import { forbidden, invalid, nonNegative } from '../../validation/field.ts';

export const lease = defineKind<Lease>({
  kind: 'Lease',
  plural: 'leases',
  singular: 'lease',
  namespaced: true,
  storage: { group: 'coordination.k8s.io', version: 'v1', message: 'coordination/v1.Lease' },
  anyFinalizer: true,
  defaults(lease) {
    lease.spec ??= {};
  },
  validate({ spec: { leaseDurationSeconds: duration, leaseTransitions: transitions, strategy, preferredHolder } }) {
    return [
      ...(duration !== undefined && duration <= 0 ? [invalid('spec.leaseDurationSeconds', duration, 'must be greater than 0')] : []),
      ...nonNegative('spec.leaseTransitions', transitions),
      ...(preferredHolder && !strategy ? [forbidden('spec.preferredHolder', 'may only be specified if `strategy` is defined')] : []),
    ];
  },
  createOnUpdate: true,
  unconditionalUpdate: false,
  columns: [nameColumn, text('Holder', (lease) => lease.spec?.holderIdentity ?? ''), ageColumn],
});

export const Leases = resourceOf(lease);
