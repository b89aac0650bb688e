import type { Pod } from '../api/types/core.v1.ts';
import { parseReference } from '../base/image-reference.ts';
import type { ImageInfo } from '../kubelet/types.ts';

/**
 * The pods, as NAMESPACE/NAME, that need what `coracle rmi` is asked to take away: the image when its last name goes (they run from its files), else the name that their spec has for it
 * (the next start would not find it).
 */
export function podsThatNeed(reference: string, image: ImageInfo, pods: readonly Pod[]): string[] {
  const byId = /^(sha256:)?[a-f0-9]{64}$/.test(reference);
  const tags = image.names.filter((name) => !name.includes('@'));
  const full = byId ? undefined : parseReference(reference).full;
  const last = full === undefined || full.includes('@') || tags.length <= 1;
  const ids = new Set([image.id, image.imageId]);
  return pods.filter(({ status }) => status?.phase !== 'Succeeded' && status?.phase !== 'Failed').filter(({ spec, status }) => {
    const runs = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? []), ...(status?.ephemeralContainerStatuses ?? [])].some(({ imageID }) => ids.has(imageID));
    const asksFor = [...(spec.initContainers ?? []), ...spec.containers, ...(spec.ephemeralContainers ?? [])].some(({ image: wanted }) => {
      const name = normal(wanted ?? '');
      return name !== undefined && (last ? image.names.includes(name) : name === full);
    });
    return last ? runs || asksFor : asksFor;
  }).map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).sort();
}

function normal(reference: string): string | undefined {
  try {
    return parseReference(reference).full;
  } catch {
    return undefined;
  }
}
