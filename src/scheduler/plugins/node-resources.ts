import { refuse, refuseForGood, type Plugin, type Refusal } from '../framework.ts';

/** Whether a node has room, and how much is left (upstream plugins/noderesources fit.go, least_allocated.go). */
export const nodeResourcesFit: Plugin = {
  name: 'NodeResourcesFit',
  filter: (pod) => (node) => {
    const reasons: string[] = [];
    let possible = true;
    if (node.pods.size + 1 > (node.allocatable.get('pods') ?? 0)) reasons.push('Too many pods');
    for (const [name, asked] of pod.requests) {
      if (asked === 0) continue;
      const room = node.allocatable.get(name) ?? 0;
      if (asked > room - (node.requested.get(name) ?? 0)) {
        reasons.push(`Insufficient ${name}`);
        if (asked > room) possible = false;
      }
    }
    if (reasons.length === 0) return undefined;
    const refusal: Refusal = possible ? refuse(...reasons) : refuseForGood(...reasons);
    return refusal;
  },
  score: {
    weight: 1,
    normalize: 'none',
    of: (pod) => (node) => {
      let sum = 0;
      for (const name of ['cpu', 'memory']) {
        const room = node.allocatable.get(name) ?? 0;
        const used = (node.scoring.get(name) ?? 0) + (pod.scoring.get(name) ?? 0);
        sum += room === 0 || used > room ? 0 : Math.trunc(((room - used) * 100) / room);
      }
      return Math.trunc(sum / 2);
    },
  },
};

/** Prefers nodes whose CPU and memory fill evenly (balanced_allocation.go). */
export const nodeResourcesBalancedAllocation: Plugin = {
  name: 'NodeResourcesBalancedAllocation',
  score: {
    weight: 1,
    normalize: 'none',
    of: (pod) => {
      // A best-effort pod moves nothing (skipped upstream since 1.31).
      if (pod.requests.size === 0) return undefined;
      return (node) => {
        const [cpu = 0, memory = 0] = ['cpu', 'memory'].map((name) => {
          const room = node.allocatable.get(name) ?? 0;
          return room === 0 ? 0 : Math.min(1, ((node.requested.get(name) ?? 0) + (pod.requests.get(name) ?? 0)) / room);
        });
        return Math.trunc((1 - Math.abs(cpu - memory) / 2) * 100);
      };
    },
  },
};
