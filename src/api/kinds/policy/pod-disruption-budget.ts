import type { PodDisruptionBudget } from '../../types/policy.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { pathSegment } from '../../validation/formats.ts';
import { ageColumn, integer, nameColumn, text } from '../columns.ts';
import { oldBudget } from './old-versions.ts';
import { validateBudget, validateBudgetStatus } from './budget-validation.ts';

export const podDisruptionBudget = defineKind<PodDisruptionBudget>({
  kind: 'PodDisruptionBudget',
  plural: 'poddisruptionbudgets',
  singular: 'poddisruptionbudget',
  shortNames: ['pdb'],
  namespaced: true,
  storage: { group: 'policy', version: 'v1', message: 'policy/v1.PodDisruptionBudget' },
  // Upstream asks no more of it than that it fits into a path.
  validateName: pathSegment,
  anyFinalizer: true,
  served: [oldBudget],
  status: true,
  generation: true,
  defaults(budget) {
    budget.spec ??= {};
  },
  validate: validateBudget,
  validateStatus: validateBudgetStatus,
  prepareCreate(budget) {
    budget.status = { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 };
  },
  unconditionalUpdate: false,
  columns: [
    nameColumn,
    text('Min Available', (budget) => String(budget.spec.minAvailable ?? 'N/A')),
    text('Max Unavailable', (budget) => String(budget.spec.maxUnavailable ?? 'N/A')),
    integer('Allowed Disruptions', (budget) => budget.status?.disruptionsAllowed ?? 0),
    ageColumn,
  ],
});

export const PodDisruptionBudgets = resourceOf(podDisruptionBudget);
