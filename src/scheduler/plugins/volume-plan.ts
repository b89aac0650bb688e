import { labelSelectorFromObject } from '../../api/selectors.ts';
import type { Node, PersistentVolume, PersistentVolumeClaim } from '../../api/types/core.v1.ts';
import type { StorageClass } from '../../api/types/storage.v1.ts';
import { compareQuantities, parseQuantity } from '../../base/quantity.ts';
import type { NodeInfo } from '../node-info.ts';
import type { Snapshot } from '../snapshot.ts';
import { matchesTerm } from './node-affinity.ts';

/** Says on a claim which node its volume is to be made for. */
export const SELECTED_NODE = 'volume.kubernetes.io/selected-node';

/** What has to become of a pod's unbound claims for it to run on a node. */
export interface VolumePlan {
  /** Volumes that are there, each for the claim that gets it. */
  readonly bind: readonly { readonly claim: PersistentVolumeClaim; readonly volume: PersistentVolume }[];
  /** Claims whose volume a provisioner makes for this node. */
  readonly provision: readonly PersistentVolumeClaim[];
}

/** How a node could serve the claims; undefined = it cannot (volumebinding/binder.go FindPodVolumes). The smallest claim chooses first, so that it leaves the large volumes to others. */
export function planVolumes(claims: readonly PersistentVolumeClaim[], { node }: NodeInfo, snapshot: Snapshot): VolumePlan | undefined {
  const bind: { claim: PersistentVolumeClaim; volume: PersistentVolume }[] = [];
  const provision: PersistentVolumeClaim[] = [];
  for (const claim of [...claims].sort((a, b) => compareQuantities(wanted(a), wanted(b)))) {
    const promised = claim.metadata.annotations?.[SELECTED_NODE];
    if (promised !== undefined && promised !== node.metadata.name) return undefined;
    const volume = promised === undefined ? volumeFor(claim, node, snapshot.volumes().filter((v) => bind.every((b) => b.volume !== v))) : undefined;
    if (volume === 'elsewhere') return undefined;
    if (volume) bind.push({ claim, volume });
    else if (mayProvision(snapshot.storageClass(classOf(claim)), node)) provision.push(claim);
    else return undefined;
  }
  return { bind, provision };
}

const classOf = (object: PersistentVolume | PersistentVolumeClaim) => object.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? object.spec.storageClassName ?? '';
const wanted = (claim: PersistentVolumeClaim) => parseQuantity(claim.spec.resources?.requests?.['storage'] ?? '0');
const sizeOf = (volume: PersistentVolume) => parseQuantity(volume.spec.capacity?.['storage'] ?? '0');

/** Whether a volume can be reached from a node. */
export function isReachable({ spec }: PersistentVolume, node: Node): boolean {
  return spec.nodeAffinity?.required?.nodeSelectorTerms.some((term) => matchesTerm(term, node)) ?? true;
}

/** The volume kept for this claim, which may be elsewhere; else the smallest free one here that is large enough (component-helpers volume FindMatchingVolume). */
function volumeFor(claim: PersistentVolumeClaim, node: Node, volumes: readonly PersistentVolume[]): PersistentVolume | 'elsewhere' | undefined {
  const { name, namespace, uid } = claim.metadata;
  const kept = volumes.find(({ spec: { claimRef: ref } }) => ref?.name === name && ref?.namespace === namespace && (!ref?.uid || ref.uid === uid));
  if (kept) return isReachable(kept, node) ? kept : 'elsewhere';
  const selects = claim.spec.selector ? labelSelectorFromObject(claim.spec.selector) : () => true;
  return volumes.filter((volume) => !volume.spec.claimRef && volume.status?.phase === 'Available' && !volume.metadata.deletionTimestamp
    && classOf(volume) === classOf(claim)
    && (volume.spec.volumeMode ?? 'Filesystem') === (claim.spec.volumeMode ?? 'Filesystem')
    && (claim.spec.accessModes ?? []).every((mode) => volume.spec.accessModes?.includes(mode))
    && compareQuantities(sizeOf(volume), wanted(claim)) >= 0
    && selects(volume.metadata.labels ?? {})
    && isReachable(volume, node)).sort((a, b) => compareQuantities(sizeOf(a), sizeOf(b)))[0];
}

/** Whether the class has somebody who makes volumes, on this node too (allowedTopologies). */
function mayProvision(storageClass: StorageClass | undefined, node: Node): boolean {
  if (!storageClass?.provisioner || storageClass.provisioner === 'kubernetes.io/no-provisioner') return false;
  const topologies = storageClass.allowedTopologies ?? [];
  return topologies.length === 0 || topologies.some((term) => (term.matchLabelExpressions ?? []).every(({ key, values }) => values.includes(node.metadata.labels?.[key] ?? '')));
}
