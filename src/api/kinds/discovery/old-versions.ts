import type { Endpoint, EndpointSlice } from '../../types/discovery.v1.ts';
import type { Endpoint as OldEndpoint, EndpointSlice as OldSlice } from '../../types/discovery.v1beta1.ts';
import { convertedVersion, oldVersion } from '../conversion.ts';

/** discovery.k8s.io/v1beta1 kept zone and node in a `topology` map: pkg/apis/discovery/v1beta1/conversion.go. */

const STORED = { group: 'discovery.k8s.io', version: 'v1' };
const ZONE = 'topology.kubernetes.io/zone';
const HOST = 'kubernetes.io/hostname';

function newEndpoint({ topology, ...rest }: OldEndpoint): Endpoint {
  if (!topology) return rest as Endpoint;
  const { [ZONE]: zone, ...others } = topology;
  if (rest.nodeName !== undefined && others[HOST] === rest.nodeName) delete others[HOST];
  return { ...rest, ...(zone !== undefined && { zone }), ...(Object.keys(others).length > 0 && { deprecatedTopology: others }) } as Endpoint;
}

function oldEndpoint({ deprecatedTopology, zone, ...rest }: Endpoint): OldEndpoint {
  const topology: Record<string, string> = { ...deprecatedTopology, ...(zone !== undefined && { [ZONE]: zone }) };
  if (rest.nodeName !== undefined) topology[HOST] ||= rest.nodeName;
  return { ...rest, ...(Object.keys(topology).length > 0 && { topology }) };
}

export const oldSlice = convertedVersion(oldVersion('discovery.k8s.io', 'v1beta1', 'discovery/v1beta1', 'EndpointSlice', '1.21', '1.25', STORED), STORED, {
  toStorage: (slice: OldSlice) => ({ ...slice, endpoints: (slice.endpoints ?? []).map(newEndpoint) }) as EndpointSlice,
  fromStorage: (slice: EndpointSlice) => ({ ...slice, endpoints: (slice.endpoints ?? []).map(oldEndpoint) }) as OldSlice,
});
