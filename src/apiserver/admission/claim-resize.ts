import { forbidden } from '../../api/errors.ts';
import type { PersistentVolumeClaim } from '../../api/types/core.v1.ts';
import type { StorageClass } from '../../api/types/storage.v1.ts';
import { compareQuantities, parseQuantity } from '../../base/quantity.ts';
import type { Store } from '../../store/store.ts';
import type { AdmissionPlugin } from './plugin.ts';

/** A claim grows only when it is bound, and its class says that its volumes can (plugin/pkg/admission/storage/persistentvolume/resize). */
export function claimResize(store: Store): AdmissionPlugin {
  return {
    name: 'PersistentVolumeClaimResize',
    validate({ operation, kind, resource, name, object, oldObject, subresource }) {
      if (operation !== 'UPDATE' || subresource !== '' || kind.plural !== 'persistentvolumeclaims' || !object || !oldObject) return;
      const [next, old] = [object as PersistentVolumeClaim, oldObject as PersistentVolumeClaim];
      if (compareQuantities(sizeOf(next), sizeOf(old)) <= 0) return;
      if (old.status?.phase !== 'Bound') throw forbidden(resource, name, 'Only bound persistent volume claims can be expanded');
      const className = classOf(next);
      const storageClass = className === '' ? undefined : (store.get(`storageclasses.storage.k8s.io//${className}`)?.object as StorageClass | undefined);
      if (className === classOf(old) && storageClass?.allowVolumeExpansion) return;
      throw forbidden(resource, name, 'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize');
    },
  };
}

const sizeOf = (claim: PersistentVolumeClaim) => parseQuantity(claim.spec.resources?.requests?.['storage'] ?? '0');
const classOf = ({ metadata, spec }: PersistentVolumeClaim) => metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? spec.storageClassName ?? '';
