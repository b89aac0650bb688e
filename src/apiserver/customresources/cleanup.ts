import { groupResource } from '../../api/object.ts';
import type { CustomResourceDefinition } from '../../api/types/apiextensions.v1.ts';
import type { Store } from '../../store/store.ts';
import type { Resource, Scheme } from '../scheme.ts';

/** What deleting a definition's instances takes. */
export interface Cleanup {
  readonly store: Store;
  readonly scheme: Scheme;
  /** Deletes every object of a resource, in all namespaces. */
  deleteAll(resource: Resource): Promise<void>;
}

/** Deletes a definition's instances. Resolves with whether none is left; else `again` is called once when one more has gone (they may wait for their finalizers). */
export async function emptied({ store, scheme, deleteAll }: Cleanup, { spec }: CustomResourceDefinition, again: () => void): Promise<boolean> {
  const resource = scheme.stored(spec.group, spec.names.plural);
  if (!resource?.custom) return true;
  await deleteAll(resource);
  const prefix = `${groupResource(resource)}/`;
  const { entries, revision } = store.list(prefix);
  if (entries.length === 0) return true;
  const stop = store.watch(prefix, revision, ({ type }) => {
    if (type !== 'DELETED') return;
    stop();
    again();
  });
  return false;
}
