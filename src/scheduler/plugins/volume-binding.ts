import type { PersistentVolume, PersistentVolumeClaim } from '../../api/types/core.v1.ts';
import { classOf, isReachable } from '../../api/volume-match.ts';
import { refuseForGood, type Plugin } from '../framework.ts';
import type { PodInfo } from '../pod-info.ts';
import type { Snapshot } from '../snapshot.ts';
import { planVolumes } from './volume-plan.ts';

/** Claims must exist; bound ones tie the pod to where their volume is; waiting ones are bound after the node is chosen (upstream plugins/volumebinding). */
export const volumeBinding: Plugin = {
  name: 'VolumeBinding',
  preFilter: (pod, snapshot) => {
    const { name: podName, namespace = '', uid } = pod.pod.metadata;
    for (const { name, ephemeral } of claimNames(pod)) {
      const claim = snapshot.claim(namespace, name);
      if (!claim) return refuseForGood(ephemeral ? `waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"` : `persistentvolumeclaim "${name}" not found`);
      if (claim.status?.phase === 'Lost') return refuseForGood(`persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim.spec.volumeName ?? ''}"`);
      if (claim.metadata.deletionTimestamp) return refuseForGood(`persistentvolumeclaim "${name}" is being deleted`);
      const own = claim.metadata.ownerReferences?.some((owner) => owner.controller && owner.uid === uid);
      if (ephemeral && !own) return refuseForGood(`PVC ${namespace}/${name} was not created for pod ${namespace}/${podName} (pod is not owner)`);
    }
    const early = claimsOf(pod, snapshot).some((claim) => !isBound(claim) && !waitsForConsumer(claim, snapshot));
    return early ? refuseForGood('pod has unbound immediate PersistentVolumeClaims') : undefined;
  },
  filter: (pod, snapshot) => {
    const claims = claimsOf(pod, snapshot);
    const bound = claims.filter(isBound).map((claim) => snapshot.volume(claim.spec.volumeName ?? ''));
    const tied = bound.filter((v): v is PersistentVolume => v?.spec.nodeAffinity?.required !== undefined);
    const open = claims.filter((claim) => !isBound(claim));
    const lost = bound.includes(undefined);
    if (tied.length + open.length === 0 && !lost) return undefined;
    return (node) => {
      const reasons = [
        ...(tied.every((volume) => isReachable(volume, node.node)) ? [] : ["node(s) didn't match PersistentVolume's node affinity"]),
        ...(planVolumes(open, node, snapshot) ? [] : ["node(s) didn't find available persistent volumes to bind"]),
        ...(lost ? ['node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)'] : []),
      ];
      return reasons.length === 0 ? undefined : refuseForGood(...reasons);
    };
  },
};

/** The claims a pod mounts; those of its generic ephemeral volumes are named POD-VOLUME and made by a controller. */
export function claimNames(pod: PodInfo): { readonly name: string; readonly ephemeral: boolean }[] {
  return (pod.pod.spec.volumes ?? []).filter((v) => v.persistentVolumeClaim || v.ephemeral)
    .map((v) => ({ name: v.persistentVolumeClaim?.claimName ?? `${pod.pod.metadata.name}-${v.name}`, ephemeral: !v.persistentVolumeClaim }));
}

/** Those of them that are there. */
export function claimsOf(pod: PodInfo, snapshot: Snapshot): PersistentVolumeClaim[] {
  return claimNames(pod).map(({ name }) => snapshot.claim(pod.pod.metadata.namespace ?? '', name)).filter((c): c is PersistentVolumeClaim => c !== undefined);
}

/** Claims that wait for this pod's node before they are bound. */
export function waitingClaims(pod: PodInfo, snapshot: Snapshot): PersistentVolumeClaim[] {
  return claimsOf(pod, snapshot).filter((claim) => !isBound(claim));
}

function isBound(claim: PersistentVolumeClaim): boolean {
  return (claim.spec.volumeName ?? '') !== '' && claim.status?.phase === 'Bound';
}

function waitsForConsumer(claim: PersistentVolumeClaim, snapshot: Snapshot): boolean {
  return snapshot.storageClass(classOf(claim))?.volumeBindingMode === 'WaitForFirstConsumer';
}
