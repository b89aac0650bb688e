import type { AdmissionPlugin } from './plugin.ts';

const FINALIZERS: ReadonlyMap<string, string> = new Map([['persistentvolumes', 'kubernetes.io/pv-protection'], ['persistentvolumeclaims', 'kubernetes.io/pvc-protection']]);

/** A claim in use by a pod, and a volume bound to a claim, outlast their deletion: the protection controllers take the finalizer away (plugin/pkg/admission/storage/storageobjectinuseprotection). */
export const storageObjectInUseProtection: AdmissionPlugin = {
  name: 'StorageObjectInUseProtection',
  mutate({ operation, kind, object, subresource }) {
    const finalizer = kind.storage.group === '' ? FINALIZERS.get(kind.plural) : undefined;
    if (finalizer === undefined || operation !== 'CREATE' || subresource !== '' || !object || object.metadata.finalizers?.includes(finalizer)) return;
    object.metadata.finalizers = [...(object.metadata.finalizers ?? []), finalizer];
  },
};
