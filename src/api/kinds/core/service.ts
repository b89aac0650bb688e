import type { Service } from '../../types/core.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';

export const service = defineKind<Service>({
  kind: 'Service',
  plural: 'services',
  singular: 'service',
  shortNames: ['svc'],
  categories: ['all'],
  namespaced: true,
  storage: { group: '', version: 'v1', message: 'core/v1.Service' },
  status: true,
});

export const Services = resourceOf(service);
