import type { Container, Pod, PodSpec } from './types/core.v1.ts';

/** How amounts of some kind are put together. */
export interface Algebra<T> {
  readonly zero: T;
  add(a: T, b: T): T;
  max(a: T, b: T): T;
}

/**
 * What a pod needs at its largest moment: containers and sidecars together, or one init container beside the sidecars that started before it
 * (component-helpers resource/helpers.go AggregateContainerRequests). Pod-level resources and overhead are the caller's to add.
 */
export function aggregate<T>(spec: PodSpec, of: (container: Container) => T, algebra: Algebra<T>): T {
  const running = spec.containers.map(of).reduce(algebra.add, algebra.zero);
  let sidecars = algebra.zero;
  let initPeak = algebra.zero;
  for (const container of spec.initContainers ?? []) {
    const own = of(container);
    if (container.restartPolicy === 'Always') {
      sidecars = algebra.add(sidecars, own);
      initPeak = algebra.max(initPeak, sidecars);
    } else {
      initPeak = algebra.max(initPeak, algebra.add(sidecars, own));
    }
  }
  return algebra.max(algebra.add(running, sidecars), initPeak);
}

/**
 * What a container counts with in scheduling and quotas: the largest of what its spec asks for, what the node has promised it and what it has, so that a resize takes its room before it is done and
 * gives it back after. One that the node can never give does not count (component-helpers determineContainerReqs, determineContainerLimits). The lists are to be put together by their largest.
 */
export function countedLists(pod: Pod, which: 'requests' | 'limits'): (container: Container) => readonly (Readonly<Record<string, string>> | undefined)[] {
  const statuses = new Map([...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])].map((status) => [status.name, status]));
  const infeasible = pod.status?.conditions?.find((c) => c.type === 'PodResizePending')?.reason === 'Infeasible';
  const mainContainers = new Set(pod.spec.containers);
  return (container) => {
    const wanted = container.resources?.[which];
    const status = mainContainers.has(container) || container.restartPolicy === 'Always' ? statuses.get(container.name) : undefined;
    if (!status?.resources) return [wanted];
    return [...(infeasible ? [] : [wanted]), status.resources[which], ...(which === 'requests' ? [status.allocatedResources] : [])];
  };
}
