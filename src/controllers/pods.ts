import type { Pod } from '../api/types/core.v1.ts';

/** Neither finished nor being deleted (controller_utils.go IsPodActive). */
export function isActive(pod: Pod): boolean {
  return !isFinished(pod) && pod.metadata.deletionTimestamp === undefined;
}

/** In a phase that a pod never leaves. */
export function isFinished(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

/** Being deleted and still running. */
export function isTerminating(pod: Pod): boolean {
  return !isFinished(pod) && pod.metadata.deletionTimestamp !== undefined;
}

export function isReady(pod: Pod): boolean {
  return podCondition(pod, 'Ready')?.status === 'True';
}

/** Ready for at least `minReadySeconds` at `now` (ms). */
export function isAvailable(pod: Pod, minReadySeconds: number, now: number): boolean {
  if (!isReady(pod)) return false;
  return minReadySeconds === 0 || availableAt(pod, minReadySeconds) <= now;
}

/** When a ready pod is available, in ms; Infinity for one that is not ready. */
export function availableAt(pod: Pod, minReadySeconds: number): number {
  const since = readySince(pod);
  return since === undefined ? Infinity : since + minReadySeconds * 1000;
}

/** When a pod that is ready became so, in ms. */
export function readySince(pod: Pod): number | undefined {
  const ready = podCondition(pod, 'Ready');
  return ready?.status === 'True' && ready.lastTransitionTime ? Date.parse(ready.lastTransitionTime) : undefined;
}

export function podCondition(pod: Pod, type: string) {
  return pod.status?.conditions?.find((condition) => condition.type === type);
}

/** The highest restart count of a pod's containers, and of its sidecars. */
export function restarts(pod: Pod): { readonly containers: number; readonly sidecars: number } {
  const sidecars = new Set((pod.spec.initContainers ?? []).filter((c) => c.restartPolicy === 'Always').map((c) => c.name));
  const most = (counts: readonly (number | undefined)[]) => counts.reduce<number>((max, count) => Math.max(max, count ?? 0), 0);
  return {
    containers: most((pod.status?.containerStatuses ?? []).map((s) => s.restartCount)),
    sidecars: most((pod.status?.initContainerStatuses ?? []).filter((s) => sidecars.has(s.name)).map((s) => s.restartCount)),
  };
}
