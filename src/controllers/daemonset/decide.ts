import type { DaemonSet, DaemonSetStatus } from '../../api/types/apps.v1.ts';
import type { Node, Pod } from '../../api/types/core.v1.ts';
import { scaledValue } from '../deployment/fenceposts.ts';
import { byCreation } from '../names.ts';
import { availableAt, isAvailable, isReady, isTerminating } from '../pods.ts';
import { REVISION_LABEL } from '../revisions.ts';
import { shouldRun, targetNode } from './nodes.ts';

/** What a DaemonSet's reconcile saw. `hash` names the newest template. */
export interface Observed {
  readonly set: DaemonSet;
  readonly nodes: readonly Node[];
  readonly pods: readonly Pod[];
  readonly hash: string;
  readonly now: number;
  /** Milliseconds for which a failed pod of a node must stay as it is; undefined when it may be replaced. */
  readonly heldBack: (node: string) => number | undefined;
}

export interface Changes {
  /** Nodes that get a pod. */
  readonly create: readonly string[];
  readonly remove: readonly Pod[];
  readonly events: readonly { readonly severity: 'Normal' | 'Warning'; readonly reason: string; readonly message: string }[];
  /** Nodes whose failed pod is replaced now. */
  readonly failed: readonly string[];
  readonly afterMs?: number;
}

const NOTHING: Changes = { create: [], remove: [], events: [], failed: [] };

/** The set's pods by the node they are on or for; finished ones that are going do not count. */
function podsByNode(pods: readonly Pod[]): Map<string, Pod[]> {
  const byNode = new Map<string, Pod[]>();
  for (const pod of pods) {
    const node = targetNode(pod);
    if (node === undefined || (pod.metadata.deletionTimestamp !== undefined && !isTerminating(pod))) continue;
    const known = byNode.get(node);
    if (known) known.push(pod);
    else byNode.set(node, [pod]);
  }
  return byNode;
}

/** One pod on each node that should have one, none elsewhere, failed ones anew (daemon_controller.go manage). */
export function place(observed: Observed): Changes {
  const byNode = podsByNode(observed.pods);
  const known = new Set(observed.nodes.map((node) => node.metadata.name ?? ''));
  const changes = observed.nodes.map((node) => placeOn(observed, node, byNode.get(node.metadata.name ?? '') ?? []));
  const homeless = [...byNode].flatMap(([node, pods]) => (known.has(node) ? [] : pods.filter((pod) => !pod.spec.nodeName && pod.metadata.deletionTimestamp === undefined)));
  return merge([...changes, { ...NOTHING, remove: homeless }]);
}

function merge(changes: readonly Changes[]): Changes {
  const waits = changes.flatMap(({ afterMs }) => (afterMs === undefined ? [] : [afterMs]));
  return {
    create: changes.flatMap(({ create }) => create), remove: changes.flatMap(({ remove }) => remove),
    events: changes.flatMap(({ events }) => events), failed: changes.flatMap(({ failed }) => failed),
    ...(waits.length > 0 && { afterMs: Math.min(...waits) }),
  };
}

