import { isReason } from '../api/errors.ts';
import { CustomResourceDefinitions } from '../api/kinds/apiextensions/custom-resource-definition.ts';
import { EndpointsList } from '../api/kinds/core/endpoints.ts';
import { ServiceAccounts } from '../api/kinds/core/service-account.ts';
import { Services } from '../api/kinds/core/service.ts';
import { EndpointSlices } from '../api/kinds/discovery/endpoint-slice.ts';
import { IngressClasses } from '../api/kinds/networking/ingress-class.ts';
import { PriorityClasses } from '../api/kinds/scheduling/priority-class.ts';
import { StorageClasses } from '../api/kinds/storage/storage-class.ts';
import type { KubeObject, ResourceType } from '../api/object.ts';
import type { Endpoints, Service } from '../api/types/core.v1.ts';
import type { EndpointSlice } from '../api/types/discovery.v1.ts';
import type { Client } from '../client/client.ts';
import type { Addresses } from './addresses.ts';
import { GATEWAY_CONTROLLER } from '../network/ingress/from-route.ts';
import { GatewayClasses, Gateways } from '../network/ingress/gateway-types.ts';
import { gatewayDefinitions } from './gateway-api/index.ts';

/** The name of what provisions local directories for claims, and of the ingress. */
export const PROVISIONER = 'coracle.dev/local-path';
const INGRESS_CONTROLLER = 'coracle.dev/ingress';

/** Creates it unless it is there already, changed or not. Asked for first: a Service would be refused for its address before its name. */
async function ensureIn<T extends KubeObject>(client: Client, type: ResourceType<T>, object: T): Promise<void> {
  const { name = '', namespace } = object.metadata;
  try {
    await client.get(type, name, { namespace });
  } catch (error) {
    if (!isReason(error, 'NotFound')) throw error;
    await client.create(type, object);
  }
}

/** Makes what a fresh cluster has beside its namespaces: classes, and the Services of what every cluster answers itself. */
export async function ensureSystemObjects(client: Client, addresses: Addresses): Promise<void> {
  const ensure = <T extends KubeObject>(type: ResourceType<T>, object: T) => ensureIn(client, type, object);
  /** kubectl cluster-info lists what carries these labels. */
  const systemService = (name: string, shown: string, spec: Service['spec'], labels: Record<string, string>) =>
    ensure(Services, { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'kube-system', labels: { ...labels, 'kubernetes.io/cluster-service': 'true', 'kubernetes.io/name': shown } }, spec });
  const priority = (name: string, value: number, description: string) =>
    ensure(PriorityClasses, { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name }, value, description, preemptionPolicy: 'PreemptLowerPriority' });
  await Promise.all([
    // A pod is refused until its namespace has this one; whoever starts a cluster may create pods at once.
    ensure(ServiceAccounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'default' } }),
    // pkg/apis/scheduling/v1/helpers.go
    priority('system-node-critical', 2_000_001_000, 'Used for system critical pods that must not be moved from their current node.'),
    priority('system-cluster-critical', 2_000_000_000, 'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.'),
    ensure(StorageClasses, {
      apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
      provisioner: PROVISIONER, reclaimPolicy: 'Delete', volumeBindingMode: 'WaitForFirstConsumer',
    }),
    ensure(IngressClasses, {
      apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass', metadata: { name: 'coracle', annotations: { 'ingressclass.kubernetes.io/is-default-class': 'true' } },
      spec: { controller: INGRESS_CONTROLLER },
    }),
    ensure(Services, {
      apiVersion: 'v1', kind: 'Service', metadata: { name: 'kubernetes', namespace: 'default', labels: { component: 'apiserver', provider: 'kubernetes' } },
      spec: { type: 'ClusterIP', clusterIP: addresses.kubernetes, ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 6443 }] },
    }),
    systemService('kube-dns', 'CoreDNS', {
      clusterIP: addresses.dns, ports: [{ name: 'dns', port: 53, protocol: 'UDP' }, { name: 'dns-tcp', port: 53, protocol: 'TCP' }],
    }, { 'k8s-app': 'kube-dns' }),
    systemService('metrics-server', 'Metrics-server', { ports: [{ port: 443, protocol: 'TCP', targetPort: 'https' }] }, { 'k8s-app': 'metrics-server' }),
    gatewayApi(ensure),
  ]);
}

/** The Gateway API with a Gateway that takes routes of all namespaces; left as it is where somebody installed his own. */
async function gatewayApi(ensure: <T extends KubeObject>(type: ResourceType<T>, object: T) => Promise<void>): Promise<void> {
  await Promise.all(gatewayDefinitions.map((definition) => ensure(CustomResourceDefinitions, definition)));
  await ensure(GatewayClasses, { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'GatewayClass', metadata: { name: 'coracle' }, spec: { controllerName: GATEWAY_CONTROLLER } });
  await ensure(Gateways, {
    apiVersion: 'gateway.networking.k8s.io/v1', kind: 'Gateway', metadata: { name: 'coracle', namespace: 'default' },
    spec: {
      gatewayClassName: 'coracle',
      listeners: [
        { name: 'http', port: 80, protocol: 'HTTP', allowedRoutes: { namespaces: { from: 'All' } } },
        // Options instead of a Secret: the certificate that the ingress makes for itself.
        { name: 'https', port: 443, protocol: 'HTTPS', tls: { mode: 'Terminate', options: { 'coracle.dev/certificate': 'default' } }, allowedRoutes: { namespaces: { from: 'All' } } },
      ],
    },
  });
}

/** Says where the API is, for the `kubernetes` Service: it has no pods (upstream's controlplane reconcilers). */
export async function publishApi(client: Client, address: string, port: number): Promise<void> {
  const labels = { 'kubernetes.io/service-name': 'kubernetes' };
  const slice: EndpointSlice = {
    apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { name: 'kubernetes', namespace: 'default', labels },
    addressType: 'IPv4', endpoints: [{ addresses: [address], conditions: { ready: true } }], ports: [{ name: 'https', port, protocol: 'TCP' }],
  };
  const endpoints: Endpoints = {
    apiVersion: 'v1', kind: 'Endpoints', metadata: { name: 'kubernetes', namespace: 'default', labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
    subsets: [{ addresses: [{ ip: address }], ports: [{ name: 'https', port, protocol: 'TCP' }] }],
  };
  await Promise.all([upsert(client, EndpointSlices, slice), upsert(client, EndpointsList, endpoints)]);
}

async function upsert<T extends KubeObject>(client: Client, type: ResourceType<T>, object: T): Promise<void> {
  try {
    await client.create(type, object);
  } catch (error) {
    if (!isReason(error, 'AlreadyExists')) throw error;
    await client.update(type, object);
  }
}
