import { byCreation } from '../names.ts';
import { active, allSets, resize, type Plan } from './plan.ts';
import { availableReplicas, specReplicas, totalReplicas } from './replicasets.ts';

/** The size a new set may have now: as far as surge lets the total grow, and no more than is wanted (deployment_util.go NewRSNewReplicas). */
export function newSetSize(plan: Plan, current: number): number {
  if (plan.deployment.spec.strategy?.type === 'Recreate') return plan.replicas;
  const room = plan.replicas + plan.posts.maxSurge - totalReplicas(allSets(plan));
  return room <= 0 ? current : current + Math.min(room, plan.replicas - current);
}

/** Brings the new set towards its size. Returns whether it changed (rolling.go reconcileNewReplicaSet). */
export function resizeNewSet(plan: Plan): boolean {
  const set = plan.newSet!;
  const size = specReplicas(set);
  if (size === plan.replicas) return false;
  return resize(plan, set, size > plan.replicas ? plan.replicas : newSetSize(plan, size));
}

/**
 * Takes old pods away as far as availability allows: unhealthy ones first, since they only hold the rollout up, then the oldest sets' (rolling.go reconcileOldReplicaSets).
 * Pods of the new set that are not available yet count as if old ones were still needed in their place.
 */
export function shrinkOldSets(plan: Plan): boolean {
  if (totalReplicas(active(plan.oldSets)) === 0) return false;
  const minAvailable = plan.replicas - plan.posts.maxUnavailable;
  const newUnavailable = specReplicas(plan.newSet!) - (plan.newSet!.status?.availableReplicas ?? 0);
  const removable = totalReplicas(allSets(plan)) - minAvailable - newUnavailable;
  if (removable <= 0) return false;
  const unhealthy = shrink(plan, removable, (size, available) => size - available);
  const spare = availableReplicas([...active(plan.oldSets), plan.newSet!]) - minAvailable;
  const healthy = spare > 0 ? shrink(plan, spare, (size) => size) : 0;
  return unhealthy + healthy > 0;
}

/** Removes up to `budget` pods from old sets, oldest set first, as many of each as `removable` says. Returns how many. */
function shrink(plan: Plan, budget: number, removable: (size: number, available: number) => number): number {
  let left = budget;
  for (const set of active(plan.oldSets).sort(byCreation)) {
    const size = specReplicas(set);
    const count = Math.min(left, Math.max(0, removable(size, set.status?.availableReplicas ?? 0)));
    if (count === 0) continue;
    resize(plan, set, size - count);
    left -= count;
  }
  return budget - left;
}
