import type { ResourceType } from '../api/object.ts';
import type { Scheme } from '../apiserver/scheme.ts';

const NEEDED = ['delete', 'list', 'watch'];

/** Every stored resource that can be listed, watched and deleted, in its storage version; read anew at each call, because custom resources come and go. */
export function deletableResources(scheme: Scheme): readonly ResourceType[] {
  return scheme.kinds().filter((kind) => NEEDED.every((verb) => kind.verbs === undefined || kind.verbs.includes(verb)))
    .map(({ storage, kind, plural, namespaced }) => ({ group: storage.group, version: storage.version, kind, plural, namespaced }));
}
