import type { Condition } from '../../api/types/meta.v1.ts';
import type { Pod } from '../../api/types/core.v1.ts';
import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from '../../api/types/policy.v1.ts';
import { isReady } from '../pods.ts';
import { rfc3339 } from '../../base/time.ts';

/** An evicted pod that is still there after this long was not evicted after all (disruption.go DeletionTimeout). */
const DELETION_TIMEOUT_MS = 2 * 60_000;

/** The owner that decides how many pods like this there should be, and how many. `unmanaged`: nobody does; undefined: its owner does not say. */
export type Scales = (pod: Pod) => { readonly owner: string; readonly replicas: number } | 'unmanaged' | undefined;

/** A budget's new status and what goes with it, or why there is none. */
export type Outcome = { readonly error: string } | {
  readonly status: PodDisruptionBudgetStatus;
  /** When an evicted pod that is still there counts again. */
  readonly recheckMs: number | undefined;
  /** Pods that a share cannot be taken of, since nobody says how many there should be. */
  readonly unmanaged: readonly Pod[];
  /** Pods that were evicted and stayed. */
  readonly stayed: readonly Pod[];
};

/** A budget's status from the pods it covers (pkg/controller/disruption trySync). Percentages round up, of what the pods' owners want. */
export function budgetStatus(budget: PodDisruptionBudget, pods: readonly Pod[], scales: Scales, now: number): Outcome {
  const { minAvailable, maxUnavailable } = budget.spec;
  const unmanaged: Pod[] = [];
  let expected = pods.length;
  let desired = 0;
  if (maxUnavailable !== undefined || typeof minAvailable === 'string') {
    const owners = new Map<string, number>();
    for (const pod of pods) {
      const scale = scales(pod);
      if (!scale) return { error: `found no controllers for pod "${pod.metadata.name ?? ''}"` };
      if (scale === 'unmanaged') unmanaged.push(pod);
      else owners.set(scale.owner, scale.replicas);
    }
    expected = [...owners.values()].reduce((sum, n) => sum + n, 0);
    desired = maxUnavailable !== undefined ? Math.max(0, expected - share(maxUnavailable, expected)) : share(minAvailable ?? 0, expected);
  } else {
    desired = Number(minAvailable ?? 0);
  }
  const { kept, recheckMs, stayed } = stillDisrupted(budget, pods, now);
  const healthy = pods.filter((p) => isReady(p) && p.metadata.deletionTimestamp === undefined && kept[p.metadata.name ?? ''] === undefined).length;
  // A budget without pods lets none go: its first ones may come before it is counted anew.
  const allowed = expected <= 0 ? 0 : Math.max(0, healthy - desired);
  const status: PodDisruptionBudgetStatus = {
    ...(Object.keys(kept).length > 0 && { disruptedPods: kept }),
    currentHealthy: healthy, desiredHealthy: desired, expectedPods: expected, disruptionsAllowed: allowed,
    observedGeneration: budget.metadata.generation,
    conditions: [condition(budget, allowed > 0 ? 'True' : 'False', allowed > 0 ? 'SufficientPods' : 'InsufficientPods', '', now)],
  };
  return { status, recheckMs, unmanaged, stayed };
}

/** The DisruptionAllowed condition; its time moves only with its status. */
export function condition(budget: PodDisruptionBudget, status: Condition['status'], reason: string, message: string, now: number): Condition {
  const old = budget.status?.conditions?.find((c) => c.type === 'DisruptionAllowed');
  return { type: 'DisruptionAllowed', status, reason, message, observedGeneration: budget.metadata.generation, lastTransitionTime: old?.status === status ? old.lastTransitionTime : rfc3339(now) };
}

function share(value: number | string, of: number): number {
  return typeof value === 'number' ? value : Math.ceil((Number.parseInt(value, 10) * of) / 100);
}

/** Evicted pods that are still expected to go, and those that were for too long. */
function stillDisrupted(budget: PodDisruptionBudget, pods: readonly Pod[], now: number): { kept: Record<string, string>; recheckMs: number | undefined; stayed: Pod[] } {
  const kept: Record<string, string> = {};
  const stayed: Pod[] = [];
  let recheckMs: number | undefined;
  for (const pod of pods) {
    const name = pod.metadata.name ?? '';
    const since = budget.status?.disruptedPods?.[name];
    if (since === undefined || pod.metadata.deletionTimestamp !== undefined) continue;
    const left = Date.parse(since) + DELETION_TIMEOUT_MS - now;
    if (left <= 0) {
      stayed.push(pod);
      continue;
    }
    kept[name] = since;
    recheckMs = Math.min(recheckMs ?? Infinity, left);
  }
  return { kept, recheckMs, stayed };
}
