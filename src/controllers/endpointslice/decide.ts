import { equalJson } from '../../api/json.ts';
import type { Node, Pod, Service, ServicePort } from '../../api/types/core.v1.ts';
import type { Endpoint, EndpointPort, EndpointSlice } from '../../api/types/discovery.v1.ts';
import { isFinished, isReady } from '../pods.ts';
import { compare } from '../names.ts';
import { wantsZoneShares, ZONE, type ZoneHints } from './topology.ts';

/** Upstream's --max-endpoints-per-slice. */
export const MAX_ENDPOINTS = 100;
export const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
export const SERVICE_NAME = 'kubernetes.io/service-name';
export const MANAGER = 'endpointslice-controller.k8s.io';

const HEADLESS = 'service.kubernetes.io/headless';
const RESERVED = [MANAGED_BY, SERVICE_NAME, HEADLESS];

export interface SlicePlan {
  readonly create: readonly EndpointSlice[];
  readonly update: readonly EndpointSlice[];
  readonly remove: readonly EndpointSlice[];
}

/** Pods that belong in the slices at all: they have an address and are not finished (endpointslice/util ShouldPodBeInEndpoints). */
export function belongs(pod: Pod): boolean {
  return !isFinished(pod) && (pod.status?.podIPs?.length ?? 0) > 0;
}

/**
 * A pod as an endpoint of a Service. `ready` never while terminating, unless the Service publishes unready addresses; `serving` says whether it still answers. Where traffic is to stay close, it is for its own
 * zone (endpointslice/trafficdist).
 */
export function endpointOf(pod: Pod, service: Service, node: Node | undefined): Endpoint {
  const serving = isReady(pod);
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const ready = service.spec.publishNotReadyAddresses === true || (serving && !terminating);
  const zone = node?.metadata.labels?.[ZONE];
  const close = ready && service.spec.trafficDistribution === 'PreferClose' && !wantsZoneShares(service);
  return {
    addresses: [pod.status?.podIPs?.[0]?.ip ?? ''],
    conditions: { ready, serving, terminating },
    ...(pod.spec.hostname && pod.spec.subdomain === service.metadata.name && { hostname: pod.spec.hostname }),
    nodeName: pod.spec.nodeName,
    ...(zone && { zone }),
    ...(zone && close && { hints: forZone(zone) }),
    targetRef: { kind: 'Pod', namespace: pod.metadata.namespace, name: pod.metadata.name, uid: pod.metadata.uid },
  };
}

const forZone = (name: string) => ({ forZones: [{ name }] });

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

/** The labels of a Service's slices: its own, and ours (setEndpointSliceLabels). */
export function labelsOf(service: Service): Record<string, string> {
  const own = Object.entries(service.metadata.labels ?? {}).filter(([key]) => !RESERVED.includes(key));
  const { clusterIP } = service.spec;
  return { ...Object.fromEntries(own), ...((clusterIP === undefined || clusterIP === '' || clusterIP === 'None') && { [HEADLESS]: '' }), [MANAGED_BY]: MANAGER, [SERVICE_NAME]: service.metadata.name ?? '' };
}

function newSlice(service: Service, ports: EndpointPort[], endpoints: Endpoint[]): EndpointSlice {
  const { name = '', namespace, uid = '' } = service.metadata;
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { generateName: `${name}-`, namespace, labels: labelsOf(service), ownerReferences: [{ apiVersion: 'v1', kind: 'Service', name, uid, controller: true, blockOwnerDeletion: true }] },
    addressType: 'IPv4',
    ports,
    endpoints,
  };
}

/**
 * What has to change so that `slices` hold exactly these pods, in few writes (staging endpointslice/reconciler.go): slices that change anyway are filled first, then one that has room for all that is
 * left, and only then new ones are made. One that would be deleted becomes one that would be made. `hint`: for a Service that wants its endpoints shared out among the zones, says which is for which.
 */
export function planSlices(service: Service, pods: readonly Pod[], nodeOf: (name: string) => Node | undefined, slices: readonly EndpointSlice[], hint?: Hint): SlicePlan {
  const present = slices.filter((slice) => slice.metadata.deletionTimestamp === undefined);
  // A Service of the same name that is gone had these: the garbage collector is after them.
  const strange = present.filter((slice) => !slice.metadata.ownerReferences?.some(({ uid, kind }) => uid === service.metadata.uid && kind === 'Service'));
  const byPorts = new Map<string, EndpointSlice[]>();
  for (const slice of present) if (!strange.includes(slice)) byPorts.set(portsKey(slice.ports), [...(byPorts.get(portsKey(slice.ports)) ?? []), slice]);
  const create: EndpointSlice[] = [];
  const update: EndpointSlice[] = [];
  const unused: EndpointSlice[] = [];
  const wanted = wantedEndpoints(service, pods, nodeOf);
  for (const [key, { ports, endpoints }] of wanted) {
    const plan = planPorts(service, ports, endpoints, byPorts.get(key) ?? [], hint !== undefined);
    create.push(...plan.create);
    update.push(...plan.update);
    unused.push(...plan.remove);
  }
  for (const [key, existing] of byPorts) if (!wanted.has(key)) unused.push(...existing);
  if (hint) {
    const names = [...update, ...unused, ...strange].map(({ metadata }) => metadata.name);
    const unchanged = present.filter(({ metadata }) => !names.includes(metadata.name));
    const zones = hint(unchanged, [...create, ...update]);
    for (const list of [create, update]) list.splice(0, list.length, ...list.map((slice) => hinted(slice, zones)));
    update.push(...unchanged.map((slice) => hinted(slice, zones)).filter((slice, i) => !sameContent(slice, unchanged[i]!)));
  }
  // A Service without endpoints has one empty slice, so that whoever reads can tell "none" from "not yet".
  if (create.length === 0 && unused.length + strange.length === present.length) create.push(newSlice(service, [], []));
  while (create.length > 0 && unused.length > 0) {
    const [old, next] = [unused.shift()!, create.pop()!];
    const reused = { ...old, metadata: { ...old.metadata, labels: next.metadata.labels }, ports: next.ports, endpoints: next.endpoints };
    if (!sameContent(reused, old)) update.push(reused);
  }
  return { create: service.metadata.deletionTimestamp === undefined ? create : [], update, remove: [...unused, ...strange] };
}

