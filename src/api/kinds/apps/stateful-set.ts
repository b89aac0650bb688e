import type { StatefulSet } from '../../types/apps.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';

export const statefulSet = defineKind<StatefulSet>({
  kind: 'StatefulSet',
  plural: 'statefulsets',
  singular: 'statefulset',
  shortNames: ['sts'],
  categories: ['all'],
  namespaced: true,
  storage: { group: 'apps', version: 'v1', message: 'apps/v1.StatefulSet' },
  status: true,
  generation: true,
});

export const StatefulSets = resourceOf(statefulSet);
