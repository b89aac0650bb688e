import { refuseForGood, type Plugin } from '../framework.ts';
import { claimsOf } from './volume-binding.ts';

/** The labels by which volumes and nodes say where they are, and what the old ones are called today. */
const TODAY: Readonly<Record<string, string>> = {
  'topology.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region': 'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
};

/** A volume that is labelled with a zone or region is used there (upstream plugins/volumezone); on nodes that say neither, anywhere. */
export const volumeZone: Plugin = {
  name: 'VolumeZone',
  filter: (pod, snapshot) => {
    const places = claimsOf(pod, snapshot).flatMap((claim) => {
      const labels = snapshot.volume(claim.spec.volumeName ?? '')?.metadata.labels ?? {};
      // A volume in several zones names them all.
      return Object.keys(TODAY).filter((key) => labels[key] !== undefined).map((key) => ({ key, among: labels[key]!.split('__').map((zone) => zone.trim()) }));
    });
    if (places.length === 0) return undefined;
    return ({ node: { metadata: { labels = {} } } }) => {
      const somewhere = Object.keys(TODAY).some((key) => labels[key] !== undefined);
      const fits = places.every(({ key, among }) => among.includes(labels[key] ?? labels[TODAY[key] ?? ''] ?? ''));
      return somewhere && !fits ? refuseForGood('node(s) had no available volume zone') : undefined;
    };
  },
};
