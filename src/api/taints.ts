import type { Taint, Toleration } from './types/core.v1.ts';

/** Whether a toleration bears with a taint (core/v1 Toleration.ToleratesTaint). */
export function tolerates({ key, operator = 'Equal', value = '', effect }: Toleration, taint: Pick<Taint, 'key' | 'value' | 'effect'>): boolean {
  if (effect && effect !== taint.effect) return false;
  if (key && key !== taint.key) return false;
  return operator === 'Exists' || (!!key && value === (taint.value ?? ''));
}
