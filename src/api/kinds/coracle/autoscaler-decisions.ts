import type { AutoscalerDecisions as AutoscalerDecisionsObject } from '../../types/coracle.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { ageColumn, nameColumn, text } from '../columns.ts';

/** Why an autoscaler did what it did. Never stored: the autoscaler makes it. */
export const autoscalerDecisions = defineKind<AutoscalerDecisionsObject>({
  kind: 'AutoscalerDecisions',
  plural: 'autoscalerdecisions',
  singular: 'autoscalerdecision',
  namespaced: true,
  storage: { group: 'coracle.dev', version: 'v1', message: 'coracle/v1.AutoscalerDecisions' },
  verbs: ['get', 'list'],
  columns: [nameColumn, text('Decisions', ({ decisions }) => (decisions ?? []).length), ageColumn],
});

export const AutoscalerDecisions = resourceOf(autoscalerDecisions);
