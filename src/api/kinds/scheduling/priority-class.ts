import type { PriorityClass } from '../../types/scheduling.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';

export const priorityClass = defineKind<PriorityClass>({
  kind: 'PriorityClass',
  plural: 'priorityclasses',
  singular: 'priorityclass',
  shortNames: ['pc'],
  namespaced: false,
  storage: { group: 'scheduling.k8s.io', version: 'v1', message: 'scheduling/v1.PriorityClass' },
  generation: true,
});

export const PriorityClasses = resourceOf(priorityClass);
