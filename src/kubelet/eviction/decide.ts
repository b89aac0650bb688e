/** Who is evicted when memory is short: pure (pkg/kubelet/eviction/helpers.go rankMemoryPressure, evictionMessage). */
import type { Pod } from '../../api/types/core.v1.ts';
import { formatQuantity, quantityOf } from '../../base/quantity.ts';
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

/** emptyDir volumes over their sizeLimit, as eviction messages. */
export function emptyDirOverLimit(pod: Pod, usage: ReadonlyMap<string, number>): string | undefined {
  for (const volume of pod.spec.volumes ?? []) {
    const limit = volume.emptyDir?.sizeLimit;
    const used = usage.get(volume.name);
    if (limit !== undefined && used !== undefined && whole(limit) > 0 && used > whole(limit)) return `Usage of EmptyDir volume "${volume.name}" exceeds the limit "${limit}". `;
  }
  return undefined;
}
