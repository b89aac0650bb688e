import type { Pod } from '../api/types/core.v1.ts';
import { keyFor } from './names.ts';

/** The name of the index of pods by the claims they mount. */
export const BY_CLAIM = 'claim';

/** The claims a pod mounts, `namespace/name`; that of a generic ephemeral volume is named POD-VOLUME. */
export function claimKeys({ metadata, spec }: Pod): string[] {
  return (spec.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }) => {
    if (persistentVolumeClaim) return [keyFor(metadata.namespace, persistentVolumeClaim.claimName)];
    return ephemeral ? [keyFor(metadata.namespace, `${metadata.name ?? ''}-${name}`)] : [];
  });
}
