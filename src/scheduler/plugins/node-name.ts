import { refuseForGood, type Plugin } from '../framework.ts';

/** spec.nodeName given beforehand (upstream plugins/nodename). */
export const nodeName: Plugin = {
  name: 'NodeName',
  filter: (pod) => {
    const wanted = pod.pod.spec.nodeName;
    return wanted ? (node) => (node.name === wanted ? undefined : refuseForGood("node(s) didn't match the requested node name")) : undefined;
  },
};
