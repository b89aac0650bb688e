import { isIPv4 } from 'node:net';
import type { Client } from '../client/index.ts';
import { Services } from '../api/kinds/core/service.ts';
import type { LoadBalancerIngress, Service } from '../api/types/core.v1.ts';

/** The addresses a load balancer shows: an IP as such, a name as a hostname. */
export const shownAddresses = (addresses: readonly string[]): LoadBalancerIngress[] => addresses.map((a) => (isIPv4(a) ? { ip: a } : { hostname: a }));

/**
 * What status.loadBalancer.ingress of a Service should be: our addresses once it listens on them, nothing for other types. undefined = leave it alone (another class' load balancer).
 */
export function desiredAddresses(service: Service, listening: boolean, addresses: readonly string[]): LoadBalancerIngress[] | undefined {
  if (service.spec.type !== 'LoadBalancer') return (service.status?.loadBalancer?.ingress ?? []).length > 0 ? [] : undefined;
  if (service.spec.loadBalancerClass !== undefined) return undefined;
  return listening ? shownAddresses(addresses) : [];
}

/** Whether the status says so already; what the API adds to it (ipMode) does not count. */
export function sameAddresses(have: readonly { ip?: string; hostname?: string }[] | undefined, want: readonly { ip?: string; hostname?: string }[]): boolean {
  const text = (list: readonly { ip?: string; hostname?: string }[]) => list.map((a) => `${a.ip ?? ''}|${a.hostname ?? ''}`).join(',');
  return text(have ?? []) === text(want);
}

/** Writes the addresses into the Service's status. */
export async function writeServiceStatus(client: Client, service: Service, ingress: LoadBalancerIngress[]): Promise<void> {
  await client.patch(Services, service.metadata.name!, { type: 'merge', body: { status: { loadBalancer: { ingress: ingress.length === 0 ? null : ingress } } } }, { namespace: service.metadata.namespace, subresource: 'status' });
}
