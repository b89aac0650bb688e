import { isReason } from '../api/errors.ts';
import { Services } from '../api/kinds/core/service.ts';
import { IngressClasses } from '../api/kinds/networking/ingress-class.ts';
import { PriorityClasses } from '../api/kinds/scheduling/priority-class.ts';
import { StorageClasses } from '../api/kinds/storage/storage-class.ts';
import type { KubeObject, ResourceType } from '../api/object.ts';
import type { Service } from '../api/types/core.v1.ts';
import type { Client } from '../client/client.ts';
import type { Addresses } from './addresses.ts';

/** The name of what provisions local directories for claims, and of the ingress. */
export const PROVISIONER = 'coracle.dev/local-path';
export const INGRESS_CONTROLLER = 'coracle.dev/ingress';

/** Creates it unless it is there already, changed or not. */
async function ensureIn<T extends KubeObject>(client: Client, type: ResourceType<T>, object: T): Promise<void> {
  await client.create(type, object).catch((error: unknown) => {
    if (!isReason(error, 'AlreadyExists')) throw error;
  });
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
    systemService('kube-dns', 'CoreDNS', {
      clusterIP: addresses.dns, ports: [{ name: 'dns', port: 53, protocol: 'UDP' }, { name: 'dns-tcp', port: 53, protocol: 'TCP' }],
    }, { 'k8s-app': 'kube-dns' }),
    systemService('metrics-server', 'Metrics-server', { ports: [{ port: 443, protocol: 'TCP', targetPort: 'https' }] }, { 'k8s-app': 'metrics-server' }),
  ]);
}
