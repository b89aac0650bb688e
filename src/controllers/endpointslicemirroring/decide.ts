import { isIP } from 'node:net';
import { repackSubsets } from '../../api/kinds/core/endpoint-subsets.ts';
import { equalJson } from '../../api/json.ts';
import type { EndpointAddress, Endpoints, EndpointSubset, Service } from '../../api/types/core.v1.ts';
import type { Endpoint, EndpointSlice } from '../../api/types/discovery.v1.ts';
import { MANAGED_BY, portsKey, SERVICE_NAME } from '../endpointslice/decide.ts';
import { TRIGGER_TIME } from '../trigger-time.ts';

export const MANAGER = 'endpointslicemirroring-controller.k8s.io';
/** --mirroring-max-endpoints-per-subset. */
export const MAX_PER_SUBSET = 1000;
const NOT_MIRRORED = [TRIGGER_TIME, 'kubectl.kubernetes.io/last-applied-configuration'];

/** Whether Endpoints were made by hand for a Service that picks no pods, so that slices are to be made of them. */
export function isMirrored(endpoints: Endpoints | undefined, service: Service | undefined): endpoints is Endpoints {
  if (!endpoints || !service || Object.keys(service.spec.selector ?? {}).length > 0) return false;
  return endpoints.metadata.labels?.['endpointslice.kubernetes.io/skip-mirror'] !== 'true' && endpoints.metadata.annotations?.['control-plane.alpha.kubernetes.io/leader'] === undefined;
}

export interface MirrorPlan {
  readonly create: readonly EndpointSlice[];
  readonly update: readonly EndpointSlice[];
  readonly remove: readonly EndpointSlice[];
  /** Addresses that are left out: those that are none, and those that are too many. */
  readonly invalid: number;
  readonly skipped: number;
}

/** One slice for each subset and address family, and what has to change so that `slices` are these (pkg/controller/endpointslicemirroring). What is there is written over before anything is made. */
export function planMirror(endpoints: Endpoints, slices: readonly EndpointSlice[]): MirrorPlan {
  const subsets = repackSubsets(endpoints.subsets ?? []).map(membersOf);
  const wanted = subsets.flatMap(({ ports, members }) => (['IPv4', 'IPv6'] as const).flatMap((addressType) => {
    const family = members.filter((member) => isIP(member.addresses[0] ?? '') === (addressType === 'IPv4' ? 4 : 6));
    return family.length > 0 ? [sliceOf(endpoints, addressType, ports, family)] : [];
  }));
  const free = [...slices];
  const take = (fits: (slice: EndpointSlice) => boolean) => {
    const at = free.findIndex(fits);
    return at < 0 ? undefined : free.splice(at, 1)[0];
  };
  const sameKey = (a: EndpointSlice) => (b: EndpointSlice) => a.addressType === b.addressType && portsKey(a.ports) === portsKey(b.ports);
  const matched = wanted.map((slice) => ({ slice, old: take(sameKey(slice)) }));
  const placed = matched.map(({ slice, old }) => ({ slice, old: old ?? take((other) => other.addressType === slice.addressType) }));
  return {
    create: placed.filter(({ old }) => !old).map(({ slice }) => slice),
    update: placed.flatMap(({ slice, old }) => {
      if (!old) return [];
      const { labels, annotations, ownerReferences } = slice.metadata;
      const next = { ...old, metadata: { ...old.metadata, labels, annotations, ownerReferences }, ports: slice.ports, endpoints: slice.endpoints };
      return same(next, old) ? [] : [next];
    }),
    remove: free,
    invalid: subsets.reduce((sum, { invalid }) => sum + invalid, 0),
    skipped: subsets.reduce((sum, { skipped }) => sum + skipped, 0),
  };
}

function membersOf({ addresses = [], notReadyAddresses = [], ports = [] }: EndpointSubset) {
  const all = [...addresses.map((address) => endpointOf(address, true)), ...notReadyAddresses.map((address) => endpointOf(address, false))];
  const valid = all.filter((endpoint) => isIP(endpoint.addresses[0] ?? '') !== 0);
  const members = valid.slice(0, MAX_PER_SUBSET);
  return { ports, members, invalid: all.length - valid.length, skipped: valid.length - members.length };
}

function endpointOf({ ip, hostname, nodeName, targetRef }: EndpointAddress, ready: boolean): Endpoint {
  return { addresses: [ip], conditions: { ready }, ...(hostname && { hostname }), ...(nodeName !== undefined && { nodeName }), ...(targetRef && { targetRef }) };
}

function sliceOf(endpoints: Endpoints, addressType: 'IPv4' | 'IPv6', ports: NonNullable<EndpointSubset['ports']>, members: Endpoint[]): EndpointSlice {
  const { name = '', namespace, uid = '', labels, annotations = {} } = endpoints.metadata;
  return {
    apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice',
    metadata: {
      generateName: `${name}-`, namespace, labels: { ...labels, [SERVICE_NAME]: name, [MANAGED_BY]: MANAGER },
      annotations: Object.fromEntries(Object.entries(annotations).filter(([key]) => !NOT_MIRRORED.includes(key))),
      ownerReferences: [{ apiVersion: 'v1', kind: 'Endpoints', name, uid, controller: true, blockOwnerDeletion: true }],
    },
    addressType,
    ports: ports.map(({ name: port = '', ...rest }) => ({ name: port, ...rest })),
    endpoints: members,
  };
}

function same(a: EndpointSlice, b: EndpointSlice): boolean {
  return portsKey(a.ports) === portsKey(b.ports) && equalJson(a.endpoints ?? [], b.endpoints ?? [])
    && (['labels', 'annotations'] as const).every((key) => equalJson(a.metadata[key] ?? {}, b.metadata[key] ?? {})) && equalJson(a.metadata.ownerReferences, b.metadata.ownerReferences);
}
