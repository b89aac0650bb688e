import type { Service, ServicePort } from '../../api/types/core.v1.ts';
import type { EndpointSlice } from '../../api/types/discovery.v1.ts';

/** What a pod is spoken to in: HTTP/1.1, HTTP/2 with prior knowledge, and both within TLS. */
export type Protocol = 'http' | 'https' | 'h2c' | 'h2';

/** What an appProtocol says (KEP-3726; `grpc` and `https` are in common use). Undefined when it says nothing of HTTP. */
export function protocolOf(appProtocol: string | undefined): Protocol | undefined {
  switch (appProtocol?.toLowerCase()) {
    case 'kubernetes.io/h2c':
    case 'h2c':
    case 'grpc':
      return 'h2c';
    case 'kubernetes.io/wss':
    case 'https':
      return 'https';
    case 'kubernetes.io/ws':
    case 'http':
      return 'http';
    default:
      return undefined;
  }
}

/** One port of one Service with everything that may answer on it, as the API says. */
export interface PortSpec {
  readonly name: string;
  readonly port: number;
  readonly protocol: 'TCP' | 'UDP';
  readonly nodePort: number | undefined;
  readonly appProtocol: string | undefined;
  readonly endpoints: readonly EndpointSpec[];
}

export interface EndpointSpec {
  readonly address: string;
  readonly port: number;
  /** `namespace/name`, '' when it is no pod. */
  readonly pod: string;
  readonly podUid: string;
  readonly nodeName: string | undefined;
  readonly hostname: string | undefined;
  /** The zones whose clients it is for; none = it is not said. */
  readonly zones: readonly string[];
  readonly ready: boolean;
  readonly serving: boolean;
  readonly terminating: boolean;
}

/** The label that ties a slice to its Service (discovery/v1 well_known_labels.go). */
export const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';

/**
 * Joins a Service with its slices. Absent conditions mean what discovery/v1 says: ready unless told otherwise, serving as ready, not terminating.
 * IPv6 and FQDN slices are left out: this network is IPv4.
 */
export function portsOf(service: Service, slices: readonly EndpointSlice[]): PortSpec[] {
  const specs: PortSpec[] = [];
  for (const port of service.spec.ports ?? []) {
    const protocol = port.protocol ?? 'TCP';
    if (protocol !== 'TCP' && protocol !== 'UDP') continue;
    specs.push({
      name: port.name ?? '',
      port: port.port,
      protocol,
      nodePort: port.nodePort === 0 ? undefined : port.nodePort,
      appProtocol: port.appProtocol,
      endpoints: endpointsOf(port, slices),
    });
  }
  return specs;
}

function endpointsOf(port: ServicePort, slices: readonly EndpointSlice[]): EndpointSpec[] {
  const found = new Map<string, EndpointSpec>();
  for (const slice of slices) {
    if (slice.addressType !== 'IPv4') continue;
    const target = slice.ports?.find((p) => (p.name ?? '') === (port.name ?? '') && (p.protocol ?? 'TCP') === (port.protocol ?? 'TCP'))?.port;
    if (target === undefined) continue;
    for (const endpoint of slice.endpoints ?? []) {
      const address = endpoint.addresses[0];
      if (address === undefined) continue;
      const ready = endpoint.conditions?.ready ?? true;
      const spec: EndpointSpec = {
        address,
        port: target,
        pod: endpoint.targetRef?.kind === 'Pod' ? `${endpoint.targetRef.namespace ?? ''}/${endpoint.targetRef.name ?? ''}` : '',
        podUid: endpoint.targetRef?.uid ?? '',
        nodeName: endpoint.nodeName,
        hostname: endpoint.hostname,
        zones: endpoint.hints?.forZones?.map(({ name }) => name) ?? [],
        ready,
        serving: endpoint.conditions?.serving ?? ready,
        terminating: endpoint.conditions?.terminating ?? false,
      };
      // While an endpoint moves between slices it stands in both for a moment: the one that is ready wins.
      const key = `${address}:${target}:${spec.podUid}`;
      if (!found.get(key)?.ready) found.set(key, spec);
    }
  }
  return [...found.values()];
}

/** The labels by which a Service says that another proxy, or none, answers for it (networking/well_known_labels.go; kube-proxy leaves them out of what it watches). */
const NOT_OURS = ['service.kubernetes.io/service-proxy-name', 'service.kubernetes.io/headless'];

/** Whether the Service has an address that a proxy must answer on. */
export function isProxied(service: Service): boolean {
  const ip = service.spec.clusterIP;
  const { labels } = service.metadata;
  if (labels && NOT_OURS.some((label) => label in labels)) return false;
  return service.spec.type !== 'ExternalName' && ip !== undefined && ip !== '' && ip !== 'None';
}
