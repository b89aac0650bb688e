import type { FieldError } from '../../errors.ts';
import type { PriorityClass } from '../../types/scheduling.v1.ts';
import { forbidden, oneOf } from '../../validation/field.ts';
import { immutable } from '../../validation/immutable.ts';

const HIGHEST_FOR_USERS = 1_000_000_000;
const SYSTEM = new Map([['system-cluster-critical', 2_000_000_000], ['system-node-critical', 2_000_001_000]]);

/** Validation of priority classes: pkg/apis/scheduling/validation/validation.go. */
export function validatePriorityClass({ metadata, value = 0, globalDefault, preemptionPolicy }: PriorityClass): FieldError[] {
  const errors: FieldError[] = [];
  const { name = '' } = metadata;
  if (name.startsWith('system-')) {
    const problem = systemProblem(name, value, globalDefault ?? false);
    if (problem !== undefined) errors.push(forbidden('metadata.name', `priority class names with 'system-' prefix are reserved for system use only. error: ${problem}`));
  } else if (value > HIGHEST_FOR_USERS) errors.push(forbidden('value', `maximum allowed value of a user defined priority is ${HIGHEST_FOR_USERS}`));
  return preemptionPolicy === undefined ? errors : [...errors, ...oneOf('preemptionPolicy', preemptionPolicy, ['PreemptLowerPriority', 'Never'])];
}

function systemProblem(name: string, value: number, isDefault: boolean): string | undefined {
  const known = SYSTEM.get(name);
  if (known === undefined) return `${name} is not a known system priority class`;
  if (known !== value) return `value of ${name} PriorityClass must be ${known}`;
  return isDefault ? `globalDefault of ${name} PriorityClass must be false` : undefined;
}

export function validatePriorityClassUpdate(next: PriorityClass, old: PriorityClass): FieldError[] {
  return [...((next.value ?? 0) === (old.value ?? 0) ? [] : [forbidden('value', 'may not be changed in an update.')]), ...immutable(next.preemptionPolicy, old.preemptionPolicy, 'preemptionPolicy')];
}
