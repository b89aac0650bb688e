import type { StatefulSet, StatefulSetStatus } from '../../api/types/apps.v1.ts';
import type { Pod, PodTemplateSpec } from '../../api/types/core.v1.ts';
import { scaledValue } from '../deployment/fenceposts.ts';
import { availableAt, isAvailable, isReady } from '../pods.ts';
import { inRange, missingIdentity, ordinalOf, podOf, podRevision, startOrdinal, wantedReplicas } from './identity.ts';

export interface Revision {
  readonly name: string;
  readonly template: PodTemplateSpec;
}

/** What a StatefulSet's reconcile saw: its pods, and the revisions it leaves and goes to. */
export interface Observed {
  readonly set: StatefulSet;
  readonly pods: readonly Pod[];
  readonly current: Revision;
  readonly update: Revision;
  readonly now: number;
}

export type Step =
  | { readonly type: 'create'; readonly pod: Pod; readonly ordinal: number }
  | { readonly type: 'delete'; readonly pod: Pod }
  /** Makes sure that the pod's claims are there. */
  | { readonly type: 'claims'; readonly pod: Pod; readonly ordinal: number }
  | { readonly type: 'label'; readonly pod: Pod; readonly labels: Readonly<Record<string, string>> };

export interface Decision {
  readonly steps: readonly Step[];
  readonly status: StatefulSetStatus;
  /** Milliseconds until a pod becomes available that is waited for. */
  readonly afterMs?: number;
}

/**
 * One step of a StatefulSet (stateful_set_control.go updateStatefulSet). OrderedReady does one thing at a time and only when everything below is up; Parallel does all of a kind
 * at once. Updates go from the highest ordinal down, one pod at a time, and stop at the first that does not come up.
 */
export function decide(observed: Observed): Decision {
  const { set, pods, now } = observed;
  const ours = pods.filter((pod) => ordinalOf(set, pod) >= 0);
  const status = statusOf(observed, ours);
  const waits = ours.map((pod) => availableAt(pod, set.spec.minReadySeconds ?? 0) - now).filter((ms) => ms > 0 && ms < Infinity);
  const close = (steps: readonly Step[]): Decision => ({ steps, status: withDeletions(completed(set, status), steps, observed), ...(waits.length > 0 && { afterMs: Math.min(...waits) }) });
  if (set.metadata.deletionTimestamp !== undefined) return close([]);

  const ordered = set.spec.podManagementPolicy !== 'Parallel';
  const slots = slotsOf(observed, ours);
  const condemned = ours.filter((pod) => !inRange(set, ordinalOf(set, pod))).sort((a, b) => ordinalOf(set, b) - ordinalOf(set, a));
  const replicas = fill(observed, slots, ordered);
  if (replicas.blocked) return close(replicas.steps);
  const scaled = shrink(observed, slots, condemned, ordered);
  const steps = [...replicas.steps, ...scaled.steps];
  if (scaled.blocked || set.spec.updateStrategy?.type === 'OnDelete') return close(steps);
  return close([...steps, ...roll(observed, slots)]);
}

interface Progress {
  readonly steps: readonly Step[];
  /** Nothing after this may happen in the same reconcile. */
  readonly blocked: boolean;
}

/** One place a replica, lowest ordinal first. */
interface Slot {
  readonly ordinal: number;
  readonly pod: Pod | undefined;
}

function slotsOf({ set }: Observed, pods: readonly Pod[]): readonly Slot[] {
  const byOrdinal = new Map(pods.map((pod) => [ordinalOf(set, pod), pod]));
  return Array.from({ length: wantedReplicas(set) }, (_, index) => ({ ordinal: startOrdinal(set) + index, pod: byOrdinal.get(startOrdinal(set) + index) }));
}

/** Brings every wanted ordinal up (processReplica for each). */
function fill(observed: Observed, slots: readonly Slot[], ordered: boolean): Progress {
  const { set, now } = observed;
  const steps: Step[] = [];
  for (const { ordinal, pod } of slots) {
    const blocked = { steps, blocked: true };
    if (!pod) {
      const { name, template } = versionFor(observed, ordinal);
      steps.push({ type: 'create', pod: podOf(set, ordinal, template, name), ordinal });
      if (ordered) return blocked;
      continue;
    }
    const phase = pod.status?.phase;
    if (phase === 'Failed' || phase === 'Succeeded') {
      if (pod.metadata.deletionTimestamp === undefined) steps.push({ type: 'delete', pod });
      if (ordered) return blocked;
      continue;
    }
    if (phase === 'Pending') steps.push({ type: 'claims', pod, ordinal });
    if (ordered && (pod.metadata.deletionTimestamp !== undefined || !isUp(pod) || !isAvailable(pod, set.spec.minReadySeconds ?? 0, now))) return blocked;
    const labels = missingIdentity(set, pod);
    if (labels) steps.push({ type: 'label', pod, labels });
  }
  return { steps, blocked: false };
}

