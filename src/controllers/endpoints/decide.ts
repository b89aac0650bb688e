import { repackSubsets } from '../../api/kinds/core/endpoint-subsets.ts';
import type { EndpointAddress, EndpointPort, EndpointSubset, Pod, Service } from '../../api/types/core.v1.ts';
import { belongs, portsOf } from '../endpointslice/decide.ts';
import { isReady } from '../pods.ts';

/** As many addresses as one Endpoints object holds; who needs more reads EndpointSlices. */
export const MAX_ADDRESSES = 1000;

/** Pods as a Service's subsets, in the form in which the API keeps them (endpoints_controller.go syncService). Terminating ones are in only where unready ones are published. */
export function subsetsOf(service: Service, pods: readonly Pod[]): EndpointSubset[] {
  const publishAll = service.spec.publishNotReadyAddresses === true;
  const serving = pods.filter((pod) => belongs(pod) && (publishAll || pod.metadata.deletionTimestamp === undefined));
  return repackSubsets(serving.flatMap((pod) => endpointPorts(service, pod).map((port) => ({
    [publishAll || isReady(pod) ? 'addresses' : 'notReadyAddresses']: [addressOf(service, pod)],
    ...(port && { ports: [port] }),
  }))));
}

/** A headless Service need not have ports: its pods have addresses all the same. */
function endpointPorts(service: Service, pod: Pod): (EndpointPort | undefined)[] {
  if ((service.spec.ports ?? []).length === 0) return service.spec.clusterIP === 'None' ? [undefined] : [];
  return portsOf(service, pod).map(({ name, port = 0, protocol, appProtocol }) => ({ ...(name ? { name } : {}), port, protocol, ...(appProtocol !== undefined && { appProtocol }) }));
}

function addressOf(service: Service, { metadata, spec, status }: Pod): EndpointAddress {
  return {
    ip: status?.podIP ?? '',
    ...(spec.hostname && spec.subdomain === service.metadata.name && { hostname: spec.hostname }),
    nodeName: spec.nodeName,
    targetRef: { kind: 'Pod', namespace: metadata.namespace, name: metadata.name, uid: metadata.uid },
  };
}

/** The subsets with no more addresses than fit, ready ones first, from each subset its share rounded up; undefined when all fit (truncateEndpoints). */
export function truncated(subsets: readonly EndpointSubset[]): EndpointSubset[] | undefined {
  const count = (which: 'addresses' | 'notReadyAddresses') => subsets.reduce((sum, subset) => sum + (subset[which]?.length ?? 0), 0);
  const ready = count('addresses');
  const notReady = count('notReadyAddresses');
  if (ready + notReady <= MAX_ADDRESSES) return undefined;
  const [which, total, room] = ready > MAX_ADDRESSES ? (['addresses', ready, MAX_ADDRESSES] as const) : (['notReadyAddresses', notReady, MAX_ADDRESSES - ready] as const);
  let left = room;
  return subsets.map(({ addresses = [], notReadyAddresses = [], ports }) => {
    const cut = which === 'addresses' ? addresses : notReadyAddresses;
    const kept = cut.slice(0, Math.min(Math.ceil((cut.length / total) * room), left));
    left -= kept.length;
    const [first, second] = which === 'addresses' ? [kept, []] : [addresses, kept];
    return { ...(first.length > 0 && { addresses: first }), ...(second.length > 0 && { notReadyAddresses: second }), ...(ports && { ports }) };
  });
}
