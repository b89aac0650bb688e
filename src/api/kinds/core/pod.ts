import type { Pod } from '../../types/core.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';

export const pod = defineKind<Pod>({
  kind: 'Pod',
  plural: 'pods',
  singular: 'pod',
  shortNames: ['po'],
  categories: ['all'],
  namespaced: true,
  storage: { group: '', version: 'v1', message: 'core/v1.Pod' },
  status: true,
  generation: true,
});

export const Pods = resourceOf(pod);
