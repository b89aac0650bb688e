import type { Node, PersistentVolume, PersistentVolumeClaim } from '../../api/types/core.v1.ts';
import type { StorageClass } from '../../api/types/storage.v1.ts';
import { classOf, findVolume, isReachable, wantedSize } from '../../api/volume-match.ts';
import { compareQuantities } from '../../base/quantity.ts';
import type { NodeInfo } from '../node-info.ts';
import type { Snapshot } from '../snapshot.ts';

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
  for (const claim of [...claims].sort((a, b) => compareQuantities(wantedSize(a), wantedSize(b)))) {
    const promised = claim.metadata.annotations?.[SELECTED_NODE];
    if (promised !== undefined && promised !== node.metadata.name) return undefined;
    const volume = promised === undefined ? findVolume(claim, snapshot.volumes().filter((v) => bind.every((b) => b.volume !== v)), node) : undefined;
    // One that is kept for the claim may be elsewhere.
    if (volume && !isReachable(volume, node)) return undefined;
    if (volume) bind.push({ claim, volume });
    else if (mayProvision(snapshot.storageClass(classOf(claim)), node)) provision.push(claim);
    else return undefined;
  }
  return { bind, provision };
}

/** Whether the class has somebody who makes volumes, on this node too (allowedTopologies). */
function mayProvision(storageClass: StorageClass | undefined, node: Node): boolean {
  if (!storageClass?.provisioner || storageClass.provisioner === 'kubernetes.io/no-provisioner') return false;
  const topologies = storageClass.allowedTopologies ?? [];
  return topologies.length === 0 || topologies.some((term) => (term.matchLabelExpressions ?? []).every(({ key, values }) => values.includes(node.metadata.labels?.[key] ?? '')));
}
