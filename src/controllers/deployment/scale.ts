import type { ReplicaSet } from '../../api/types/apps.v1.ts';
import { byCreation } from '../names.ts';
import { active, allSets, bySize, resize, type Plan } from './plan.ts';
import { DESIRED_REPLICAS, MAX_REPLICAS, specReplicas, totalReplicas } from './replicasets.ts';

/** Whether the Deployment was resized since its active sets were last written: their desired-replicas annotation says otherwise (sync.go isScalingEvent). */
export function isScaling(plan: Plan): boolean {
  return active(allSets(plan)).some((set) => {
    const desired = annotatedCount(set, DESIRED_REPLICAS);
    return desired !== undefined && desired !== plan.replicas;
  });
}

/**
 * Resizes outside a rollout, or in the middle of one that is paused: a single active set takes all; several share the change in proportion to their sizes, so that scaling
 * neither hastens nor delays the rollout (sync.go scale).
 */
export function scale(plan: Plan): void {
  const single = activeOrLatest(plan);
  if (single) {
    if (specReplicas(single) !== plan.replicas) resize(plan, single, plan.replicas);
    return;
  }
  if (isSaturated(plan)) {
    for (const set of active(plan.oldSets)) resize(plan, set, 0);
    return;
  }
  if (plan.deployment.spec.strategy?.type === 'Recreate') return;
  const sets = active(allSets(plan));
  const allowed = plan.replicas > 0 ? plan.replicas + plan.posts.maxSurge : 0;
  const toAdd = allowed - totalReplicas(sets);
  if (toAdd !== 0) sets.sort(bySize(toAdd > 0));
  let added = 0;
  const sizes = sets.map((set) => {
    const share = toAdd === 0 ? 0 : shareOf(plan, set, toAdd, added);
    added += share;
    return specReplicas(set) + share;
  });
  sets.forEach((set, index) => {
    const leftover = index === 0 && toAdd !== 0 ? toAdd - added : 0;
    resize(plan, set, Math.max(0, sizes[index]! + leftover));
  });
}

/** The only active set; the newest when none is active; undefined when several are. */
function activeOrLatest(plan: Plan): ReplicaSet | undefined {
  const sets = active(allSets(plan));
  if (sets.length > 1) return undefined;
  return sets[0] ?? plan.newSet ?? [...plan.oldSets].sort(byCreation).at(-1);
}

/** Whether the new set owns every replica that is wanted and all of them are available (deployment_util.go IsSaturated). */
function isSaturated(plan: Plan): boolean {
  const set = plan.newSet;
  return set !== undefined && specReplicas(set) === plan.replicas && annotatedCount(set, DESIRED_REPLICAS) === plan.replicas && (set.status?.availableReplicas ?? 0) === plan.replicas;
}

function shareOf(plan: Plan, set: ReplicaSet, toAdd: number, added: number): number {
  const left = toAdd - added;
  if (specReplicas(set) === 0 || left === 0) return 0;
  const fraction = fractionOf(plan, set);
  return toAdd > 0 ? Math.min(fraction, left) : Math.max(fraction, left);
}

/** How much a set grows when the Deployment's maximum goes from what the set's annotation says to what it is now (getReplicaSetFraction). */
function fractionOf(plan: Plan, set: ReplicaSet): number {
  const size = specReplicas(set);
  if (plan.replicas === 0) return -size;
  const before = annotatedCount(set, MAX_REPLICAS) || (plan.deployment.status?.replicas ?? 0);
  if (before === 0) return 0;
  return roundHalfAway((size * (plan.replicas + plan.posts.maxSurge)) / before) - size;
}

const roundHalfAway = (value: number) => (value < 0 ? Math.ceil(value - 0.5) : Math.floor(value + 0.5));

/** A non-negative 32-bit count in an annotation. */
function annotatedCount(set: ReplicaSet, name: string): number | undefined {
  const text = set.metadata.annotations?.[name];
  if (text === undefined || !/^\d{1,10}$/.test(text)) return undefined;
  const count = Number(text);
  return count < 2 ** 31 ? count : undefined;
}
