/** Who is evicted when memory is short, or for what it holds on disk: pure (pkg/kubelet/eviction/helpers.go rankMemoryPressure, evictionMessage). */
import type { Container, Pod } from '../../api/types/core.v1.ts';
import { addQuantities, formatQuantity, parseQuantity, quantityOf, quantityValue } from '../../base/quantity.ts';
import { whole } from '../quantity.ts';
import { podTotal } from '../pods/resources.ts';

export interface PodUse {
  readonly pod: Pod;
  /** Working set bytes by container. */
  readonly containers: ReadonlyMap<string, number>;
}

const total = (use: PodUse) => [...use.containers.values()].reduce((sum, n) => sum + n, 0);
const request = (use: PodUse) => podTotal(use.pod, 'requests', 'memory');

/** First: those over their requests; then lower priority; then most over. Static and critical pods (priority >= 2e9) are never evicted. */
export function rankForMemory(uses: readonly PodUse[]): PodUse[] {
  return uses
    .filter((u) => (u.pod.spec.priority ?? 0) < 2_000_000_000)
    .sort((a, b) =>
      Number(total(b) > request(b)) - Number(total(a) > request(a))
      || (a.pod.spec.priority ?? 0) - (b.pod.spec.priority ?? 0)
      || (total(b) - request(b)) - (total(a) - request(a)));
}

const bytes = (n: number) => formatQuantity(quantityOf(Math.max(0, Math.round(n)), 'BinarySI'));

export function evictionMessage(use: PodUse, thresholdBytes: number, availableBytes: number): string {
  let message = `The node was low on resource: memory. Threshold quantity: ${bytes(thresholdBytes)}, available: ${bytes(Math.floor(availableBytes / 1024) * 1024)}. `;
  for (const container of use.pod.spec.containers) {
    const used = use.containers.get(container.name);
    const requested = whole(container.resources?.requests?.['memory'] ?? '0');
    if (used === undefined || used <= requested) continue;
    message += `Container ${container.name} was using ${bytes(Math.floor(used / 1024) * 1024)}, request is ${bytes(requested)}, has larger consumption of memory. `;
  }
  return message;
}

/** What a pod holds on the node's disk, bytes. */
export interface DiskUse {
  /** By volume name; those in memory as well. */
  readonly emptyDirs: ReadonlyMap<string, number>;
  /** Written outside of volumes and logged, by container name; empty when no container has a limit. */
  readonly containers: ReadonlyMap<string, number>;
}

/** Whether anything of the pod's is limited on disk. */
export function hasDiskLimit(pod: Pod): boolean {
  return hasContainerDiskLimit(pod) || (pod.spec.volumes ?? []).some((v) => v.emptyDir?.sizeLimit !== undefined);
}

export function hasContainerDiskLimit(pod: Pod): boolean {
  return pod.spec.containers.some((c) => diskLimit(c) !== undefined);
}

const diskLimit = (container: Container) => container.resources?.limits?.['ephemeral-storage'];

/** Why a pod goes that holds more on disk than it may: a volume, all of it together, or one container (eviction_manager.go localStorageEviction). */
export function diskOverLimit(pod: Pod, use: DiskUse): string | undefined {
  return emptyDirOverLimit(pod, use.emptyDirs) ?? podOverLimit(pod, use) ?? containerOverLimit(pod, use.containers);
}

function emptyDirOverLimit(pod: Pod, usage: ReadonlyMap<string, number>): string | undefined {
  for (const volume of pod.spec.volumes ?? []) {
    const limit = volume.emptyDir?.sizeLimit;
    const used = usage.get(volume.name);
    if (limit !== undefined && used !== undefined && whole(limit) > 0 && used > whole(limit)) return `Usage of EmptyDir volume "${volume.name}" exceeds the limit "${limit}". `;
  }
  return undefined;
}

/** The limits of the containers that have one are the pod's, for all that it holds. */
function podOverLimit(pod: Pod, { emptyDirs, containers }: DiskUse): string | undefined {
  const limits = pod.spec.containers.flatMap((c) => diskLimit(c) ?? []).map(parseQuantity);
  if (limits.length === 0) return undefined;
  const limit = limits.reduce(addQuantities);
  const onDisk = (pod.spec.volumes ?? []).filter((v) => v.emptyDir && v.emptyDir.medium !== 'Memory').map((v) => emptyDirs.get(v.name) ?? 0);
  const used = [...onDisk, ...containers.values()].reduce((sum, n) => sum + n, 0);
  return used > quantityValue(limit) ? `Pod ephemeral local storage usage exceeds the total limit of containers ${formatQuantity(limit)}. ` : undefined;
}

function containerOverLimit(pod: Pod, usage: ReadonlyMap<string, number>): string | undefined {
  for (const container of pod.spec.containers) {
    const limit = diskLimit(container);
    if (limit !== undefined && (usage.get(container.name) ?? 0) > whole(limit)) return `Container ${container.name} exceeded its local ephemeral storage limit "${limit}". `;
  }
  return undefined;
}
