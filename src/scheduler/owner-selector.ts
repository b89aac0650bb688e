import type { Service } from '../api/types/core.v1.ts';
import type { Informer } from '../client/informer.ts';
import type { PodInfo } from './pod-info.ts';
import type { LabelMatcher } from '../api/selectors.ts';

/**
 * What makes pods siblings for the default topology spread: the Services that select the pod, or else its owner
 * (upstream plugins/helper/spread.go DefaultSelector; a controller's selector matches what its template's labels say).
 */
export function ownerSelector(pod: PodInfo, services: Informer<Service>): LabelMatcher | undefined {
  const { namespace = '', labels = {}, ownerReferences } = pod.pod.metadata;
  const required: [string, string][] = [];
  for (const service of services.list(namespace)) {
    const selector = Object.entries(service.spec.selector ?? {});
    if (selector.length > 0 && selector.every(([key, value]) => labels[key] === value)) required.push(...selector);
  }
  const owner = ownerReferences?.find((o) => o.controller);
  const hash = labels['pod-template-hash'] ?? labels['controller-revision-hash'];
  if (owner && hash !== undefined) required.push([labels['pod-template-hash'] !== undefined ? 'pod-template-hash' : 'controller-revision-hash', hash]);
  return required.length === 0 ? undefined : (other = {}) => required.every(([key, value]) => other[key] === value);
}
