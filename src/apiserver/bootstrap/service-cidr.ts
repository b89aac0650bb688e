import { ServiceCIDRs } from '../../api/kinds/networking/service-cidr.ts';
import type { Client } from '../../client/client.ts';
import { createMissing } from './namespaces.ts';

/** Makes the ServiceCIDR `kubernetes`, which stands for the cluster's own range (pkg/controlplane/controller/defaultservicecidr). */
export async function ensureServiceCidr(client: Client, range: string): Promise<void> {
  await createMissing(() => client.create(ServiceCIDRs, { apiVersion: 'networking.k8s.io/v1', kind: 'ServiceCIDR', metadata: { name: 'kubernetes' }, spec: { cidrs: [range] } }));
}
