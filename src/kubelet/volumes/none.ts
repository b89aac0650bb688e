/** Volumes of nodes that write nothing to disk: they only exist, or are missing, in the API. */
import type { Pod } from '../../api/types/core.v1.ts';
import type { Sources } from './sources.ts';
import { VolumeError, type Volumes } from './types.ts';

export function paperVolumes(sources: Sources): Volumes {
  return {
    async mount(pod: Pod) {
      const failures = await sources.missing(pod);
      if (failures.length > 0) throw new VolumeError(failures);
    },
    update: async () => {},
    mounts: async () => [],
    unmount: async () => {},
    emptyDirUsage: async () => new Map(),
    removeOrphans: async () => {},
    stop: async () => {},
  };
}
