import type { ServiceAccount } from '../../types/core.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';

export const serviceAccount = defineKind<ServiceAccount>({
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  singular: 'serviceaccount',
  shortNames: ['sa'],
  namespaced: true,
  storage: { group: '', version: 'v1', message: 'core/v1.ServiceAccount' },
});

export const ServiceAccounts = resourceOf(serviceAccount);
