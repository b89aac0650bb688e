import { refuse, type Plugin } from '../framework.ts';
import type { HostPort } from '../pod-info.ts';

/** Host ports that are taken (upstream plugins/nodeports). */
export const nodePorts: Plugin = {
  name: 'NodePorts',
  filter: (pod) => {
    if (pod.hostPorts.length === 0) return undefined;
    return (node) => {
      for (const other of node.pods.values()) {
        if (other.hostPorts.some((taken) => pod.hostPorts.some((wanted) => clash(taken, wanted)))) return refuse("node(s) didn't have free ports for the requested pod ports");
      }
      return undefined;
    };
  },
};

function clash(a: HostPort, b: HostPort): boolean {
  return a.port === b.port && a.protocol === b.protocol && (a.ip === b.ip || a.ip === '0.0.0.0' || b.ip === '0.0.0.0');
}
