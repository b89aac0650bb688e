import type { PriorityClass } from '../../types/scheduling.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { ageColumn, boolean, integer, nameColumn, text } from '../columns.ts';
import { validatePriorityClass, validatePriorityClassUpdate } from './validation.ts';

export const priorityClass = defineKind<PriorityClass>({
  kind: 'PriorityClass',
  plural: 'priorityclasses',
  singular: 'priorityclass',
  shortNames: ['pc'],
  namespaced: false,
  storage: { group: 'scheduling.k8s.io', version: 'v1', message: 'scheduling/v1.PriorityClass' },
  generation: true,
  defaults(priorityClass) {
    priorityClass.preemptionPolicy ??= 'PreemptLowerPriority';
  },
  validate: validatePriorityClass,
  validateUpdate: validatePriorityClassUpdate,
  columns: [
    nameColumn,
    integer('Value', (priorityClass) => priorityClass.value ?? 0),
    boolean('Global-Default', (priorityClass) => priorityClass.globalDefault ?? false),
    ageColumn,
    text('PreemptionPolicy', (priorityClass) => priorityClass.preemptionPolicy ?? ''),
  ],
});

export const PriorityClasses = resourceOf(priorityClass);
