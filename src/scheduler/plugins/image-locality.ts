import type { Plugin } from '../framework.ts';

const MB = 1024 * 1024;

/** Prefers nodes that have the pod's images (upstream plugins/imagelocality). */
export const imageLocality: Plugin = {
  name: 'ImageLocality',
  score: {
    weight: 1,
    normalize: 'none',
    of: (pod, snapshot) => {
      const containers = [...pod.pod.spec.containers, ...(pod.pod.spec.initContainers ?? [])];
      const wanted = new Set(containers.map((c) => c.image ?? ''));
      const spread = new Map<string, number>();
      for (const { node } of snapshot.nodes) {
        for (const name of new Set((node.status?.images ?? []).flatMap((i) => i.names ?? []))) if (wanted.has(name)) spread.set(name, (spread.get(name) ?? 0) + 1);
      }
      if (spread.size === 0) return undefined;
      const least = 23 * MB;
      const most = 1000 * MB * containers.length;
      return ({ node }) => {
        let sum = 0;
        for (const image of node.status?.images ?? []) {
          const name = image.names?.find((n) => wanted.has(n));
          if (name) sum += (image.sizeBytes ?? 0) * ((spread.get(name) ?? 0) / snapshot.nodes.length);
        }
        return Math.trunc((100 * (Math.max(least, Math.min(most, sum)) - least)) / (most - least));
      };
    },
  },
};
