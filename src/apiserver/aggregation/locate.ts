import type { APIService, APIServiceCondition } from '../../api/types/apiregistration.v1.ts';
import type { Service } from '../../api/types/core.v1.ts';
import type { EndpointSlice } from '../../api/types/discovery.v1.ts';
import type { Store } from '../../store/store.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Why an API server cannot be asked, as its Available condition says it. */
export type Unavailable = Pick<APIServiceCondition, 'reason' | 'message'>;

/** Where the API server behind an APIService listens: all ready addresses of its service, or why there are none (kube-aggregator pkg/controllers/status/remote). */
export function locate({ spec }: APIService, store: Store): { readonly addresses: readonly Address[] } | Unavailable {
  const { namespace = '', name = '', port: wanted = 443 } = spec.service ?? {};
  const told = `service/${name} in ${JSON.stringify(namespace)}`;
  const service = store.get(`services/${namespace}/${name}`)?.object as Service | undefined;
  if (!service) return { reason: 'ServiceNotFound', message: `${told} is not present` };
  const port = service.spec.ports?.find((candidate) => candidate.port === wanted);
  if (service.spec.type === 'ExternalName') return { addresses: [{ host: service.spec.externalName ?? '', port: wanted }] };
  if (!port) return { reason: 'ServicePortError', message: `${told} is not listening on port ${wanted}` };
  const slices = store.list(`endpointslices.discovery.k8s.io/${namespace}/`).entries.map(({ object }) => object as EndpointSlice).filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === name);
  if (slices.length === 0) return { reason: 'EndpointsNotFound', message: `cannot find endpointslices for ${told}` };
  const addresses = slices.flatMap(({ endpoints, ports }) => {
    const target = ports?.find((candidate) => (candidate.name ?? '') === (port.name ?? ''))?.port;
    return target === undefined || target === null ? [] : (endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false).flatMap(({ addresses: [host] }) => (host ? [{ host, port: target }] : []));
  });
  return addresses.length > 0 ? { addresses } : { reason: 'MissingEndpoints', message: `endpointslices for ${told} have no addresses with port name ${JSON.stringify(port.name ?? '')}` };
}
