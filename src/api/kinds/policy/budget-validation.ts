import type { FieldError } from '../../errors.ts';
import type { PodDisruptionBudget } from '../../types/policy.v1.ts';
import { invalid, nonNegative, oneOf } from '../../validation/field.ts';
import { validateLabelSelector } from '../../validation/metadata.ts';
import { atMost100Percent, countOrPercent } from '../../validation/values.ts';

/** Validation of disruption budgets: pkg/apis/policy/validation/validation.go. */
export function validateBudget({ spec }: PodDisruptionBudget): FieldError[] {
  const { minAvailable, maxUnavailable, selector, unhealthyPodEvictionPolicy } = spec;
  return [
    ...(minAvailable !== undefined && maxUnavailable !== undefined ? [invalid('spec', spec, 'minAvailable and maxUnavailable cannot be both set')] : []),
    ...countOrPercent(minAvailable, 'spec.minAvailable'),
    ...atMost100Percent(minAvailable, 'spec.minAvailable'),
    ...countOrPercent(maxUnavailable, 'spec.maxUnavailable'),
    ...atMost100Percent(maxUnavailable, 'spec.maxUnavailable'),
    ...validateLabelSelector(selector, 'spec.selector'),
    ...(unhealthyPodEvictionPolicy === undefined ? [] : oneOf('spec.unhealthyPodEvictionPolicy', unhealthyPodEvictionPolicy, ['AlwaysAllow', 'IfHealthyBudget'])),
  ];
}

export function validateBudgetStatus({ status }: PodDisruptionBudget): FieldError[] {
  return (['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'] as const).flatMap((field) => nonNegative(`status.${field}`, status?.[field]));
}
