import { erase } from '../../kind.ts';
import { podDisruptionBudget } from './pod-disruption-budget.ts';

/** The kinds of the policy group, in the order discovery lists them. */
export const policyKinds = [
  erase(podDisruptionBudget),
];
