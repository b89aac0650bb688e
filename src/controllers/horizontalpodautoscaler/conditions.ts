import type { HorizontalPodAutoscalerCondition } from '../../api/types/autoscaling.v2.ts';
import { rfc3339 } from '../../base/time.ts';

export type Conditions = readonly HorizontalPodAutoscalerCondition[];

/** Sets a condition in its place, or appends it. The transition time moves only when the status does (horizontal.go setConditionInList). */
export function setCondition(conditions: Conditions, type: string, status: 'True' | 'False', reason: string, message: string, now: number): Conditions {
  const index = conditions.findIndex((condition) => condition.type === type);
  const known = conditions[index];
  const lastTransitionTime = known?.status === status ? known.lastTransitionTime : rfc3339(now);
  const next = { type, status, lastTransitionTime, reason, message };
  return index < 0 ? [...conditions, next] : conditions.with(index, next);
}

export const hasCondition = (conditions: Conditions, type: string, status: string) => conditions.some((condition) => condition.type === type && condition.status === status);
export const withoutCondition = (conditions: Conditions, type: string): Conditions => conditions.filter((condition) => condition.type !== type);
