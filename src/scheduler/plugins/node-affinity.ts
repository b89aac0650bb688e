import { matchesTerm } from '../../api/node-terms.ts';
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