function placeOn(observed: Observed, node: Node, pods: readonly Pod[]): Changes {
  const { set, heldBack } = observed;
  const name = node.metadata.name ?? '';
  const { run, stay } = shouldRun(set, node);
  if (run && pods.length === 0) return { ...NOTHING, create: [name] };
  const staying = pods.filter((pod) => pod.metadata.deletionTimestamp === undefined);
  if (!stay) return { ...NOTHING, remove: staying };
  const failed = staying.filter((pod) => pod.status?.phase === 'Failed');
  const succeeded = staying.filter((pod) => pod.status?.phase === 'Succeeded');
  const wait = failed.length > 0 ? heldBack(name) : undefined;
  const replaced = wait === undefined ? failed : [];
  const running = staying.filter((pod) => !failed.includes(pod) && !succeeded.includes(pod));
  const rest = oneOf(observed, run ? name : undefined, running);
  return {
    create: rest.create,
    remove: [...replaced, ...succeeded, ...rest.remove],
    events: [
      ...replaced.map((pod) => ({ severity: 'Warning' as const, reason: 'FailedDaemonPod', message: `Found failed daemon pod ${pod.metadata.namespace}/${pod.metadata.name} on node ${name}, will try to kill it` })),
      ...succeeded.map((pod) => ({ severity: 'Normal' as const, reason: 'SucceededDaemonPod', message: `Found succeeded daemon pod ${pod.metadata.namespace}/${pod.metadata.name} on node ${name}, will try to delete it` })),
    ],
    failed: replaced.length > 0 ? [name] : [],
    ...(wait !== undefined && { afterMs: wait }),
  };
}

/** Of several pods on a node the oldest stays; while surging, an old and a new one, until the new one is available or the old one is not ready any more. */
function oneOf({ set, hash, now }: Observed, node: string | undefined, running: readonly Pod[]): Pick<Changes, 'create' | 'remove'> {
  const sorted = [...running].sort(byAssignmentAndAge);
  if (scaledValue(surgeOf(set), 1, 'up') === 0) return { create: [], remove: sorted.slice(1) };
  if (sorted.length <= 1) return { create: sorted.length === 0 && node !== undefined ? [node] : [], remove: [] };
  const newest = sorted.find((pod) => revisionOf(pod) === hash);
  const old = sorted.find((pod) => revisionOf(pod) !== hash);
  const excess = sorted.filter((pod) => pod !== newest && pod !== old);
  const oldMayGo = newest && old && (!isReady(old) || isAvailable(newest, set.spec.minReadySeconds ?? 0, now));
  return { create: [], remove: oldMayGo ? [...excess, old] : excess };
}

/** The next replacements of a rolling update, as maxUnavailable or maxSurge allow (daemon update.go rollingUpdate). */
export function roll(observed: Observed): Pick<Changes, 'create' | 'remove'> {
  const { set, nodes } = observed;
  const byNode = podsByNode(observed.pods);
  const wanted = nodes.filter((node) => shouldRun(set, node).run).map((node) => node.metadata.name ?? '');
  for (const node of wanted) if (!byNode.has(node)) byNode.set(node, []);
  const surge = scaledValue(surgeOf(set), wanted.length, 'up');
  const unavailable = scaledValue(set.spec.updateStrategy?.rollingUpdate?.maxUnavailable ?? (surgeOf(set) === undefined ? 1 : 0), wanted.length, 'up');
  if (surge > 0) return rollWithSurge(observed, byNode, wanted, surge);
  return rollInPlace(observed, byNode, wanted.length > 0 && unavailable === 0 ? 1 : unavailable);
}

function rollInPlace({ set, hash, now }: Observed, byNode: ReadonlyMap<string, readonly Pod[]>, maxUnavailable: number): Pick<Changes, 'create' | 'remove'> {
  const up = (pod: Pod) => isAvailable(pod, set.spec.minReadySeconds ?? 0, now);
  let unavailable = 0;
  const atOnce: Pod[] = [];
  const candidates: Pod[] = [];
  for (const pods of byNode.values()) {
    const pair = pairOf(pods, hash);
    if (!pair || Boolean(pair.old) === Boolean(pair.next)) unavailable++;
    else if (pair.next) unavailable += up(pair.next) ? 0 : 1;
    else if (!up(pair.old!)) {
      atOnce.push(pair.old!);
      unavailable++;
    } else candidates.push(pair.old!);
  }
  return { create: [], remove: [...atOnce, ...candidates.slice(0, Math.max(0, maxUnavailable - unavailable))] };
}

