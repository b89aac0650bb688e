import { refuseForGood, type Plugin } from '../framework.ts';

/** Pods that somebody holds back (upstream plugins/schedulinggates). */
export const schedulingGates: Plugin = {
  name: 'SchedulingGates',
  preFilter: (pod) => {
    const gates = pod.pod.spec.schedulingGates ?? [];
    return gates.length === 0 ? undefined : refuseForGood(`waiting for scheduling gates: [${gates.map((g) => g.name).join(' ')}]`);
  },
};
