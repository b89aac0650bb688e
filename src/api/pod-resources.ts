import type { Container, PodSpec } from './types/core.v1.ts';

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
