/** Requests and limits as the kernel's numbers (pkg/kubelet/cm/helpers_linux.go, qos/policy.go). */
import type { Container, Pod, ResourceRequirements } from '../../api/types/core.v1.ts';
import { milli, whole } from '../quantity.ts';
import type { Resources } from '../runtime/runtime.ts';
import { qosClass } from './qos.ts';
import { isSidecar } from './view.ts';

const MIN_SHARES = 2;
const MAX_SHARES = 262_144;
const MIN_QUOTA = 1000;

export function cpuShares(millicores: number): number {
  return millicores === 0 ? MIN_SHARES : Math.min(MAX_SHARES, Math.max(MIN_SHARES, Math.floor((millicores * 1024) / 1000)));
}

/** Microseconds per 100 ms; undefined = no limit. */
export function cpuQuota(millicores: number): number | undefined {
  return millicores === 0 ? undefined : Math.max(MIN_QUOTA, millicores * 100);
}

const amount = ({ resources }: Pick<Container, 'resources'>, list: 'requests' | 'limits', name: 'cpu' | 'memory') => {
  const value = resources?.[list]?.[name] ?? (list === 'requests' ? resources?.limits?.[name] : undefined);
  return value === undefined ? 0 : name === 'cpu' ? milli(value) : whole(value);
};

export function containerResources(resources: ResourceRequirements | undefined): Resources {
  const container = { resources };
  const memory = amount(container, 'limits', 'memory');
  return {
    cpuShares: cpuShares(amount(container, 'requests', 'cpu')),
    cpuQuota: cpuQuota(amount(container, 'limits', 'cpu')),
    memoryBytes: memory === 0 ? undefined : memory,
    pids: undefined,
  };
}

/** The pod's own cgroup: sums; a limit only where every container has one. */
export function podResources(pod: Pod): Resources {
  const limited = (name: 'cpu' | 'memory') => [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].every((c) => amount(c, 'limits', name) > 0);
  const memory = podTotal(pod, 'limits', 'memory');
  return {
    cpuShares: cpuShares(podTotal(pod, 'requests', 'cpu')),
    cpuQuota: limited('cpu') ? cpuQuota(podTotal(pod, 'limits', 'cpu')) : undefined,
    memoryBytes: limited('memory') && memory > 0 ? memory : undefined,
    pids: undefined,
  };
}

/** Sum of main containers and sidecars, or the greatest init container with the sidecars before it (component-helpers/resource). Milli for cpu, bytes for memory. */
export function podTotal(pod: Pod, list: 'requests' | 'limits', name: 'cpu' | 'memory'): number {
  let sidecars = 0;
  let peak = 0;
  for (const container of pod.spec.initContainers ?? []) {
    const value = amount(container, list, name);
    if (isSidecar(container)) sidecars += value;
    peak = Math.max(peak, isSidecar(container) ? sidecars : sidecars + value);
  }
  const main = pod.spec.containers.reduce((sum, c) => sum + amount(c, list, name), sidecars);
  return Math.max(main, peak);
}

export function cgroupParent(pod: Pod): string {
  const qos = qosClass(pod);
  const uid = pod.metadata.uid ?? '';
  return qos === 'Guaranteed' ? `kubepods/pod${uid}` : `kubepods/${qos.toLowerCase()}/pod${uid}`;
}

/** Who dies first when memory is short (qos/policy.go GetContainerOOMScoreAdjust). */
export function oomScoreAdj(pod: Pod, container: Container, memoryCapacity: number): number {
  if ((pod.spec.priority ?? 0) >= 2_000_000_000) return -997;
  const qos = qosClass(pod);
  if (qos === 'Guaranteed') return -997;
  if (qos === 'BestEffort') return 1000;
  const score = 1000 - Math.floor((1000 * amount(container, 'requests', 'memory')) / memoryCapacity);
  if (score < 3) return 3;
  return score === 1000 ? 999 : score;
}
