import type { Node, Pod, Service, ServicePort } from '../../api/types/core.v1.ts';
import type { Endpoint, EndpointPort, EndpointSlice } from '../../api/types/discovery.v1.ts';
import { isFinished, isReady } from '../pods.ts';

/** Upstream's --max-endpoints-per-slice. */
export const MAX_ENDPOINTS = 100;
export const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
export const SERVICE_NAME = 'kubernetes.io/service-name';
export const MANAGER = 'endpointslice-controller.k8s.io';

export interface SlicePlan {
  readonly create: readonly Pick<EndpointSlice, 'ports' | 'endpoints'>[];
  readonly update: readonly EndpointSlice[];
  readonly remove: readonly EndpointSlice[];
}

/** Pods that belong in the slices at all: they have an address and are not finished (endpointslice/util ShouldPodBeInEndpoints). */
export function belongs(pod: Pod): boolean {
  return !isFinished(pod) && (pod.status?.podIPs?.length ?? 0) > 0;
}

/** A pod as an endpoint of a Service. `ready` never while terminating, unless the Service publishes unready addresses; `serving` says whether it still answers. */
export function endpointOf(pod: Pod, service: Service, node: Node | undefined): Endpoint {
  const serving = isReady(pod);
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const zone = node?.metadata.labels?.['topology.kubernetes.io/zone'];
  return {
    addresses: [pod.status?.podIPs?.[0]?.ip ?? ''],
    conditions: { ready: service.spec.publishNotReadyAddresses === true || (serving && !terminating), serving, terminating },
    ...(pod.spec.hostname && pod.spec.subdomain === service.metadata.name && { hostname: pod.spec.hostname }),
    nodeName: pod.spec.nodeName,
    ...(zone !== undefined && { zone }),
    targetRef: { kind: 'Pod', namespace: pod.metadata.namespace, name: pod.metadata.name, uid: pod.metadata.uid },
  };
}

/** A Service's ports as this pod serves them; a named target that the pod does not have is left out. */
export function portsOf(service: Service, pod: Pod): EndpointPort[] {
  return (service.spec.ports ?? []).flatMap((port) => {
    const number = targetPort(port, pod);
    if (number === undefined) return [];
    return [{ name: port.name ?? '', port: number, protocol: port.protocol ?? 'TCP', ...(port.appProtocol !== undefined && { appProtocol: port.appProtocol }) }];
  });
}

function targetPort(port: ServicePort, pod: Pod): number | undefined {
  const target = port.targetPort ?? port.port;
  if (typeof target === 'number') return target === 0 ? port.port : target;
  const containers = [...pod.spec.containers, ...(pod.spec.initContainers ?? []).filter((c) => c.restartPolicy === 'Always')];
  return containers.flatMap((c) => c.ports ?? []).find((p) => p.name === target && (p.protocol ?? 'TCP') === (port.protocol ?? 'TCP'))?.containerPort;
}

/** What has to change so that `slices` hold exactly these pods. Slices are kept and filled before new ones are made (staging reconciler.go). */
export function planSlices(service: Service, pods: readonly Pod[], nodeOf: (name: string) => Node | undefined, slices: readonly EndpointSlice[]): SlicePlan {
  const wanted = new Map<string, { ports: EndpointPort[]; endpoints: Map<string, Endpoint> }>();
  for (const pod of pods) {
    const ports = portsOf(service, pod);
    const key = JSON.stringify(ports);
    let group = wanted.get(key);
    if (!group) wanted.set(key, group = { ports, endpoints: new Map() });
    group.endpoints.set(pod.metadata.uid ?? '', endpointOf(pod, service, nodeOf(pod.spec.nodeName ?? '')));
  }
  const create: { ports: EndpointPort[]; endpoints: Endpoint[] }[] = [];
  const update: EndpointSlice[] = [];
  const remove: EndpointSlice[] = [];
  const bySet = new Map<string, EndpointSlice[]>();
  for (const slice of slices) {
    const key = JSON.stringify((slice.ports ?? []).map(({ name = '', port, protocol = 'TCP', appProtocol }) => ({ name, port, protocol, ...(appProtocol !== undefined && { appProtocol }) })));
    bySet.set(key, [...(bySet.get(key) ?? []), slice]);
  }
  for (const [key, existing] of bySet) if (!wanted.has(key)) remove.push(...existing);
  for (const [key, { ports, endpoints }] of wanted) {
    const left = new Map(endpoints);
    const kept = (bySet.get(key) ?? []).map((slice) => {
      const next = (slice.endpoints ?? []).flatMap((old) => {
        const uid = old.targetRef?.uid ?? '';
        const endpoint = left.get(uid);
        left.delete(uid);
        return endpoint ? [endpoint] : [];
      });
      return { slice, next };
    });
    const rest = [...left.values()];
    for (const entry of kept) entry.next.push(...rest.splice(0, Math.max(0, MAX_ENDPOINTS - entry.next.length)));
    for (const { slice, next } of kept) {
      if (next.length === 0) remove.push(slice);
      else if (JSON.stringify(next) !== JSON.stringify(slice.endpoints)) update.push({ ...slice, endpoints: next });
    }
    while (rest.length > 0) create.push({ ports, endpoints: rest.splice(0, MAX_ENDPOINTS) });
  }
  return placeholder(slices, { create, update, remove });
}

/** A Service without endpoints keeps one empty slice, so that consumers can tell "none" from "not yet". */
function placeholder(slices: readonly EndpointSlice[], plan: SlicePlan): SlicePlan {
  if (plan.create.length > 0 || plan.update.length > 0 || slices.length > plan.remove.length) return plan;
  const keep = plan.remove.find((slice) => (slice.ports ?? []).length > 0) ?? plan.remove[0];
  if (!keep) return { ...plan, create: [{ ports: [], endpoints: [] }] };
  const others = plan.remove.filter((slice) => slice !== keep);
  const empty = (keep.endpoints ?? []).length === 0;
  return { create: [], update: empty ? [] : [{ ...keep, endpoints: [] }], remove: others };
}
