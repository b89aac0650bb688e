import { hostPortsOf, type HostPort } from '../api/host-ports.ts';
import type { Pod, PodAffinityTerm, Toleration } from '../api/types/core.v1.ts';
import { podRequests, scoringRequests, type Amounts } from './amounts.ts';

/** A pod and what the plugins would otherwise compute again for every node. */
export interface PodInfo {
  readonly pod: Pod;
  readonly uid: string;
  readonly requests: Amounts;
  readonly scoring: Amounts;
  readonly priority: number;
  readonly hostPorts: readonly HostPort[];
  readonly tolerations: readonly Toleration[];
  readonly affinity: readonly PodAffinityTerm[];
  readonly antiAffinity: readonly PodAffinityTerm[];
}

export function podInfo(pod: Pod): PodInfo {
  const spec = pod.spec;
  return {
    pod,
    uid: pod.metadata.uid ?? '',
    requests: podRequests(pod),
    scoring: scoringRequests(pod),
    priority: spec.priority ?? 0,
    hostPorts: hostPortsOf(spec),
    tolerations: spec.tolerations ?? [],
    affinity: spec.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [],
    antiAffinity: spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [],
  };
}

/** Whether a pod wants to be near others, or away from them. */
export function hasPodAffinity({ spec }: Pod): boolean {
  return spec.affinity?.podAffinity !== undefined || spec.affinity?.podAntiAffinity !== undefined;
}