function rollWithSurge({ set, hash, now }: Observed, byNode: ReadonlyMap<string, readonly Pod[]>, wanted: readonly string[], maxSurge: number): Pick<Changes, 'create' | 'remove'> {
  const up = (pod: Pod) => isAvailable(pod, set.spec.minReadySeconds ?? 0, now);
  const runs = new Set(wanted);
  let surging = 0;
  let available = 0;
  const remove: Pod[] = [];
  const unwanted: Pod[] = [];
  const replace: string[] = [];
  const candidates: string[] = [];
  for (const [node, pods] of byNode) {
    const pair = pairOf(pods, hash);
    if (!pair) {
      surging++;
      continue;
    }
    const { old, next } = pair;
    if (old ? up(old) : next && up(next)) available++;
    if (!old) continue;
    if (next) {
      if (up(next)) remove.push(old);
      else surging++;
    } else if (!up(old)) {
      if (runs.has(node)) replace.push(node);
      else remove.push(old);
    } else if (runs.has(node)) candidates.push(node);
    else unwanted.push(old);
  }
  const spare = Math.max(0, available - wanted.length);
  return { create: [...replace, ...candidates.slice(0, Math.max(0, maxSurge - surging))], remove: [...remove, ...unwanted.slice(0, spare)] };
}

/** The old and the new pod of a node; undefined when it has more than one of either, which placement puts right first. */
function pairOf(pods: readonly Pod[], hash: string): { readonly old: Pod | undefined; readonly next: Pod | undefined } | undefined {
  const staying = pods.filter((pod) => pod.metadata.deletionTimestamp === undefined);
  const next = staying.filter((pod) => revisionOf(pod) === hash);
  const old = staying.filter((pod) => revisionOf(pod) !== hash);
  return next.length > 1 || old.length > 1 ? undefined : { old: old[0], next: next[0] };
}

/** Counts by node (daemon_controller.go updateDaemonSetStatus). */
export function statusOf({ set, nodes, pods, hash, now }: Omit<Observed, 'heldBack'>): DaemonSetStatus {
  const byNode = podsByNode(pods);
  const count = { desired: 0, current: 0, misscheduled: 0, ready: 0, available: 0, updated: 0 };
  for (const node of nodes) {
    const [pod] = [...(byNode.get(node.metadata.name ?? '') ?? [])].sort(byAssignmentAndAge);
    if (!shouldRun(set, node).run) {
      if (pod) count.misscheduled++;
      continue;
    }
    count.desired++;
    if (!pod) continue;
    count.current++;
    if (isReady(pod)) count.ready++;
    if (isAvailable(pod, set.spec.minReadySeconds ?? 0, now)) count.available++;
    if (revisionOf(pod) === hash) count.updated++;
  }
  return {
    currentNumberScheduled: count.current, numberMisscheduled: count.misscheduled, desiredNumberScheduled: count.desired, numberReady: count.ready,
    observedGeneration: set.metadata.generation ?? 0, updatedNumberScheduled: count.updated, numberAvailable: count.available, numberUnavailable: count.desired - count.available,
  };
}

/** Milliseconds until the next ready pod is available. */
export function nextAvailability({ set, pods, now }: Pick<Observed, 'set' | 'pods' | 'now'>): number | undefined {
  const waits = pods.map((pod) => availableAt(pod, set.spec.minReadySeconds ?? 0) - now).filter((ms) => ms > 0 && ms < Infinity);
  return waits.length === 0 ? undefined : Math.min(...waits);
}

export const revisionOf = (pod: Pod) => pod.metadata.labels?.[REVISION_LABEL] ?? '';
const surgeOf = (set: DaemonSet) => (set.spec.updateStrategy?.type === 'OnDelete' ? undefined : set.spec.updateStrategy?.rollingUpdate?.maxSurge);

/** Pods on a node before those still to be scheduled; then the older. */
function byAssignmentAndAge(a: Pod, b: Pod): number {
  return Number(!a.spec.nodeName) - Number(!b.spec.nodeName) || byCreation(a, b);
}
