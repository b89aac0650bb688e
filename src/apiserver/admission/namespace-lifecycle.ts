import { StatusError, forbidden, notFound } from '../../api/errors.ts';
import type { Namespace } from '../../api/types/core.v1.ts';
import type { Store } from '../../store/store.ts';
import type { AdmissionPlugin } from './plugin.ts';

const IMMORTAL = new Set(['default', 'kube-system', 'kube-public']);

/** Objects live only in namespaces that exist and are not ending (plugin/pkg/admission/namespace/lifecycle). */
export function namespaceLifecycle(store: Store): AdmissionPlugin {
  return {
    name: 'NamespaceLifecycle',
    mutate({ operation, kind, resource, namespace, name, subresource }) {
      if (operation === 'DELETE' && kind.plural === 'namespaces' && resource.group === '' && IMMORTAL.has(name)) {
        throw forbidden(resource, name, 'this namespace may not be deleted');
      }
      if (operation !== 'CREATE' || namespace === '' || kind.plural === 'namespaces') return;
      // Access reviews ask about namespaces, existing or not.
      if (resource.group === 'authorization.k8s.io') return;
      const found = store.get(`namespaces//${namespace}`)?.object as Namespace | undefined;
      if (!found) throw notFound({ group: '', plural: 'namespaces' }, namespace);
      if (found.metadata?.deletionTimestamp === undefined || subresource !== '') return;
      const refusal = forbidden(resource, name, `unable to create new content in namespace ${namespace} because it is being terminated`);
      throw new StatusError({
        ...refusal.status,
        details: { ...refusal.status.details, causes: [{ reason: 'NamespaceTerminating', message: `namespace ${namespace} is being terminated`, field: 'metadata.namespace' }] },
      });
    },
  };
}
