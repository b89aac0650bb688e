import { labelSelectorFromObject, type LabelMatcher } from '../../api/selectors.ts';
import type { TopologySpreadConstraint } from '../../api/types/core.v1.ts';
import { refuse, refuseForGood, type Plugin } from '../framework.ts';
import type { NodeInfo } from '../node-info.ts';
import type { PodInfo } from '../pod-info.ts';
import type { Snapshot } from '../snapshot.ts';
import { nodeAffinity } from './node-affinity.ts';
import { tolerates } from '../../api/taints.ts';

interface Constraint {
  readonly key: string;
  readonly maxSkew: number;
  readonly minDomains: number;
  readonly matches: LabelMatcher;
  /** A selector without requirements, which matches every pod, counts none (countPodsMatchSelector). */
  readonly countsNone: boolean;
  readonly honorsAffinity: boolean;
  readonly honorsTaints: boolean;
}

/** What every pod without constraints of its own is spread by (scheduler apis/config defaults: system defaulting). */
const SYSTEM_DEFAULTS = [{ topologyKey: 'kubernetes.io/hostname', maxSkew: 3 }, { topologyKey: 'topology.kubernetes.io/zone', maxSkew: 5 }];

/** Upstream plugins/podtopologyspread. */
export const podTopologySpread: Plugin = {
  name: 'PodTopologySpread',
  filter: (pod, snapshot) => {
    const hard = constraints(pod, 'DoNotSchedule');
    if (hard.length === 0) return undefined;
    const counted = hard.map((constraint) => ({ constraint, counts: count(constraint, pod, eligible(constraint, pod, snapshot, hard)) }));
    return (node) => {
      for (const { constraint, counts } of counted) {
        const domain = node.node.metadata.labels?.[constraint.key];
        if (domain === undefined) return refuseForGood("node(s) didn't match pod topology spread constraints (missing required label)");
        const least = counts.size < constraint.minDomains ? 0 : Math.min(...counts.values());
        const self = constraint.matches(pod.pod.metadata.labels ?? {}) ? 1 : 0;
        if ((counts.get(domain) ?? 0) + self - (Number.isFinite(least) ? least : 0) > constraint.maxSkew) return refuse("node(s) didn't match pod topology spread constraints");
      }
      return undefined;
    };
  },
  score: {
    weight: 2,
    normalize: 'minmax-reverse',
    of: (pod, snapshot, nodes) => {
      const soft = softConstraints(pod, snapshot);
      if (soft.length === 0) return undefined;
      // Who is spread by its own constraints is not drawn to nodes outside of them (scoring.go requireAllTopologies).
      const strict = (pod.pod.spec.topologySpreadConstraints ?? []).length > 0;
      const takesPart = (node: NodeInfo) => !strict || carries(node, soft);
      const rated = nodes.filter(takesPart);
      const counted = soft.map((constraint) => {
        const domains = new Set(rated.map((node) => node.node.metadata.labels?.[constraint.key]));
        const within = included(constraint, pod, snapshot);
        const perNode = constraint.key === 'kubernetes.io/hostname';
        // A zone's pods are also those on nodes that cannot take this one.
        const counts = count(constraint, pod, perNode ? rated : snapshot.nodes.filter((node) => takesPart(node) && domains.has(node.node.metadata.labels?.[constraint.key]) && within(node)));
        // Few domains weigh less: a skew between two zones matters more than one between a hundred nodes (scoring.go topologyNormalizingWeight).
        return { constraint, counts, weight: Math.log((perNode ? rated.length : domains.size) + 2) };
      });
      return (node) => (takesPart(node) ? Math.round(counted.reduce((sum, { constraint, counts, weight }) => {
        const domain = node.node.metadata.labels?.[constraint.key];
        return domain === undefined ? sum : sum + (counts.get(domain) ?? 0) * weight + (constraint.maxSkew - 1);
      }, 0)) : undefined);
    },
  },
};

function constraints(pod: PodInfo, when: TopologySpreadConstraint['whenUnsatisfiable']): Constraint[] {
  return (pod.pod.spec.topologySpreadConstraints ?? []).filter((c) => c.whenUnsatisfiable === when).map((c) => {
    const own = pod.pod.metadata.labels ?? {};
    const keys = (c.matchLabelKeys ?? []).filter((key) => own[key] !== undefined);
    const base = labelSelectorFromObject(c.labelSelector);
    const empty = c.labelSelector !== undefined && Object.keys(c.labelSelector.matchLabels ?? {}).length + (c.labelSelector.matchExpressions ?? []).length + keys.length === 0;
    return {
      key: c.topologyKey, maxSkew: c.maxSkew, minDomains: c.minDomains ?? 1,
      matches: (labels = {}) => base(labels) && keys.every((key) => labels[key] === own[key]),
      countsNone: empty, honorsAffinity: c.nodeAffinityPolicy !== 'Ignore', honorsTaints: c.nodeTaintsPolicy === 'Honor',
    };
  });
}

function softConstraints(pod: PodInfo, snapshot: Snapshot): Constraint[] {
  if ((pod.pod.spec.topologySpreadConstraints ?? []).length > 0) return constraints(pod, 'ScheduleAnyway');
  const matches = snapshot.ownerSelector(pod);
  if (!matches) return [];
  return SYSTEM_DEFAULTS.map((d) => ({ key: d.topologyKey, maxSkew: d.maxSkew, minDomains: 1, matches, countsNone: false, honorsAffinity: true, honorsTaints: false }));
}

/** Nodes that take part: they carry every key, and match the pod's node affinity and taints where the policy says so. */
function eligible(constraint: Constraint, pod: PodInfo, snapshot: Snapshot, all: readonly Constraint[]): NodeInfo[] {
  const within = included(constraint, pod, snapshot);
  return snapshot.nodes.filter((node) => carries(node, all) && within(node));
}

const carries = (node: NodeInfo, all: readonly Constraint[]) => all.every((c) => node.node.metadata.labels?.[c.key] !== undefined);

/** What nodeAffinityPolicy and nodeTaintsPolicy say of a node. */
function included(constraint: Constraint, pod: PodInfo, snapshot: Snapshot): (node: NodeInfo) => boolean {
  const affinity = constraint.honorsAffinity ? nodeAffinity.filter?.(pod, snapshot) : undefined;
  return (node) => !affinity?.(node)
    && (!constraint.honorsTaints || (node.node.spec.taints ?? []).every((t) => t.effect === 'PreferNoSchedule' || pod.tolerations.some((toleration) => tolerates(toleration, t))));
}

function count(constraint: Constraint, pod: PodInfo, nodes: readonly NodeInfo[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const node of nodes) {
    const domain = node.node.metadata.labels?.[constraint.key];
    if (domain === undefined) continue;
    let found = 0;
    if (!constraint.countsNone) for (const other of node.pods.values()) {
      const { metadata } = other.pod;
      if (metadata.namespace === pod.pod.metadata.namespace && !metadata.deletionTimestamp && constraint.matches(metadata.labels ?? {})) found++;
    }
    counts.set(domain, (counts.get(domain) ?? 0) + found);
  }
  return counts;
}
