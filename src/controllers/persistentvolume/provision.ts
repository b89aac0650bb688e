import type { PersistentVolume, PersistentVolumeClaim } from '../../api/types/core.v1.ts';
import type { StorageClass } from '../../api/types/storage.v1.ts';
import { compare } from '../names.ts';
import { DATA_FINALIZER, PROVISIONED_BY } from './names.ts';

/** Makes and removes volumes for the classes whose `provisioner` it is. */
export interface Provisioner {
  readonly name: string;
  /** Makes a new volume's directory, which whoever the pods run as can write to, and says where it is. Again for the same name: the same. */
  make(volumeName: string): Promise<string>;
  /** Removes a volume's directory and all that is in it. */
  remove(path: string): Promise<void>;
}

/** The volume that a class makes for a claim. Its name is the claim's for ever, so that a second try finds the first one's. */
export async function volumeFor(claim: PersistentVolumeClaim, storageClass: StorageClass, provisioner: Provisioner): Promise<PersistentVolume> {
  const { name = '', namespace = '', uid = '' } = claim.metadata;
  const volumeName = `pvc-${uid}`;
  const persistentVolumeReclaimPolicy = (storageClass.reclaimPolicy ?? 'Delete') as 'Delete' | 'Retain';
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: volumeName, annotations: { [PROVISIONED_BY]: provisioner.name }, ...(persistentVolumeReclaimPolicy === 'Delete' && { finalizers: [DATA_FINALIZER] }) },
    spec: {
      capacity: { storage: claim.spec.resources?.requests?.['storage'] ?? '0' },
      accessModes: claim.spec.accessModes,
      persistentVolumeReclaimPolicy,
      storageClassName: storageClass.metadata.name,
      volumeMode: claim.spec.volumeMode,
      mountOptions: storageClass.mountOptions,
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace, uid },
      hostPath: { path: await provisioner.make(`${volumeName}_${namespace}_${name}`), type: 'DirectoryOrCreate' },
    },
  };
}

/** The class for claims that name none; of several the newest (pkg/volume/util/storageclass.go GetDefaultClass). */
export function defaultClass(classes: readonly StorageClass[]): StorageClass | undefined {
  const isDefault = ({ metadata: { annotations = {} } }: StorageClass) => annotations['storageclass.kubernetes.io/is-default-class'] === 'true' || annotations['storageclass.beta.kubernetes.io/is-default-class'] === 'true';
  return classes.filter(isDefault).sort((a, b) => compare(b.metadata.creationTimestamp ?? '', a.metadata.creationTimestamp ?? '') || compare(a.metadata.name ?? '', b.metadata.name ?? ''))[0];
}
