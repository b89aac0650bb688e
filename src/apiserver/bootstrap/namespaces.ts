import { isReason } from '../../api/errors.ts';
import type { KubeObject } from '../../api/object.ts';
import { Namespaces } from '../../api/kinds/core/namespace.ts';
import type { Client } from '../../client/client.ts';

const SYSTEM = ['kube-system', 'kube-public', 'kube-node-lease', 'default'];

/** Makes the namespaces that every cluster has (pkg/controlplane/controller/systemnamespaces). */
export async function ensureNamespaces(client: Client): Promise<void> {
  await Promise.all(SYSTEM.map((name) => createMissing(() => client.create(Namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name }, spec: {} }))));
}

/** Runs a create and is content when the object was already there. */
export async function createMissing(create: () => Promise<KubeObject>): Promise<void> {
  try {
    await create();
  } catch (error) {
    if (!isReason(error, 'AlreadyExists')) throw error;
  }
}
