import { tolerates } from '../../api/taints.ts';
import type { Node, NodeCondition, Taint, Toleration } from '../../api/types/core.v1.ts';
import { rfc3339 } from '../../base/time.ts';

/** How long a node may be silent (--node-monitor-grace-period). */
export const GRACE_MS = 50_000;
/** How long a new node may take until it first says how it is (--node-startup-grace-period). */
export const STARTUP_GRACE_MS = 60_000;

const UNKNOWN = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'];

/** The conditions of a node that stopped reporting; undefined when they already say so. */
export function silentConditions(node: Node, now: number): NodeCondition[] | undefined {
  const conditions = node.status?.conditions ?? [];
  let changed = false;
  const next = [...conditions];
  for (const type of UNKNOWN) {
    const at = next.findIndex((c) => c.type === type);
    const old = next[at];
    if (old?.status === 'Unknown') continue;
    changed = true;
    const unknown: NodeCondition = {
      type, status: 'Unknown', reason: old ? 'NodeStatusUnknown' : 'NodeStatusNeverUpdated',
      message: old ? 'Kubelet stopped posting node status.' : 'Kubelet never posted node status.',
      lastHeartbeatTime: old?.lastHeartbeatTime ?? node.metadata.creationTimestamp, lastTransitionTime: rfc3339(now),
    };
    if (at >= 0) next[at] = unknown;
    else next.push(unknown);
  }
  return changed ? next : undefined;
}

const MANAGED = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable', 'node.kubernetes.io/memory-pressure', 'node.kubernetes.io/disk-pressure', 'node.kubernetes.io/pid-pressure',
  'node.kubernetes.io/network-unavailable', 'node.kubernetes.io/unschedulable'];

/** The status of its condition Ready, if it has said anything yet. */
export const readiness = (node: Node) => node.status?.conditions?.find((c) => c.type === 'Ready')?.status;

/** Whether a node that is not ready has the taint already that makes its pods go. */
export function isGivenUp(node: Node): boolean {
  return (node.spec.taints ?? []).some(({ key, effect }) => effect === 'NoExecute' && (key === 'node.kubernetes.io/not-ready' || key === 'node.kubernetes.io/unreachable'));
}

/**
 * The taints a node should carry: what its conditions and spec.unschedulable ask for, and all that are not ours (node_lifecycle_controller.go). Undefined = as they are. `giveUp`: if it is not ready, its pods
 * may go.
 */
export function taintsFor(node: Node, now: number, giveUp: boolean): Taint[] | undefined {
  const status = (type: string) => node.status?.conditions?.find((c) => c.type === type)?.status;
  const wanted: Taint[] = [];
  const want = (key: string, effect: Taint['effect']) => wanted.push({ key, effect });
  const ready = readiness(node);
  const unready = ready === 'False' ? 'node.kubernetes.io/not-ready' : ready === 'Unknown' ? 'node.kubernetes.io/unreachable' : undefined;
  if (unready) want(unready, 'NoSchedule');
  if (unready && giveUp) want(unready, 'NoExecute');
  for (const [type, name] of [['MemoryPressure', 'memory-pressure'], ['DiskPressure', 'disk-pressure'], ['PIDPressure', 'pid-pressure'], ['NetworkUnavailable', 'network-unavailable']] as const) {
    if (status(type) === 'True') want(`node.kubernetes.io/${name}`, 'NoSchedule');
  }
  if (node.spec.unschedulable) want('node.kubernetes.io/unschedulable', 'NoSchedule');
  const old = node.spec.taints ?? [];
  const same = (a: Taint, b: Taint) => a.key === b.key && a.effect === b.effect;
  const kept = old.filter((t) => !MANAGED.includes(t.key) || wanted.some((w) => same(w, t)));
  const added = wanted.filter((w) => !old.some((t) => same(w, t))).map((w) => (w.effect === 'NoExecute' || w.key.endsWith('unschedulable') ? { ...w, timeAdded: rfc3339(now) } : w));
  return added.length === 0 && kept.length === old.length ? undefined : [...kept, ...added];
}

/** How long a pod may stay on a node with these NoExecute taints: Infinity = for ever, 0 = goes now (tainteviction). `since`: from when on the pod bears with a taint, in ms. */
export function toleratedMs(taints: readonly Taint[], tolerations: readonly Toleration[], since: (taint: Taint) => number, now: number): number {
  let left = Infinity;
  for (const taint of taints.filter((t) => t.effect === 'NoExecute')) {
    const fitting = tolerations.filter((t) => tolerates(t, taint));
    if (fitting.length === 0) return 0;
    const seconds = fitting.map((t) => t.tolerationSeconds).filter((s): s is number => s !== undefined);
    if (seconds.length > 0) left = Math.min(left, since(taint) + Math.max(0, Math.min(...seconds)) * 1000 - now);
  }
  return Math.max(0, left);
}
