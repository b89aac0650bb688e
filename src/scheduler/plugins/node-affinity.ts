import type { Node, NodeSelectorRequirement, NodeSelectorTerm } from '../../api/types/core.v1.ts';
import { refuseForGood, type Plugin } from '../framework.ts';

/** nodeSelector and node affinity (upstream plugins/nodeaffinity). */
export const nodeAffinity: Plugin = {
  name: 'NodeAffinity',
  filter: (pod) => {
    const selector = Object.entries(pod.pod.spec.nodeSelector ?? {});
    const required = pod.pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
    if (selector.length === 0 && !required) return undefined;
    return ({ node }) => {
      const labels = node.metadata.labels ?? {};
      const fits = selector.every(([key, value]) => labels[key] === value) && (!required || required.some((term) => matchesTerm(term, node)));
      return fits ? undefined : refuseForGood("node(s) didn't match Pod's node affinity/selector");
    };
  },
  score: {
    weight: 2,
    normalize: 'max',
    of: (pod) => {
      const preferred = pod.pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
      if (preferred.length === 0) return undefined;
      return ({ node }) => preferred.reduce((sum, term) => (matchesTerm(term.preference, node) ? sum + term.weight : sum), 0);
    },
  },
};

/** A term matches when all its expressions and fields do; an empty term matches nothing. */
export function matchesTerm(term: NodeSelectorTerm, node: Node): boolean {
  const expressions = term.matchExpressions ?? [];
  const fields = term.matchFields ?? [];
  if (expressions.length + fields.length === 0) return false;
  const labels = node.metadata.labels ?? {};
  return expressions.every((e) => matchesRequirement(e, labels[e.key]))
    && fields.every((f) => matchesRequirement(f, f.key === 'metadata.name' ? node.metadata.name : undefined));
}

function matchesRequirement(requirement: NodeSelectorRequirement, value: string | undefined): boolean {
  const values = requirement.values ?? [];
  switch (requirement.operator) {
    case 'In': return value !== undefined && values.includes(value);
    case 'NotIn': return value === undefined || !values.includes(value);
    case 'Exists': return value !== undefined;
    case 'DoesNotExist': return value === undefined;
    case 'Gt': return isInteger(value) && Number(value) > Number(values[0]);
    case 'Lt': return isInteger(value) && Number(value) < Number(values[0]);
  }
}

const isInteger = (value: string | undefined): value is string => value !== undefined && /^-?\d+$/.test(value);
