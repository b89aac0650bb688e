import { refuse, type Plugin } from '../framework.ts';
import { claimNames, claimsOf } from './volume-binding.ts';

/** A claim that is ReadWriteOncePod has one pod at a time, on whatever node (upstream plugins/volumerestrictions). */
export const volumeRestrictions: Plugin = {
  name: 'VolumeRestrictions',
  filter: (pod, snapshot) => {
    const { namespace } = pod.pod.metadata;
    const alone = new Set(claimsOf(pod, snapshot).filter((claim) => claim.spec.accessModes?.includes('ReadWriteOncePod')).map((claim) => claim.metadata.name));
    if (alone.size === 0) return undefined;
    const inUse = snapshot.nodes.some(({ pods }) => [...pods.values()].some((other) => other.uid !== pod.uid && other.pod.metadata.namespace === namespace && claimNames(other).some(({ name }) => alone.has(name))));
    return inUse ? () => refuse('node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode') : undefined;
  },
};
