import type { ReplicationController } from '../../types/core.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';

export const replicationController = defineKind<ReplicationController>({
  kind: 'ReplicationController',
  plural: 'replicationcontrollers',
  singular: 'replicationcontroller',
  shortNames: ['rc'],
  categories: ['all'],
  namespaced: true,
  storage: { group: '', version: 'v1', message: 'core/v1.ReplicationController' },
  status: true,
  generation: true,
});

export const ReplicationControllers = resourceOf(replicationController);