/** Takes away what is beyond the wanted ordinals, highest first (processCondemned for each). */
function shrink({ set, now }: Observed, slots: readonly Slot[], condemned: readonly Pod[], ordered: boolean): Progress {
  if (!ordered) return { steps: condemned.filter((pod) => pod.metadata.deletionTimestamp === undefined).map((pod) => ({ type: 'delete', pod })), blocked: false };
  const [highest] = condemned;
  if (!highest) return { steps: [], blocked: false };
  const unhealthySlot = slots.find(({ pod }) => !pod || !isHealthy(pod));
  const firstUnhealthy = unhealthySlot ? unhealthySlot.pod : condemned.findLast((pod) => !isHealthy(pod));
  const up = isUp(highest) && isAvailable(highest, set.spec.minReadySeconds ?? 0, now);
  const mayGo = highest.metadata.deletionTimestamp === undefined && (up || highest === firstUnhealthy);
  return { steps: mayGo ? [{ type: 'delete', pod: highest }] : [], blocked: true };
}

/** Deletes the next pod of another revision, highest ordinal first, down to the partition; each is waited for. With maxUnavailable several may be away at once. */
function roll({ set, update }: Observed, slots: readonly Slot[]): readonly Step[] {
  const { partition = 0, maxUnavailable } = set.spec.updateStrategy?.rollingUpdate ?? {};
  const outdated = (pod: Pod) => podRevision(pod) !== update.name && pod.metadata.deletionTimestamp === undefined;
  // Upstream compares the index of the slot, not its ordinal.
  const targets = slots.slice(partition).reverse();
  if (maxUnavailable !== undefined) {
    const allowed = Math.max(1, scaledValue(maxUnavailable, wantedReplicas(set), 'down'));
    const away = slots.filter(({ pod }) => !pod || !isHealthy(pod)).length;
    return targets.flatMap(({ pod }) => (pod && outdated(pod) ? [pod] : [])).slice(0, Math.max(0, allowed - away)).map((pod) => ({ type: 'delete', pod }));
  }
  for (const { pod } of targets) {
    if (pod && outdated(pod)) return [{ type: 'delete', pod }];
    if (!pod || !isHealthy(pod)) return [];
  }
  return [];
}

/** Which revision a pod is made of: below the partition, or among the replicas not yet updated, the current one; else the new one. */
function versionFor({ set, current, update }: Observed, ordinal: number): Revision {
  const { type = 'RollingUpdate', rollingUpdate } = set.spec.updateStrategy ?? {};
  const kept = rollingUpdate ? rollingUpdate.partition ?? 0 : type === 'RollingUpdate' ? set.status?.currentReplicas ?? 0 : 0;
  return ordinal < startOrdinal(set) + kept ? current : update;
}

const isUp = (pod: Pod) => pod.status?.phase === 'Running' && isReady(pod);
const isHealthy = (pod: Pod) => isUp(pod) && pod.metadata.deletionTimestamp === undefined;

function statusOf({ set, current, update, now }: Observed, pods: readonly Pod[]): StatefulSetStatus {
  const count = (counts: (pod: Pod) => boolean) => pods.filter(counts).length;
  const staying = (pod: Pod) => pod.metadata.deletionTimestamp === undefined;
  return {
    observedGeneration: set.metadata.generation ?? 0,
    replicas: pods.length,
    readyReplicas: count(isUp),
    availableReplicas: count((pod) => isUp(pod) && isAvailable(pod, set.spec.minReadySeconds ?? 0, now)),
    currentReplicas: count((pod) => staying(pod) && podRevision(pod) === current.name),
    updatedReplicas: count((pod) => staying(pod) && podRevision(pod) === update.name),
    currentRevision: current.name,
    updateRevision: update.name,
  };
}

/** A pod that this very reconcile takes away for an update is no longer counted (updateStatefulSet). */
function withDeletions(status: StatefulSetStatus, steps: readonly Step[], { set, update }: Observed): StatefulSetStatus {
  const updated = steps.filter((step) => step.type === 'delete' && inRange(set, ordinalOf(set, step.pod)) && isHealthy(step.pod) && podRevision(step.pod) !== update.name).length;
  return { ...status, currentReplicas: Math.max(0, (status.currentReplicas ?? 0) - updated) };
}

/** When every replica is of the new revision and ready, that is the current one from now on (completeRollingUpdate). */
function completed(set: StatefulSet, status: StatefulSetStatus): StatefulSetStatus {
  const wanted = wantedReplicas(set);
  const rolling = (set.spec.updateStrategy?.type ?? 'RollingUpdate') === 'RollingUpdate';
  if (!rolling || status.updatedReplicas !== wanted || status.readyReplicas !== wanted || status.replicas !== wanted) return status;
  return { ...status, currentReplicas: status.updatedReplicas, currentRevision: status.updateRevision };
}
