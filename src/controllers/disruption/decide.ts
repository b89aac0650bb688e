import type { Condition } from '../../api/types/meta.v1.ts';
import type { Pod } from '../../api/types/core.v1.ts';
import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from '../../api/types/policy.v1.ts';
import { isReady } from '../pods.ts';
import { rfc3339 } from '../../base/time.ts';

/** An evicted pod that is still there after this long was not evicted after all (disruption.go DeletionTimeout). */
const DELETION_TIMEOUT_MS = 2 * 60_000;

/** How many pods the owners of these pods want: a controller's scale once, a bare pod one. Undefined: an owner has no scale. */
export type Scales = (pod: Pod) => { readonly owner: string; readonly replicas: number } | undefined;

/**
 * A budget's status from the pods it covers (pkg/controller/disruption trySync). Percentages round up. `error` when a percentage or maxUnavailable is given and some pod's
 * owner has no scale.
 */
export function budgetStatus(budget: PodDisruptionBudget, pods: readonly Pod[], scales: Scales, now: number): { status: PodDisruptionBudgetStatus; recheckMs: number | undefined } | { error: string } {
  const { minAvailable, maxUnavailable } = budget.spec;
  const active = pods.filter((p) => p.status?.phase !== 'Succeeded' && p.status?.phase !== 'Failed');
  let expected = active.length;
  let desired = 0;
  if (maxUnavailable !== undefined || typeof minAvailable === 'string') {
    const owners = new Map<string, number>();
    for (const pod of active) {
      const scale = scales(pod);
      if (!scale) return { error: `found no controller ref for pod "${pod.metadata.name ?? ''}"` };
      owners.set(scale.owner, scale.replicas);
    }
    expected = [...owners.values()].reduce((sum, n) => sum + n, 0);
    desired = maxUnavailable !== undefined ? Math.max(0, expected - share(maxUnavailable, expected)) : share(minAvailable ?? 0, expected);
  } else {
    desired = Number(minAvailable ?? 0);
  }
  const { kept, recheckMs } = stillDisrupted(budget, pods, now);
  const healthy = active.filter((p) => isReady(p) && p.metadata.deletionTimestamp === undefined && kept[p.metadata.name ?? ''] === undefined).length;
  const allowed = expected <= 0 ? 0 : Math.max(0, healthy - desired);
  const status: PodDisruptionBudgetStatus = {
    ...(Object.keys(kept).length > 0 && { disruptedPods: kept }),
    currentHealthy: healthy, desiredHealthy: desired, expectedPods: expected, disruptionsAllowed: allowed,
    observedGeneration: budget.metadata.generation,
    conditions: [condition(budget, allowed > 0 ? 'True' : 'False', allowed > 0 ? 'SufficientPods' : 'InsufficientPods', '', now)],
  };
  return { status, recheckMs };
}

/** The DisruptionAllowed condition; its time moves only with its status. */
export function condition(budget: PodDisruptionBudget, status: Condition['status'], reason: string, message: string, now: number): Condition {
  const old = budget.status?.conditions?.find((c) => c.type === 'DisruptionAllowed');
  return { type: 'DisruptionAllowed', status, reason, message, observedGeneration: budget.metadata.generation, lastTransitionTime: old?.status === status ? old.lastTransitionTime : rfc3339(now) };
}

function share(value: number | string, of: number): number {
  return typeof value === 'number' ? value : Math.ceil((Number.parseInt(value, 10) * of) / 100);
}

/** Evicted pods that are still on their way out. */
function stillDisrupted(budget: PodDisruptionBudget, pods: readonly Pod[], now: number): { kept: Record<string, string>; recheckMs: number | undefined } {
  const kept: Record<string, string> = {};
  let recheckMs: number | undefined;
  for (const pod of pods) {
    const name = pod.metadata.name ?? '';
    const since = budget.status?.disruptedPods?.[name];
    if (since === undefined || pod.metadata.deletionTimestamp !== undefined) continue;
    const left = Date.parse(since) + DELETION_TIMEOUT_MS - now;
    if (left <= 0) continue;
    kept[name] = since;
    recheckMs = Math.min(recheckMs ?? Infinity, left);
  }
  return { kept, recheckMs };
}
