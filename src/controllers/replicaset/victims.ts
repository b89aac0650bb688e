import type { Pod } from '../../api/types/core.v1.ts';
import { compare } from '../names.ts';
import { isActive, isReady, readySince, restarts } from '../pods.ts';

const PHASE_RANK: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };
const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';

/**
 * Chooses `count` pods to delete, the least useful first (controller_utils.go ActivePodsWithRanks): unassigned, then earlier phase, not ready, lower deletion cost, more siblings on
 * the same node, ready for less time, more restarts, younger. Times are compared by the logarithm of the age so that near equals fall to the UID.
 * `siblings` are the pods of every replica set of the same owner.
 */
export function chooseVictims(pods: readonly Pod[], siblings: readonly Pod[], count: number, now: number): readonly Pod[] {
  if (count >= pods.length) return pods;
  const perNode = new Map<string, number>();
  for (const pod of siblings) if (isActive(pod)) perNode.set(nodeOf(pod), (perNode.get(nodeOf(pod)) ?? 0) + 1);
  return [...pods].sort((a, b) => usefulness(a, b, perNode, now)).slice(0, count);
}

function usefulness(a: Pod, b: Pod, perNode: ReadonlyMap<string, number>, now: number): number {
  return (
    order(nodeOf(a) !== '', nodeOf(b) !== '')
    || (PHASE_RANK[a.status?.phase ?? ''] ?? 0) - (PHASE_RANK[b.status?.phase ?? ''] ?? 0)
    || order(isReady(a), isReady(b))
    || deletionCost(a) - deletionCost(b)
    || (perNode.get(nodeOf(b)) ?? 0) - (perNode.get(nodeOf(a)) ?? 0)
    || (isReady(a) ? byAge(readySince(a), readySince(b), a, b, now) : 0)
    || restarts(b).containers - restarts(a).containers
    || restarts(b).sidecars - restarts(a).sidecars
    || byAge(created(a), created(b), a, b, now)
  );
}

const nodeOf = (pod: Pod) => pod.spec.nodeName ?? '';
const order = (a: boolean, b: boolean) => Number(a) - Number(b);
const created = (pod: Pod) => (pod.metadata.creationTimestamp ? Date.parse(pod.metadata.creationTimestamp) : undefined);

/** The cost that a user gave; anything but a 32-bit integer counts as 0 (core/helper GetDeletionCostFromPodAnnotations). */
function deletionCost(pod: Pod): number {
  const text = pod.metadata.annotations?.[DELETION_COST];
  if (text === undefined || !/^(0|-?[1-9]\d{0,9})$/.test(text)) return 0;
  const cost = Number(text);
  return cost >= -(2 ** 31) && cost < 2 ** 31 ? cost : 0;
}

/** Younger first; an unknown time counts as youngest. */
function byAge(a: number | undefined, b: number | undefined, podA: Pod, podB: Pod, now: number): number {
  if (a === b) return 0;
  if (a === undefined) return -1;
  if (b === undefined) return 1;
  return logAge(a, now) - logAge(b, now) || compare(podA.metadata.uid ?? '', podB.metadata.uid ?? '');
}

function logAge(time: number, now: number): number {
  const age = (now - time) * 1e6;
  return age > 0 ? Math.trunc(Math.log2(age)) : -1;
}
