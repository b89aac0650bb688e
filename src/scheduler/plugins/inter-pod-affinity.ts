import { labelSelectorFromObject } from '../../api/selectors.ts';
import type { PodAffinityTerm } from '../../api/types/core.v1.ts';
import { refuse, refuseForGood, type Plugin } from '../framework.ts';
import type { PodInfo } from '../pod-info.ts';
import type { Snapshot } from '../snapshot.ts';

type Matches = (other: PodInfo) => boolean;

/** Upstream plugins/interpodaffinity. */
export const interPodAffinity: Plugin = {
  name: 'InterPodAffinity',
  filter: (pod, snapshot) => {
    // Only a pod that every term means is company (filtering.go podMatchesAllAffinityTerms); one that any anti-affinity term means is a nuisance.
    const matchers = pod.affinity.map((term) => termMatcher(term, pod, snapshot));
    const company: Matches = (other) => matchers.every((matches) => matches(other));
    const wanted = pod.affinity.map((term) => ({ key: term.topologyKey, domains: domains(term.topologyKey, company, snapshot) }));
    const shunned = pod.antiAffinity.map((term) => ({ key: term.topologyKey, domains: domains(term.topologyKey, termMatcher(term, pod, snapshot), snapshot) }));
    const shunnedBy = snapshot.podsWithAffinity().flatMap(({ pod: other, node }) => other.antiAffinity.filter((term) => termMatcher(term, other, snapshot)(pod))
      .map((term) => ({ key: term.topologyKey, domain: node.node.metadata.labels?.[term.topologyKey] })));
    if (wanted.length + shunned.length + shunnedBy.length === 0) return undefined;
    // The first pod of a group that wants to be with its own kind has nobody to be with yet (filtering.go satisfyPodAffinity).
    const first = wanted.length > 0 && wanted.every((w) => w.domains.size === 0) && company(pod);
    return ({ node }) => {
      const labels = node.metadata.labels ?? {};
      if (shunnedBy.some((s) => s.domain !== undefined && labels[s.key] === s.domain)) return refuse("node(s) didn't satisfy existing pods anti-affinity rules");
      if (wanted.some((w) => labels[w.key] === undefined)) return refuseForGood("node(s) didn't match pod affinity rules");
      if (!first && wanted.some((w) => !w.domains.has(labels[w.key] ?? ''))) return refuseForGood("node(s) didn't match pod affinity rules");
      if (shunned.some((s) => labels[s.key] !== undefined && s.domains.has(labels[s.key] ?? ''))) return refuse("node(s) didn't match pod anti-affinity rules");
      return undefined;
    };
  },
  score: {
    weight: 2,
    normalize: 'minmax',
    of: (pod, snapshot) => {
      const affinity = pod.pod.spec.affinity;
      const own = [
        ...(affinity?.podAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((t) => ({ term: t.podAffinityTerm, weight: t.weight })),
        ...(affinity?.podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((t) => ({ term: t.podAffinityTerm, weight: -t.weight })),
      ];
      const points = new Map<string, number>();
      const give = (key: string, domain: string | undefined, weight: number) => {
        if (domain !== undefined) points.set(`${key}\0${domain}`, (points.get(`${key}\0${domain}`) ?? 0) + weight);
      };
      for (const { term, weight } of own) {
        const matches = termMatcher(term, pod, snapshot);
        for (const node of snapshot.nodes) for (const other of node.pods.values()) if (matches(other)) give(term.topologyKey, node.node.metadata.labels?.[term.topologyKey], weight);
      }
      for (const { pod: other, node } of snapshot.podsWithAffinity()) {
        const theirs = other.pod.spec.affinity;
        const terms = [
          ...other.affinity.map((term) => ({ term, weight: 1 })),
          ...(theirs?.podAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((t) => ({ term: t.podAffinityTerm, weight: t.weight })),
          ...(theirs?.podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((t) => ({ term: t.podAffinityTerm, weight: -t.weight })),
        ];
        for (const { term, weight } of terms) if (termMatcher(term, other, snapshot)(pod)) give(term.topologyKey, node.node.metadata.labels?.[term.topologyKey], weight);
      }
      if (points.size === 0) return undefined;
      return ({ node }) => {
        let sum = 0;
        for (const [key, value] of Object.entries(node.metadata.labels ?? {})) sum += points.get(`${key}\0${value}`) ?? 0;
        return sum;
      };
    },
  },
};

/** The topology domains in which there is such a pod. */
function domains(key: string, matches: Matches, snapshot: Snapshot): Set<string> {
  const found = new Set<string>();
  for (const node of snapshot.nodes) {
    const domain = node.node.metadata.labels?.[key];
    if (domain === undefined || found.has(domain)) continue;
    for (const other of node.pods.values()) {
      if (matches(other)) {
        found.add(domain);
        break;
      }
    }
  }
  return found;
}

function termMatcher(term: PodAffinityTerm, of: PodInfo, snapshot: Snapshot): Matches {
  const labels = labelSelectorFromObject(term.labelSelector);
  const own = of.pod.metadata.labels ?? {};
  const same = (term.matchLabelKeys ?? []).filter((key) => own[key] !== undefined);
  const other = (term.mismatchLabelKeys ?? []).filter((key) => own[key] !== undefined);
  const named = new Set(term.namespaces?.length || term.namespaceSelector ? term.namespaces : [of.pod.metadata.namespace ?? '']);
  const selected = term.namespaceSelector ? labelSelectorFromObject(term.namespaceSelector) : undefined;
  return ({ pod }) => {
    const namespace = pod.metadata.namespace ?? '';
    if (!named.has(namespace) && !selected?.(snapshot.namespaceLabels(namespace))) return false;
    const theirs = pod.metadata.labels ?? {};
    return labels(theirs) && same.every((key) => theirs[key] === own[key]) && other.every((key) => theirs[key] !== own[key]);
  };
}
