import type { ServiceAccount } from '../../types/core.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { ageColumn, nameColumn, text } from '../columns.ts';

export const serviceAccount = defineKind<ServiceAccount>({
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  singular: 'serviceaccount',
  shortNames: ['sa'],
  namespaced: true,
  storage: { group: '', version: 'v1', message: 'core/v1.ServiceAccount' },
  subresources: [{ name: 'token', kind: 'TokenRequest', group: 'authentication.k8s.io', version: 'v1', verbs: ['create'] }],
  columns: [nameColumn, text('Secrets', (account) => (account.secrets ?? []).length), ageColumn],
});

export const ServiceAccounts = resourceOf(serviceAccount);
