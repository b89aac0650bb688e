import type { ResourceQuota } from '../../types/core.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';

export const resourceQuota = defineKind<ResourceQuota>({
  kind: 'ResourceQuota',
  plural: 'resourcequotas',
  singular: 'resourcequota',
  shortNames: ['quota'],
  namespaced: true,
  storage: { group: '', version: 'v1', message: 'core/v1.ResourceQuota' },
  status: true,
});

export const ResourceQuotas = resourceOf(resourceQuota);
