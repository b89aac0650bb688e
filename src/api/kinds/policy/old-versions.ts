import type { PodDisruptionBudget } from '../../types/policy.v1.ts';
import type { LabelSelector } from '../../types/meta.v1.ts';
import { selectsAll } from '../../validation/metadata.ts';
import { convertedVersion, oldVersion } from '../conversion.ts';

/** In policy/v1beta1 an empty selector matched no pod, in v1 it matches all; a label that no pod has stands for the other (pkg/apis/policy/helper.go). */

const STORED = { group: 'policy', version: 'v1' };
const MARK = 'pdb.kubernetes.io/deprecated-v1beta1-empty-selector-match';
const NONE: LabelSelector = { matchExpressions: [{ key: MARK, operator: 'Exists' }] };
const ALL: LabelSelector = { matchExpressions: [{ key: MARK, operator: 'DoesNotExist' }] };

const isOnly = (selector: LabelSelector, operator: string) =>
  Object.keys(selector.matchLabels ?? {}).length === 0 && selector.matchExpressions?.length === 1 && selector.matchExpressions[0]!.key === MARK && selector.matchExpressions[0]!.operator === operator;

function newSelector(selector: LabelSelector): LabelSelector {
  if (selectsAll(selector)) return structuredClone(NONE);
  if (isOnly(selector, 'DoesNotExist')) return {};
  const { matchExpressions, ...rest } = selector;
  const kept = matchExpressions?.filter((expression) => expression.key !== MARK);
  return { ...rest, ...(kept && kept.length > 0 && { matchExpressions: kept }) };
}

function oldSelector(selector: LabelSelector): LabelSelector {
  if (isOnly(selector, 'Exists')) return {};
  return selectsAll(selector) ? structuredClone(ALL) : selector;
}

function withSelector(budget: PodDisruptionBudget, convert: (selector: LabelSelector) => LabelSelector): PodDisruptionBudget {
  return budget.spec?.selector ? { ...budget, spec: { ...budget.spec, selector: convert(budget.spec.selector) } } : budget;
}

export const oldBudget = convertedVersion(oldVersion('policy', 'v1beta1', 'policy/v1beta1', 'PodDisruptionBudget', '1.21', '1.25', STORED), STORED, {
  toStorage: (budget: PodDisruptionBudget) => withSelector(budget, newSelector),
  fromStorage: (budget: PodDisruptionBudget) => withSelector(budget, oldSelector),
});