/** Chooses the zone that each endpoint is for, of slices that would stay as they are and of those that are written; who is left out has none. */
export type Hint = (unchanged: readonly EndpointSlice[], changing: readonly EndpointSlice[]) => ZoneHints;

function hinted(slice: EndpointSlice, zones: ZoneHints): EndpointSlice {
  const endpoints = (slice.endpoints ?? []).map((endpoint) => {
    const { hints: _, ...rest } = endpoint;
    const zone = zones.get(endpoint);
    return { ...rest, ...(zone !== undefined && { hints: forZone(zone) }) };
  });
  return { ...slice, endpoints };
}

/** The pods as endpoints by UID, apart for each set of ports. */
function wantedEndpoints(service: Service, pods: readonly Pod[], nodeOf: (name: string) => Node | undefined) {
  const wanted = new Map<string, { readonly ports: EndpointPort[]; readonly endpoints: Map<string, Endpoint> }>();
  for (const pod of pods) {
    const ports = portsOf(service, pod);
    const key = portsKey(ports);
    const group = wanted.get(key) ?? { ports, endpoints: new Map<string, Endpoint>() };
    wanted.set(key, group);
    group.endpoints.set(pod.metadata.uid ?? '', endpointOf(pod, service, nodeOf(pod.spec.nodeName ?? '')));
  }
  return wanted;
}

/** The slices of one set of ports (reconcileByPortMapping). `keepHints`: an endpoint's hint alone does not make it another one. */
function planPorts(service: Service, ports: EndpointPort[], endpoints: ReadonlyMap<string, Endpoint>, slices: readonly EndpointSlice[], keepHints: boolean): SlicePlan {
  const labels = labelsOf(service);
  const left = new Map(endpoints);
  const drafts = slices.map((slice) => {
    const kept = (slice.endpoints ?? []).flatMap(({ targetRef, hints }) => {
      const endpoint = left.get(targetRef?.uid ?? '');
      left.delete(targetRef?.uid ?? '');
      return endpoint ? [{ ...endpoint, ...(keepHints && hints && { hints }) }] : [];
    });
    const next = { ...slice, metadata: { ...slice.metadata, labels }, endpoints: kept };
    return { next, changed: !sameContent(next, slice), shrunk: kept.length < (slice.endpoints ?? []).length };
  });
  const rest = [...left.values()];
  const remove = drafts.filter(({ next, shrunk }) => shrunk && next.endpoints.length === 0).map(({ next }) => next);
  const update = drafts.filter(({ next, changed }) => changed && !remove.includes(next)).map(({ next }) => next);
  for (const slice of [...update].sort((a, b) => b.endpoints.length - a.endpoints.length)) slice.endpoints.push(...rest.splice(0, MAX_ENDPOINTS - slice.endpoints.length));
  const create: EndpointSlice[] = [];
  while (rest.length > 0) {
    const roomy = drafts.filter(({ next, changed }) => !changed && next.endpoints.length + rest.length <= MAX_ENDPOINTS).map(({ next }) => next).sort((a, b) => b.endpoints.length - a.endpoints.length)[0];
    if (roomy) update.push({ ...roomy, endpoints: [...roomy.endpoints, ...rest.splice(0)] });
    else create.push(newSlice(service, ports, rest.splice(0, MAX_ENDPOINTS)));
  }
  return { create, update, remove };
}

/** Ports in any order, as what they mean. */
export function portsKey(ports: readonly EndpointPort[] | undefined): string {
  return (ports ?? []).map(({ name = '', port, protocol = 'TCP', appProtocol = '' }) => JSON.stringify([name, port, protocol, appProtocol])).sort(compare).join();
}

function sameContent(a: EndpointSlice, b: EndpointSlice): boolean {
  return portsKey(a.ports) === portsKey(b.ports) && equalJson(a.endpoints ?? [], b.endpoints ?? []) && equalJson(a.metadata.labels ?? {}, b.metadata.labels ?? {});
}
