import { NO_FREE_PORTS, portsClash } from '../../api/host-ports.ts';
import { refuse, type Plugin } from '../framework.ts';

/** Host ports that are taken (upstream plugins/nodeports). */
export const nodePorts: Plugin = {
  name: 'NodePorts',
  filter: (pod) => {
    if (pod.hostPorts.length === 0) return undefined;
    return (node) => {
      for (const other of node.pods.values()) if (portsClash(pod.hostPorts, other.hostPorts)) return refuse(NO_FREE_PORTS);
      return undefined;
    };
  },
};
