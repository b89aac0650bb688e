import type { Pod } from '../api/types/core.v1.ts';
import type { PodDisruptionBudget } from '../api/types/policy.v1.ts';
import { histogram, refusalOf, type Decision } from './decide.ts';
import { isTerminal, refuseForGood, type Plugin, type Refusal } from './framework.ts';
import { withoutPod, withPod, type NodeInfo } from './node-info.ts';
import type { PodInfo } from './pod-info.ts';
import { labelSelectorFromObject } from '../api/selectors.ts';
import type { Snapshot } from './snapshot.ts';

export type Preemption =
  | { readonly kind: 'node'; readonly node: string; readonly victims: readonly PodInfo[] }
  /** Not now: what it is nominated to stays as it is. */
  | { readonly kind: 'ineligible'; readonly message: string }
  /** It would not help anywhere, so it is nominated to nothing any more. */
  | { readonly kind: 'none'; readonly message: string };

interface Candidate {
  readonly node: NodeInfo;
  readonly victims: readonly PodInfo[];
  readonly violations: number;
}

/**
 * Which lower-priority pods would have to go for this pod to fit, and from where (upstream framework/preemption and plugins/defaultpreemption).
 * `refused` is what the filters said; nodes that refused for good are not asked again.
 */
export function findPreemption(pod: PodInfo, snapshot: Snapshot, plugins: readonly Plugin[], refused: Extract<Decision, { kind: 'refused' }>, budgets: readonly PodDisruptionBudget[]): Preemption {
  const none = (reasons: readonly string[]): Preemption => ({ kind: 'none', message: `preemption: 0/${refused.total} nodes are available: ${histogram(reasons)}.` });
  const unhelpful = 'Preemption is not helpful for scheduling';
  const refusalAt = (node: string) => refused.preFilter ?? refused.byNode.get(node);
  if (refused.total === 0) return { kind: 'none', message: '' };
  if (pod.pod.spec.preemptionPolicy === 'Never') return { kind: 'ineligible', message: 'preemption: not eligible due to preemptionPolicy=Never.' };
  const nominated = snapshot.node(pod.pod.status?.nominatedNodeName ?? '');
  if (nominated && refusalAt(nominated.name)?.preemptible !== false && [...nominated.pods.values()].some((p) => p.priority < pod.priority && isBeingPreempted(p.pod))) {
    return { kind: 'ineligible', message: 'preemption: not eligible due to a terminating pod on the nominated node.' };
  }

  const candidates: Candidate[] = [];
  const reasons: string[] = [];
  for (const node of snapshot.nodes) {
    if (refusalAt(node.name)?.preemptible === false) {
      reasons.push(unhelpful);
      continue;
    }
    const found = victimsOn(node, pod, snapshot, plugins, budgets);
    if ('victims' in found) candidates.push(found);
    else reasons.push(...found.reasons);
  }
  const best = candidates.sort(byHarm)[0];
  return best ? { kind: 'node', node: best.node.name, victims: best.victims } : none(reasons);
}

/** The fewest pods to remove from this node: all lower ones go, then as many as possible come back, the most important first. Or why that does not help. */
function victimsOn(node: NodeInfo, pod: PodInfo, snapshot: Snapshot, plugins: readonly Plugin[], budgets: readonly PodDisruptionBudget[]): Candidate | Refusal {
  const lower = [...node.pods.values()].filter((p) => p.priority < pod.priority && !isTerminal(p.pod));
  if (lower.length === 0) return refuseForGood('No preemption victims found for incoming pod');
  let remaining = lower.reduce((info, victim) => withoutPod(info, victim.uid), node);
  const refusal = refusalOf(pod, remaining, snapshot, plugins);
  if (refusal) return refusal;

  const { violating, others } = splitByBudget(lower.sort(byImportance), budgets);
  const victims: PodInfo[] = [];
  let violations = 0;
  const reprieve = (candidate: PodInfo): boolean => {
    const back = withPod(remaining, candidate);
    if (refusalOf(pod, back, snapshot, plugins)) {
      victims.push(candidate);
      return false;
    }
    remaining = back;
    return true;
  };
  for (const candidate of violating) if (!reprieve(candidate)) violations++;
  for (const candidate of others) reprieve(candidate);
  return { node, victims: victims.sort(byImportance), violations };
}

/** On its way out, because a pod was to be preempted for (default_preemption.go podTerminatingByPreemption). */
function isBeingPreempted(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp !== undefined
    && (pod.status?.conditions ?? []).some((c) => c.type === 'DisruptionTarget' && c.status === 'True' && c.reason === 'PreemptionByScheduler');
}

/** Whether a budget is for pods at all: an empty selector keeps none here (preemption.go filterPodsWithPDBViolation). */
const hasSelector = ({ spec: { selector } }: PodDisruptionBudget) => Object.keys(selector?.matchLabels ?? {}).length > 0 || (selector?.matchExpressions ?? []).length > 0;

/** Pods that a budget wants kept, and the others. What is evicted already (disruptedPods) is no further harm. */
function splitByBudget(pods: readonly PodInfo[], budgets: readonly PodDisruptionBudget[]): { violating: PodInfo[]; others: PodInfo[] } {
  const left = new Map(budgets.map((b) => [b, b.status?.disruptionsAllowed ?? 0]));
  const violating: PodInfo[] = [];
  const others: PodInfo[] = [];
  for (const pod of pods) {
    const covering = budgets.filter((b) => b.metadata.namespace === pod.pod.metadata.namespace && b.status?.disruptedPods?.[pod.pod.metadata.name ?? ''] === undefined
      && hasSelector(b) && labelSelectorFromObject(b.spec.selector)(pod.pod.metadata.labels ?? {}));
    for (const budget of covering) left.set(budget, (left.get(budget) ?? 0) - 1);
    (covering.some((b) => (left.get(b) ?? 0) < 0) ? violating : others).push(pod);
  }
  return { violating, others };
}

const startOf = (pod: PodInfo) => Date.parse(pod.pod.status?.startTime ?? pod.pod.metadata.creationTimestamp ?? '') || 0;

/** The most important first: higher priority, then longer running. */
function byImportance(a: PodInfo, b: PodInfo): number {
  return b.priority - a.priority || startOf(a) - startOf(b);
}

/** The node that is harmed least first (preemption.go pickOneNodeForPreemption). */
function byHarm(a: Candidate, b: Candidate): number {
  const sum = (c: Candidate) => c.victims.reduce((total, v) => total + v.priority + 2 ** 31, 0);
  const highest = (c: Candidate) => c.victims[0]?.priority ?? 0;
  const latestStartOfHighest = (c: Candidate) => Math.min(...c.victims.filter((v) => v.priority === highest(c)).map(startOf));
  return a.violations - b.violations || highest(a) - highest(b) || sum(a) - sum(b) || a.victims.length - b.victims.length || latestStartOfHighest(b) - latestStartOfHighest(a);
}
