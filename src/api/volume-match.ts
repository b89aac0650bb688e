import { labelSelectorFromObject } from './selectors.ts';
import type { Node, PersistentVolume, PersistentVolumeClaim } from './types/core.v1.ts';
import { compareQuantities, parseQuantity } from '../base/quantity.ts';
import { matchesTerm } from './node-terms.ts';

/** The class a claim or volume belongs to; '' = none. The annotation is the form of before 1.6. */
export function classOf(object: PersistentVolume | PersistentVolumeClaim): string {
  return object.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? object.spec.storageClassName ?? '';
}

/** Whether a volume is kept for, or bound to, this claim. */
export function isFor(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const ref = volume.spec.claimRef;
  return ref?.name === claim.metadata.name && ref?.namespace === claim.metadata.namespace && (!ref?.uid || ref.uid === claim.metadata.uid);
}

const sizeOf = (volume: PersistentVolume) => parseQuantity(volume.spec.capacity?.['storage'] ?? '0');
/** What a claim asks for. */
export const wantedSize = (claim: PersistentVolumeClaim) => parseQuantity(claim.spec.resources?.requests?.['storage'] ?? '0');
/** Whether both are file systems, or both block devices. */
export const sameMode = (volume: PersistentVolume, claim: PersistentVolumeClaim) => (volume.spec.volumeMode ?? 'Filesystem') === (claim.spec.volumeMode ?? 'Filesystem');
const hasModes = (volume: PersistentVolume, claim: PersistentVolumeClaim) => (claim.spec.accessModes ?? []).every((mode) => volume.spec.accessModes?.includes(mode));

/** Why a claim may not have the volume it asks for by name; undefined when it may (pv_controller.go checkVolumeSatisfyClaim). */
export function unfit(volume: PersistentVolume, claim: PersistentVolumeClaim): string | undefined {
  if (volume.metadata.deletionTimestamp !== undefined) return `the volume is marked for deletion "${volume.metadata.name ?? ''}"`;
  if (compareQuantities(sizeOf(volume), wantedSize(claim)) < 0) return 'requested PV is too small';
  if (classOf(volume) !== classOf(claim)) return 'storageClassName does not match';
  if (!sameMode(volume, claim)) return 'incompatible volumeMode';
  return hasModes(volume, claim) ? undefined : 'incompatible accessMode';
}

/** Whether a volume can be reached from a node. */
export function isReachable({ spec }: PersistentVolume, node: Node): boolean {
  return spec.nodeAffinity?.required?.nodeSelectorTerms.some((term) => matchesTerm(term, node)) ?? true;
}

/** Where a claim's volume may be: on this node, anywhere, or nowhere yet, because the claim waits for its first consumer. */
export type Place = Node | 'anywhere' | 'undecided';

/**
 * The volume a claim should be bound to: one that was made for it, else the one with the fewest access modes beside those asked for, and of these the smallest that is large enough
 * (pkg/controller/volume/persistentvolume index.go, component-helpers FindMatchingVolume).
 */
export function findVolume(claim: PersistentVolumeClaim, volumes: readonly PersistentVolume[], place: Place = 'anywhere'): PersistentVolume | undefined {
  const large = volumes.filter((volume) => volume.metadata.deletionTimestamp === undefined && sameMode(volume, claim) && hasModes(volume, claim) && compareQuantities(sizeOf(volume), wantedSize(claim)) >= 0);
  const reserved = large.find((volume) => volume.spec.claimRef && isFor(volume, claim));
  if (reserved || place === 'undecided') return reserved;
  const selects = claim.spec.selector ? labelSelectorFromObject(claim.spec.selector) : () => true;
  const free = large.filter((volume) => !volume.spec.claimRef && volume.status?.phase === 'Available' && selects(volume.metadata.labels) && classOf(volume) === classOf(claim) && (place === 'anywhere' || isReachable(volume, place)));
  const modes = (volume: PersistentVolume) => volume.spec.accessModes?.length ?? 0;
  return free.sort((a, b) => modes(a) - modes(b) || compareQuantities(sizeOf(a), sizeOf(b)) || ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1))[0];
}
