import { isReason } from '../api/errors.ts';
import { IngressClasses } from '../api/kinds/networking/ingress-class.ts';
import { PriorityClasses } from '../api/kinds/scheduling/priority-class.ts';
import { StorageClasses } from '../api/kinds/storage/storage-class.ts';
import type { KubeObject, ResourceType } from '../api/object.ts';
import type { Client } from '../client/client.ts';

/** The name of what provisions local directories for claims, and of the ingress. */
export const PROVISIONER = 'coracle.dev/local-path';
export const INGRESS_CONTROLLER = 'coracle.dev/ingress';

/** Makes what a fresh cluster has beside its namespaces. What is there already, changed or not, is left alone. */
export async function ensureSystemObjects(client: Client): Promise<void> {
  const ensure = async <T extends KubeObject>(type: ResourceType<T>, object: T) => {
    await client.create(type, object).catch((error: unknown) => {
      if (!isReason(error, 'AlreadyExists')) throw error;
    });
  };
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
  ]);
}
