import type { ReplicaSetCondition, ReplicaSetStatus } from '../../api/types/apps.v1.ts';
import type { Pod, PodTemplateSpec } from '../../api/types/core.v1.ts';
import { availableAt, isAvailable, isReady } from '../pods.ts';
import { rfc3339 } from '../../base/time.ts';
import { chooseVictims } from './victims.ts';

/** Pods created or deleted by one reconcile at most (replica_set.go BurstReplicas). */
export const BURST = 500;

/** What a ReplicaSet and a ReplicationController have in common. */
export interface SetView {
  readonly replicas: number;
  readonly minReadySeconds: number;
  readonly template: PodTemplateSpec;
  readonly generation: number;
  readonly status: ReplicaSetStatus;
}

export type PodChange = { readonly create: number } | { readonly remove: readonly Pod[] } | undefined;

/** How the number of pods must change now: at most a burst of creations or of deletions (replica_set.go manageReplicas). */
export function podChange(set: SetView, active: readonly Pod[], siblings: () => readonly Pod[], now: number): PodChange {
  const missing = set.replicas - active.length;
  if (missing > 0) return { create: Math.min(missing, BURST) };
  if (missing < 0) return { remove: chooseVictims(active, siblings(), Math.min(-missing, BURST), now) };
  return undefined;
}

/** The sizes of the batches in which `count` pods are created: 1, 2, 4 … so that a refusal costs few requests (slowStartBatch). */
export function slowStart(count: number): readonly number[] {
  const batches: number[] = [];
  for (let size = 1, left = count; left > 0; size *= 2) {
    batches.push(Math.min(size, left));
    left -= Math.min(size, left);
  }
  return batches;
}

/** The status that these pods mean; `failure` is what went wrong while creating or deleting some (replica_set_utils.go calculateStatus). */
export function nextStatus(set: SetView, active: readonly Pod[], failure: Error | undefined, now: number): ReplicaSetStatus {
  const labels = Object.entries(set.template.metadata?.labels ?? {});
  const ready = active.filter(isReady);
  return {
    replicas: active.length,
    ...positive('fullyLabeledReplicas', active.filter((pod) => labels.every(([key, value]) => pod.metadata.labels?.[key] === value)).length),
    ...positive('readyReplicas', ready.length),
    ...positive('availableReplicas', ready.filter((pod) => isAvailable(pod, set.minReadySeconds, now)).length),
    observedGeneration: set.generation,
    ...withConditions(failureConditions(set, active.length, failure, now)),
  };
}

/** Milliseconds until the next ready pod is available, if one is waiting for it. */
export function nextAvailability(set: SetView, active: readonly Pod[], now: number): number | undefined {
  if (set.minReadySeconds === 0) return undefined;
  const waits = active.map((pod) => availableAt(pod, set.minReadySeconds) - now).filter((ms) => ms > 0 && ms < Infinity);
  return waits.length === 0 ? undefined : Math.min(...waits);
}

function failureConditions(set: SetView, active: number, failure: Error | undefined, now: number): readonly ReplicaSetCondition[] {
  const conditions = set.status.conditions ?? [];
  const failed = conditions.some((condition) => condition.type === 'ReplicaFailure');
  if (!failure) return conditions.filter((condition) => condition.type !== 'ReplicaFailure');
  if (failed) return conditions;
  const reason = active < set.replicas ? 'FailedCreate' : active > set.replicas ? 'FailedDelete' : '';
  return [...conditions, { type: 'ReplicaFailure', status: 'True', lastTransitionTime: rfc3339(now), reason, message: failure.message }];
}

const positive = <K extends string>(name: K, count: number) => (count > 0 ? { [name]: count } as Record<K, number> : {});
const withConditions = (conditions: readonly ReplicaSetCondition[]) => (conditions.length > 0 ? { conditions: [...conditions] } : {});
