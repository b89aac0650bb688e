import type { Random } from '../base/random.ts';
import type { NodeFilter, Plugin, Refusal, Score } from './framework.ts';
import { withPod, type NodeInfo } from './node-info.ts';
import type { PodInfo } from './pod-info.ts';
import { withNode, type Snapshot } from './snapshot.ts';

export type Decision =
  | { readonly kind: 'node'; readonly node: NodeInfo }
  | { readonly kind: 'refused'; readonly total: number; readonly preFilter: Refusal | undefined; readonly byNode: ReadonlyMap<string, Refusal> };

/** Chooses a node: every plugin must let it through, then the highest weighted score wins, ties by lot (upstream schedule_one.go). */
export function decide(pod: PodInfo, snapshot: Snapshot, plugins: readonly Plugin[], random: Random): Decision {
  const refused = (preFilter: Refusal | undefined, byNode: ReadonlyMap<string, Refusal>): Decision => ({ kind: 'refused', total: snapshot.nodes.length, preFilter, byNode });
  for (const plugin of plugins) {
    const refusal = plugin.preFilter?.(pod, snapshot);
    if (refusal) return refused(refusal, new Map());
  }
  const filter = nodeFilter(pod, snapshot, plugins);
  const nominated = snapshot.node(snapshot.nomination(pod.uid) ?? '');
  if (nominated && !filter(nominated)) return { kind: 'node', node: nominated };
  const byNode = new Map<string, Refusal>();
  const fits = snapshot.nodes.filter((node) => {
    const refusal = filter(node);
    if (refusal) byNode.set(node.name, refusal);
    return !refusal;
  });
  if (fits.length === 0) return refused(undefined, byNode);
  return { kind: 'node', node: fits.length === 1 ? fits[0]! : best(pod, snapshot, plugins, fits, random) };
}

/** All filters as one, over the nodes as the snapshot has them. */
function nodeFilter(pod: PodInfo, snapshot: Snapshot, plugins: readonly Plugin[]): NodeFilter {
  const asItIs = filtersOf(pod, snapshot, plugins);
  return (node) => (snapshot.nominated(node.name).length > 0 ? refusalOf(pod, node, snapshot, plugins) : firstRefusal(asItIs, node));
}

/**
 * Why a node in this state does not take the pod. Pods that are nominated to it and matter as much are reckoned as there, so that nobody takes the room that they preempted for;
 * and as not there, because they may never come (framework/runtime RunFilterPluginsWithNominatedPods).
 */
export function refusalOf(pod: PodInfo, node: NodeInfo, snapshot: Snapshot, plugins: readonly Plugin[]): Refusal | undefined {
  const expected = snapshot.nominated(node.name).filter((other) => other.uid !== pod.uid && other.priority >= pod.priority);
  const states = expected.length > 0 ? [expected.reduce(withPod, node), node] : [node];
  for (const state of states) {
    const refusal = firstRefusal(filtersOf(pod, withNode(snapshot, state), plugins), state);
    if (refusal) return refusal;
  }
  return undefined;
}

/** The filters that have something to say about this pod. */
function filtersOf(pod: PodInfo, snapshot: Snapshot, plugins: readonly Plugin[]): NodeFilter[] {
  return plugins.map((p) => p.filter?.(pod, snapshot)).filter((f): f is NodeFilter => f !== undefined);
}

function firstRefusal(filters: readonly NodeFilter[], node: NodeInfo): Refusal | undefined {
  for (const filter of filters) {
    const refusal = filter(node);
    if (refusal) return refusal;
  }
  return undefined;
}

function best(pod: PodInfo, snapshot: Snapshot, plugins: readonly Plugin[], nodes: readonly NodeInfo[], random: Random): NodeInfo {
  const totals = nodes.map(() => 0);
  for (const { score } of plugins) {
    const of = score?.of(pod, snapshot, nodes);
    if (!score || !of) continue;
    normalized(nodes.map(of), score.normalize).forEach((points, i) => { totals[i]! += points * score.weight; });
  }
  const highest = Math.max(...totals);
  const winners = nodes.filter((_, i) => totals[i] === highest);
  return winners[random.int(winners.length)]!;
}

function normalized(raw: readonly (number | undefined)[], how: Score['normalize']): readonly number[] {
  const known = raw.filter((r) => r !== undefined);
  const highest = Math.max(...known);
  const lowest = Math.min(...known);
  const points = (r: number): number => {
    switch (how) {
      case 'none': return r;
      case 'max': return highest === 0 ? r : Math.trunc((100 * r) / highest);
      case 'reverse': return highest === 0 ? 100 : 100 - Math.trunc((100 * r) / highest);
      case 'minmax': return highest === lowest ? 0 : Math.trunc((100 * (r - lowest)) / (highest - lowest));
      case 'minmax-reverse': return highest === 0 ? 100 : Math.trunc((100 * (highest + lowest - r)) / highest);
    }
  };
  return raw.map((r) => (r === undefined ? 0 : points(r)));
}

/** `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable.` (framework/types.go FitError). */
export function describeRefusal(decision: Extract<Decision, { kind: 'refused' }>, preemption: string): string {
  const { total, preFilter, byNode } = decision;
  if (total === 0) return 'no nodes available to schedule pods';
  const tail = preemption === '' ? '' : ` ${preemption}`;
  if (preFilter) return `0/${total} nodes are available: ${preFilter.reasons.join(', ')}.${tail}`;
  return `0/${total} nodes are available: ${histogram([...byNode.values()].flatMap((r) => r.reasons))}.${tail}`;
}

/** `1 Insufficient cpu, 2 node(s) were unschedulable`: counts and reasons, sorted as strings. */
export function histogram(reasons: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].map(([reason, count]) => `${count} ${reason}`).sort().join(', ');
}
