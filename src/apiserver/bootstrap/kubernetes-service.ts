import { isIP } from 'node:net';
import { isReason } from '../../api/errors.ts';
import type { KubeObject, ResourceType } from '../../api/object.ts';
import { EndpointSlices } from '../../api/kinds/discovery/endpoint-slice.ts';
import { EndpointsList } from '../../api/kinds/core/endpoints.ts';
import { Services } from '../../api/kinds/core/service.ts';
import type { Client } from '../../client/client.ts';
import { formatIPv4, parseCidr } from '../services/cidr.ts';
import { createMissing } from './namespaces.ts';

const IN_DEFAULT = { name: 'kubernetes', namespace: 'default' };

/** Makes the Service by which pods reach the API, at the first address of the range (pkg/controlplane/controller/kubernetesservice). */
export async function ensureKubernetesService(client: Client, serviceCidr: string, port: number): Promise<void> {
  const clusterIP = formatIPv4(parseCidr(serviceCidr).base + 1);
  await createMissing(() => client.create(Services, {
    apiVersion: 'v1', kind: 'Service', metadata: { ...IN_DEFAULT, labels: { component: 'apiserver', provider: 'kubernetes' } },
    spec: { type: 'ClusterIP', clusterIP, ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: port }] },
  }));
}

/** Says where the API listens. An address of the loopback is no endpoint for anyone else, so for that there is none. */
export async function publishEndpoint(client: Client, address: string, port: number): Promise<void> {
  if (isIP(address) !== 4 || address.startsWith('127.') || address === '0.0.0.0') return;
  await replace(client, EndpointsList, {
    apiVersion: 'v1', kind: 'Endpoints', metadata: { ...IN_DEFAULT, labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
    subsets: [{ addresses: [{ ip: address }], ports: [{ name: 'https', port, protocol: 'TCP' }] }],
  });
  await replace(client, EndpointSlices, {
    apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { ...IN_DEFAULT, labels: { 'kubernetes.io/service-name': 'kubernetes' } },
    addressType: 'IPv4', endpoints: [{ addresses: [address], conditions: { ready: true } }], ports: [{ name: 'https', port, protocol: 'TCP' }],
  });
}

async function replace<T extends KubeObject>(client: Client, type: ResourceType<T>, object: T): Promise<void> {
  try {
    await client.update(type, object);
  } catch (error) {
    if (!isReason(error, 'NotFound')) throw error;
    await client.create(type, object);
  }
}
