import { refuseForGood, type Plugin } from '../framework.ts';
import { tolerates } from '../../api/taints.ts';

/** Cordoned nodes (upstream plugins/nodeunschedulable). */
export const nodeUnschedulable: Plugin = {
  name: 'NodeUnschedulable',
  filter: (pod) => {
    const tolerated = pod.tolerations.some((t) => tolerates(t, { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }));
    return tolerated ? undefined : (node) => (node.node.spec.unschedulable ? refuseForGood('node(s) were unschedulable') : undefined);
  },
};
