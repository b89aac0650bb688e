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

export interface HostPort {
  readonly protocol: string;
  readonly ip: string;
  readonly port: number;
}

export function podInfo(pod: Pod): PodInfo {
  const spec = pod.spec;
  const containers = [...spec.containers, ...(spec.initContainers ?? []).filter((c) => c.restartPolicy === 'Always')];
  return {
    pod,
    uid: pod.metadata.uid ?? '',
    requests: podRequests(pod),
    scoring: scoringRequests(pod),
    priority: spec.priority ?? 0,
    hostPorts: containers.flatMap((c) => c.ports ?? []).filter((p) => (p.hostPort ?? 0) > 0)
      .map((p) => ({ protocol: p.protocol ?? 'TCP', ip: p.hostIP ?? '0.0.0.0', port: p.hostPort ?? 0 })),
    tolerations: spec.tolerations ?? [],
    affinity: spec.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [],
    antiAffinity: spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [],
  };
}

/** Whether a pod wants to be near others, or away from them. */
export function hasPodAffinity({ spec }: Pod): boolean {
  return spec.affinity?.podAffinity !== undefined || spec.affinity?.podAntiAffinity !== undefined;
}
