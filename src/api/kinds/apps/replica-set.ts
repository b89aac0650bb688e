import type { ReplicaSet } from '../../types/apps.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';

export const replicaSet = defineKind<ReplicaSet>({
  kind: 'ReplicaSet',
  plural: 'replicasets',
  singular: 'replicaset',
  shortNames: ['rs'],
  categories: ['all'],
  namespaced: true,
  storage: { group: 'apps', version: 'v1', message: 'apps/v1.ReplicaSet' },
  status: true,
  generation: true,
});

export const ReplicaSets = resourceOf(replicaSet);
