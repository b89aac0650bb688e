import { isNamespaceTerminating, isReason } from '../api/errors.ts';
import type { Pod, Service } from '../api/types/core.v1.ts';
import type { Informer } from '../client/informer.ts';
import type { WorkQueue } from '../client/workqueue.ts';
import { keyOf } from './names.ts';

/** Whether a Service picks a pod. A Service without selector picks none: its endpoints are somebody else's. */
export function selects(service: Service, labels: Readonly<Record<string, string>> | undefined): boolean {
  const selector = Object.entries(service.spec.selector ?? {});
  return selector.length > 0 && selector.every(([key, value]) => labels?.[key] === value);
}

/** Adds every Service whose endpoints a pod's change may touch (endpointslice util GetPodServiceMemberships). */
export function enqueueServicesOf(pods: Informer<Pod>, services: Informer<Service>, queue: WorkQueue): void {
  const touch = (...states: readonly Pod[]) => {
    for (const service of services.list(states[0]?.metadata.namespace)) if (states.some((pod) => selects(service, pod.metadata.labels))) queue.add(keyOf(service));
  };
  pods.onChange({
    added: (pod) => touch(pod),
    updated: (old, pod) => {
      if (endpointView(old) !== endpointView(pod)) touch(old, pod);
    },
    deleted: (pod) => touch(pod),
  });
}

/** All of a pod that its endpoint is made from. */
function endpointView({ metadata, spec, status }: Pod): string {
  const ready = status?.conditions?.find((c) => c.type === 'Ready')?.status;
  return JSON.stringify([metadata.labels, metadata.deletionTimestamp, spec.nodeName, spec.hostname, spec.subdomain, status?.podIPs, status?.podIP, status?.phase, ready]);
}

/** Whether a write of endpoints failed for a reason that somebody should hear of. */
export function isRefusal(error: unknown): boolean {
  return !['Conflict', 'NotFound', 'AlreadyExists'].some((reason) => isReason(error, reason)) && !isNamespaceTerminating(error);
}
