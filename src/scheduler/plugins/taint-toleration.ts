import { tolerates } from '../../api/taints.ts';
import { refuseForGood, type Plugin } from '../framework.ts';

/** Upstream plugins/tainttoleration: NoSchedule and NoExecute refuse, PreferNoSchedule costs. */
export const taintToleration: Plugin = {
  name: 'TaintToleration',
  filter: (pod) => (node) => {
    const taint = (node.node.spec.taints ?? []).find((t) => t.effect !== 'PreferNoSchedule' && !pod.tolerations.some((toleration) => tolerates(toleration, t)));
    return taint && refuseForGood(`node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`);
  },
  score: {
    weight: 3,
    normalize: 'reverse',
    of: (pod) => {
      const soft = pod.tolerations.filter((t) => !t.effect || t.effect === 'PreferNoSchedule');
      return (node) => (node.node.spec.taints ?? []).filter((t) => t.effect === 'PreferNoSchedule' && !soft.some((toleration) => tolerates(toleration, t))).length;
    },
  },
};
