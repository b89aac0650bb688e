import type { Clock } from '../../base/clock.ts';
import { ImageError, type ImageInfo, type ImageService } from '../types.ts';

/** A registry that has every image but those whose pull time the model gives as an error. */
export interface SimulatedImages {
  readonly clock: Clock;
  /** How long a pull takes, ms, or why it fails. Default 0. */
  readonly pull?: (reference: string) => number | { readonly error: string };
}

/** Images for simulated nodes: present once pulled, empty inside. */
export function simulatedImages({ clock, pull = () => 0 }: SimulatedImages): ImageService {
  const local = new Map<string, ImageInfo>();
  const info = (reference: string): ImageInfo => ({
    id: `sha256:${Buffer.from(reference).toString('hex').padEnd(64, '0').slice(0, 64)}`, reference, imageId: reference, names: [reference], sizeBytes: 0, layers: [], host: false,
    config: { entrypoint: ['/simulated'], cmd: [], env: [], workingDir: '/', user: '', stopSignal: undefined, exposedPorts: [], labels: {} },
  });
  return {
    status: async (reference) => local.get(reference),
    async pull(reference, _auth, signal) {
      const outcome = pull(reference);
      if (typeof outcome !== 'number') throw new ImageError('ErrImagePull', outcome.error);
      if (outcome > 0) await clock.sleep(outcome, signal);
      const image = info(reference);
      local.set(reference, image);
      return image;
    },
    resolveUser: async (_image, user) => {
      const [uid = 0, gid = 0] = user.split(':').map((id) => Number(id) || 0);
      return { uid, gid, supplementalGroups: [] };
    },
    list: async () => [...local.values()],
  };
}
