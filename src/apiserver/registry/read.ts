import { expired, notFound } from '../../api/errors.ts';
import { Compacted, type Entry } from '../../store/store.ts';
import type { Resource } from '../scheme.ts';
import { keyOf, type Core } from './core.ts';
import { decodeContinue, encodeContinue, expiredContinue, parseRevision, validateListParams, waitForRevision, type ListParams } from './revision.ts';
import type { Selection } from './selection.ts';

/** The stored object. Throws NotFound. */
export function get(core: Core, resource: Resource, namespace: string, name: string): Entry {
  const entry = core.store.get(keyOf(resource, namespace, name));
  if (!entry) throw notFound(resource, name);
  return entry;
}

/** One page of a list. */
export interface Page {
  readonly entries: readonly Entry[];
  readonly revision: number;
  readonly continue?: string;
  readonly remaining?: number;
}

/** Lists a resource, in one namespace or ('' ) all. */
export async function list(core: Core, resource: Resource, namespace: string, selected: Selection, params: ListParams): Promise<Page> {
  validateListParams(params);
  const { store } = core;
  const prefix = namespace === '' ? resource.prefix : `${resource.prefix}${namespace}/`;
  const wanted = parseRevision(params.resourceVersion);
  if (wanted > store.revision) await waitForRevision(store, core.clock, wanted);
  if (params.continue) return page(core, prefix, selected, params, decodeContinue(params.continue, prefix));
  if (params.resourceVersionMatch === 'Exact') return page(core, prefix, selected, params, { revision: wanted, after: '' });
  // A revision 0 list comes from upstream's watch cache, which knows no pages.
  return page(core, prefix, selected, params.resourceVersion === '0' ? { ...params, limit: 0 } : params, { revision: -1, after: '' });
}

function page(core: Core, prefix: string, selected: Selection, params: ListParams, at: { revision: number; after: string }): Page {
  const { store } = core;
  const { limit = 0 } = params;
  const revision = at.revision === -1 ? store.revision : at.revision;
  const range = { ...(at.after !== '' && { after: at.after }), ...(revision !== store.revision && { revision }) };
  try {
    if (limit === 0) {
      const all = store.list(prefix, range);
      return { entries: selected.matches ? all.entries.filter((entry) => selected.matches!(entry.object)) : all.entries, revision };
    }
    if (!selected.matches) {
      const some = store.list(prefix, { ...range, limit });
      if (some.remaining === 0) return { entries: some.entries, revision };
      return { entries: some.entries, revision, remaining: some.remaining, continue: encodeContinue({ revision, after: some.entries.at(-1)!.key }) };
    }
    const all = store.list(prefix, range).entries.filter((entry) => selected.matches!(entry.object));
    if (all.length <= limit) return { entries: all, revision };
    const entries = all.slice(0, limit);
    return { entries, revision, continue: encodeContinue({ revision, after: entries.at(-1)!.key }) };
  } catch (error) {
    if (!(error instanceof Compacted)) throw error;
    if (params.continue) throw expiredContinue(at.after);
    throw expired(`The resourceVersion for the provided list is too old.`);
  }
}
