import type { ResourceQuota } from '../../types/core.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { ageColumn, nameColumn, text } from '../columns.ts';
import { roundUpToMilli } from './pod-spec-defaults.ts';
import { validateQuota, validateQuotaStatus, validateQuotaUpdate } from './quota-validation.ts';

export const resourceQuota = defineKind<ResourceQuota>({
  kind: 'ResourceQuota',
  plural: 'resourcequotas',
  singular: 'resourcequota',
  shortNames: ['quota'],
  namespaced: true,
  storage: { group: '', version: 'v1', message: 'core/v1.ResourceQuota' },
  status: true,
  defaults(quota) {
    quota.spec ??= {};
    for (const list of [quota.spec.hard, quota.status?.hard, quota.status?.used]) if (list) roundUpToMilli(list);
  },
  validate: validateQuota,
  validateUpdate: validateQuotaUpdate,
  validateStatus: validateQuotaStatus,
  columns: [nameColumn, text('Request', (quota) => usage(quota, false)), text('Limit', (quota) => usage(quota, true)), ageColumn],
});

export const ResourceQuotas = resourceOf(resourceQuota);

function usage(quota: ResourceQuota, limits: boolean): string {
  const hard = quota.status?.hard ?? {};
  const names = Object.keys(hard).filter((name) => name.startsWith('limits.') === limits).sort();
  return names.map((name) => `${name}: ${quota.status?.used?.[name] ?? '0'}/${hard[name]}`).join(', ');
}
