import { addQuantities, parseQuantity, quantityOf, type Quantity } from '../../base/quantity.ts';
import { groupResource, type KubeObject } from '../object.ts';
import { aggregate, countedLists } from '../pod-resources.ts';
import { addLists, listAlgebra, NOTHING, parseResourceList, type ResourceList } from '../resource-list.ts';
import type { Container, PersistentVolumeClaim, Pod, Service } from '../types/core.v1.ts';

const ONE: Quantity = quantityOf(1);

/** Resources that are also counted under their bare name (quota/v1/evaluator/core registry.go legacyObjectCountAliases). */
const BARE = new Set(['configmaps', 'resourcequotas', 'replicationcontrollers', 'secrets', 'services', 'persistentvolumeclaims']);

/**
 * What one object takes from a quota, under every name that a quota may limit (pkg/quota/v1/evaluator). `type` is its plural and group.
 * `nowMs` decides whether a pod that is long past its deletion still counts.
 */
export function usageOf(type: { readonly group: string; readonly plural: string }, object: KubeObject, nowMs: number): ResourceList {
  const resource = groupResource(type);
  const usage = new Map<string, Quantity>([[`count/${resource}`, ONE]]);
  if (BARE.has(resource)) usage.set(resource, ONE);
  if (resource === 'pods') return addLists(usage, podUsage(object as Pod, nowMs));
  if (resource === 'services') return addLists(usage, serviceUsage(object as Service));
  if (resource === 'persistentvolumeclaims') return addLists(usage, claimUsage(object as PersistentVolumeClaim));
  return usage;
}

/** Finished pods, and those whose grace is over, no longer count against compute resources (QuotaV1Pod). */
function podUsage(pod: Pod, nowMs: number): ResourceList {
  if (pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded') return NOTHING;
  const { deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata;
  if (deletionTimestamp !== undefined && deletionGracePeriodSeconds !== undefined && nowMs > Date.parse(deletionTimestamp) + deletionGracePeriodSeconds * 1000) return NOTHING;
  return computeNames(podTotal(pod, 'requests', counted(pod, 'requests')), podTotal(pod, 'limits', counted(pod, 'limits')));
}

function counted(pod: Pod, which: 'requests' | 'limits'): (container: Container) => ResourceList {
  const lists = countedLists(pod, which);
  return (container) => lists(container).map(parseResourceList).reduce(listAlgebra.max);
}

/** A pod's requests or limits as a whole. `of`: those of one container; as its spec says, if not given. */
export function podTotal({ spec }: Pod, which: 'requests' | 'limits', of = (container: Container) => parseResourceList(container.resources?.[which])): ResourceList {
  const containers = aggregate(spec, of, listAlgebra);
  const whole = parseResourceList(spec.resources?.[which]);
  const total = whole.size > 0 ? new Map([...containers, ...whole]) : containers;
  if (!spec.overhead) return total;
  const overhead = parseResourceList(spec.overhead);
  return which === 'requests' ? addLists(total, overhead) : new Map([...total].map(([name, quantity]) => [name, overhead.has(name) ? addQuantities(quantity, overhead.get(name)!) : quantity]));
}

/** Requests and limits under the names quotas use: `cpu` and `requests.cpu` are the same thing. */
export function computeNames(requests: ResourceList, limits: ResourceList): ResourceList {
  const usage = new Map<string, Quantity>([['pods', ONE]]);
  for (const [name, quantity] of requests) {
    const native = name === 'cpu' || name === 'memory' || name === 'ephemeral-storage';
    if (native || name.startsWith('hugepages-')) usage.set(name, quantity);
    if (native || name.startsWith('hugepages-') || name.includes('/')) usage.set(`requests.${name}`, quantity);
  }
  for (const name of ['cpu', 'memory', 'ephemeral-storage']) {
    const quantity = limits.get(name);
    if (quantity) usage.set(`limits.${name}`, quantity);
  }
  return usage;
}

function serviceUsage({ spec }: Service): ResourceList {
  const zero = quantityOf(0);
  const ports = quantityOf(spec.ports?.length ?? 0);
  switch (spec.type) {
    case 'NodePort': return new Map([['services.nodeports', ports], ['services.loadbalancers', zero]]);
    case 'LoadBalancer': return new Map([['services.nodeports', spec.allocateLoadBalancerNodePorts === false ? quantityOf((spec.ports ?? []).filter((p) => p.nodePort).length) : ports], ['services.loadbalancers', ONE]]);
    default: return new Map([['services.nodeports', zero], ['services.loadbalancers', zero]]);
  }
}

function claimUsage({ spec, metadata }: PersistentVolumeClaim): ResourceList {
  const usage = new Map<string, Quantity>();
  const storage = spec.resources?.requests?.['storage'];
  const storageClass = spec.storageClassName ?? metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? '';
  const suffix = `${storageClass}.storageclass.storage.k8s.io`;
  if (storageClass !== '') usage.set(`${suffix}/persistentvolumeclaims`, ONE);
  if (storage !== undefined) {
    usage.set('requests.storage', parseQuantity(storage));
    if (storageClass !== '') usage.set(`${suffix}/requests.storage`, parseQuantity(storage));
  }
  return usage;
}
