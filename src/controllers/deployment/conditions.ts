import type { DeploymentCondition, ReplicaSet } from '../../api/types/apps.v1.ts';
import { rfc3339 } from '../../base/time.ts';

export type Conditions = readonly DeploymentCondition[];

export function condition(type: string, status: string, reason: string, message: string, now: number): DeploymentCondition {
  const at = rfc3339(now);
  return { type, status, lastUpdateTime: at, lastTransitionTime: at, reason, message };
}

export const findCondition = (conditions: Conditions, type: string) => conditions.find((c) => c.type === type);
export const withoutCondition = (conditions: Conditions, type: string): Conditions => conditions.filter((c) => c.type !== type);

/** Sets a condition unless it says the same already; the transition time moves only with the status (SetDeploymentCondition). */
export function withCondition(conditions: Conditions, next: DeploymentCondition): Conditions {
  const current = findCondition(conditions, next.type);
  if (current && current.status === next.status && current.reason === next.reason) return conditions;
  const lastTransitionTime = current?.status === next.status ? current.lastTransitionTime : next.lastTransitionTime;
  return [...withoutCondition(conditions, next.type), { ...next, lastTransitionTime }];
}

/** The failure of a ReplicaSet to create pods, shown on its Deployment: the new set's before an old one's. */
export function replicaFailure(newSet: ReplicaSet | undefined, all: readonly ReplicaSet[]): DeploymentCondition | undefined {
  const failureOf = (set: ReplicaSet | undefined) => set?.status?.conditions?.find((c) => c.type === 'ReplicaFailure');
  const failure = failureOf(newSet) ?? all.map(failureOf).find((c) => c !== undefined);
  return failure && { type: failure.type, status: failure.status, lastUpdateTime: failure.lastTransitionTime, lastTransitionTime: failure.lastTransitionTime, reason: failure.reason, message: failure.message };
}
