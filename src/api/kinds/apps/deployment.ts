import type { Deployment } from '../../types/apps.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';

export const deployment = defineKind<Deployment>({
  kind: 'Deployment',
  plural: 'deployments',
  singular: 'deployment',
  shortNames: ['deploy'],
  categories: ['all'],
  namespaced: true,
  storage: { group: 'apps', version: 'v1', message: 'apps/v1.Deployment' },
  status: true,
  generation: true,
});

export const Deployments = resourceOf(deployment);
