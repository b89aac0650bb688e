import { Ingresses } from '../../api/kinds/networking/ingress.ts';
import type { Ingress, IngressLoadBalancerIngress } from '../../api/types/networking.v1.ts';
import type { Client } from '../../client/index.ts';
import { sameAddresses } from '../service-status.ts';

/** Whether the Ingress shows these addresses already. */
export const showsAddresses = (ingress: Ingress, addresses: readonly IngressLoadBalancerIngress[]): boolean => sameAddresses(ingress.status?.loadBalancer?.ingress, addresses);

/** Writes status.loadBalancer of an Ingress. */
export async function writeIngressStatus(client: Client, ingress: Ingress, addresses: readonly IngressLoadBalancerIngress[]): Promise<void> {
  const { name, namespace } = ingress.metadata;
  await client.patch(Ingresses, name!, { type: 'merge', body: { status: { loadBalancer: { ingress: addresses } } } }, { namespace, subresource: 'status' });
}
