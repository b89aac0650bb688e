import { labelSelectorFromObject } from '../../api/selectors.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../api/types/core.v1.ts';
import { compareQuantities, parseQuantity } from '../../base/quantity.ts';

/** The class a claim or volume belongs to; '' = none. The annotation is the form of before 1.6. */
export function classOf(object: PersistentVolume | PersistentVolumeClaim): string {
  return object.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? object.spec.storageClassName ?? '';
}

/** Whether a volume is kept for, or bound to, this claim. */
export function isFor(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const ref = volume.spec.claimRef;
  return ref?.name === claim.metadata.name && ref?.namespace === claim.metadata.namespace && (!ref?.uid || ref.uid === claim.metadata.uid);
}

/** The volume a claim should be bound to: one that was made for it, else the smallest that is large enough (pkg/controller/volume/persistentvolume index.go). */
export function findVolume(claim: PersistentVolumeClaim, volumes: readonly PersistentVolume[]): PersistentVolume | undefined {
  const wanted = parseQuantity(claim.spec.resources?.requests?.['storage'] ?? '0');
  const selects = claim.spec.selector ? labelSelectorFromObject(claim.spec.selector) : () => true;
  const size = (volume: PersistentVolume) => parseQuantity(volume.spec.capacity?.['storage'] ?? '0');
  const suitable = volumes.filter((volume) => volume.metadata.deletionTimestamp === undefined
    && classOf(volume) === classOf(claim)
    && (volume.spec.volumeMode ?? 'Filesystem') === (claim.spec.volumeMode ?? 'Filesystem')
    && (claim.spec.accessModes ?? []).every((mode) => volume.spec.accessModes?.includes(mode))
    && compareQuantities(size(volume), wanted) >= 0);
  const reserved = suitable.find((volume) => volume.spec.claimRef && isFor(volume, claim));
  if (reserved) return reserved;
  return suitable.filter((volume) => !volume.spec.claimRef && volume.status?.phase !== 'Released' && volume.status?.phase !== 'Failed' && selects(volume.metadata.labels))
    .sort((a, b) => compareQuantities(size(a), size(b)) || ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1))[0];
}
