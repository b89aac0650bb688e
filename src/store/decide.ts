import type { KubeObject } from '../api/object.ts';
import { entryAt } from './entry.ts';
import { type Entry, type StoreEvent, WriteConflict } from './store.ts';

/** What somebody asks of a store. `expected`: the revision that the caller saw. */
export type Write =
  | { readonly verb: 'create'; readonly key: string; readonly object: KubeObject }
  | { readonly verb: 'update'; readonly key: string; readonly object: KubeObject; readonly expected: number | undefined }
  | { readonly verb: 'delete'; readonly key: string; readonly expected: number | undefined };

/** What a write does as `revision`, where `current` is what its key holds. Throws WriteConflict. */
export function decide(write: Write, current: Entry | undefined, revision: number): StoreEvent {
  const { key } = write;
  if (write.verb === 'create') {
    if (current !== undefined) throw new WriteConflict('exists', key);
    return { type: 'ADDED', revision, entry: entryAt(key, revision, write.object) };
  }
  if (current === undefined) throw new WriteConflict('missing', key);
  if (write.expected !== undefined && write.expected !== current.revision) throw new WriteConflict('revision', key);
  if (write.verb === 'update') return { type: 'MODIFIED', revision, entry: entryAt(key, revision, write.object), previous: current };
  return { type: 'DELETED', revision, entry: entryAt(key, revision, current.object), previous: current };
}
