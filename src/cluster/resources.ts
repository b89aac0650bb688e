import type { ResourceType } from '../api/object.ts';
import type { Scheme } from '../apiserver/scheme.ts';

const NEEDED = ['delete', 'list', 'watch'];

/** Every stored resource that can be listed, watched and deleted, in its storage version; read anew at each call, because custom resources come and go. */
export function deletableResources(scheme: Scheme): readonly ResourceType[] {
  return scheme.kinds().filter((kind) => NEEDED.every((verb) => kind.verbs === undefined || kind.verbs.includes(verb)))
    .flatMap(({ storage, served = [], kind, plural, namespaced }) => {
      // A custom resource may be stored in a version that is not served.
      const reachable = storage.unserved ? served[0] : storage;
      return reachable ? [{ group: reachable.group, version: reachable.version, kind, plural, namespaced }] : [];
    });
}
