import type { PodDisruptionBudget } from '../../types/policy.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';

export const podDisruptionBudget = defineKind<PodDisruptionBudget>({
  kind: 'PodDisruptionBudget',
  plural: 'poddisruptionbudgets',
  singular: 'poddisruptionbudget',
  shortNames: ['pdb'],
  namespaced: true,
  storage: { group: 'policy', version: 'v1', message: 'policy/v1.PodDisruptionBudget' },
  status: true,
  generation: true,
});

export const PodDisruptionBudgets = resourceOf(podDisruptionBudget);
