import type { Pod } from '../../api/types/core.v1.ts';
import { rfc3339 } from '../../base/time.ts';

/** When a pod first answered on a port, in ms; false while it has not; undefined when nobody knows (no Service leads to it). Whoever routes to pods knows. */
export type ServingSince = (pod: Pod) => number | false | undefined;

/**
 * A pod without a readiness probe is Ready from the moment its process starts, so upstream counts the CPU of its start as load and an idle app may run to its maximum. Where it is
 * known when such a pod first answered on the port it declares, that is when it became ready, for the autoscaler's rules about young pods.
 */
export function readyWhenServing(pod: Pod, servingSince: ServingSince): Pod {
  const ready = pod.status?.conditions?.find(({ type }) => type === 'Ready');
  if (ready?.status !== 'True' || !startsUnproven(pod)) return pod;
  const since = servingSince(pod);
  if (since === undefined) return pod;
  const changed = since === false
    ? { ...ready, status: 'False', lastTransitionTime: pod.status?.startTime ?? ready.lastTransitionTime }
    : { ...ready, lastTransitionTime: rfc3339(Math.max(Math.ceil(since / 1000) * 1000, Date.parse(ready.lastTransitionTime ?? '') || 0)) };
  return { ...pod, status: { ...pod.status, conditions: pod.status!.conditions!.map((condition) => (condition === ready ? changed : condition)) } };
}

/** It declares a TCP port, and no probe says when it is up. */
function startsUnproven({ spec }: Pod): boolean {
  const ports = spec.containers.flatMap(({ ports = [] }) => ports);
  return ports.some(({ protocol = 'TCP' }) => protocol === 'TCP') && spec.containers.every(({ readinessProbe, startupProbe }) => !readinessProbe && !startupProbe);
}
