import type { PersistentVolume, PersistentVolumeClaim } from '../../api/types/core.v1.ts';
import { refuseForGood, type Plugin } from '../framework.ts';
import type { PodInfo } from '../pod-info.ts';
import type { Snapshot } from '../snapshot.ts';
import { matchesTerm } from './node-affinity.ts';

/** Claims must exist; bound ones tie the pod to where their volume is; waiting ones are bound after the node is chosen (upstream plugins/volumebinding). */
export const volumeBinding: Plugin = {
  name: 'VolumeBinding',
  preFilter: (pod, snapshot) => {
    for (const name of claimNames(pod)) {
      const claim = snapshot.claim(pod.pod.metadata.namespace ?? '', name);
      if (!claim) return refuseForGood(`persistentvolumeclaim "${name}" not found`);
      if (claim.status?.phase === 'Lost') return refuseForGood(`persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim.spec.volumeName ?? ''}"`);
      if (claim.metadata.deletionTimestamp) return refuseForGood(`persistentvolumeclaim "${name}" is being deleted`);
      if (!isBound(claim) && !waitsForConsumer(claim, snapshot)) return refuseForGood('pod has unbound immediate PersistentVolumeClaims');
    }
    return undefined;
  },
  filter: (pod, snapshot) => {
    const volumes = claimNames(pod).map((name) => snapshot.claim(pod.pod.metadata.namespace ?? '', name)).filter((c) => c && isBound(c))
      .map((claim) => snapshot.volume(claim?.spec.volumeName ?? '')).filter((v): v is PersistentVolume => v !== undefined);
    const tied = volumes.filter((v) => v.spec.nodeAffinity?.required);
    if (tied.length === 0) return undefined;
    return ({ node }) => (tied.every((v) => v.spec.nodeAffinity?.required?.nodeSelectorTerms.some((term) => matchesTerm(term, node)))
      ? undefined : refuseForGood("node(s) had volume node affinity conflict"));
  },
};

/** The claims a pod mounts, generic ephemeral ones included (named POD-VOLUME). */
export function claimNames(pod: PodInfo): string[] {
  return (pod.pod.spec.volumes ?? []).flatMap((v) => (v.persistentVolumeClaim ? [v.persistentVolumeClaim.claimName] : v.ephemeral ? [`${pod.pod.metadata.name}-${v.name}`] : []));
}

/** Claims that wait for this pod's node before they are bound. */
export function waitingClaims(pod: PodInfo, snapshot: Snapshot): PersistentVolumeClaim[] {
  return claimNames(pod).map((name) => snapshot.claim(pod.pod.metadata.namespace ?? '', name)).filter((c): c is PersistentVolumeClaim => c !== undefined && !isBound(c));
}

function isBound(claim: PersistentVolumeClaim): boolean {
  return (claim.spec.volumeName ?? '') !== '' && claim.status?.phase === 'Bound';
}

function waitsForConsumer(claim: PersistentVolumeClaim, snapshot: Snapshot): boolean {
  return snapshot.storageClass(claim.spec.storageClassName ?? '')?.volumeBindingMode === 'WaitForFirstConsumer';
}
