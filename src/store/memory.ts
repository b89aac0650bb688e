import { decide, type Write } from './decide.ts';
import { newState } from './state.ts';
import type { Entry, Store } from './store.ts';

/** Default number of events that a store keeps at least, for watches and lists from an older revision. */
export const HISTORY_LIMIT = 10_000;

/** A store that lives as long as its process. A write is done when its call returns; the promise only says so. */
export function memoryStore(options: { readonly historyLimit?: number } = {}): Store {
  const limit = options.historyLimit ?? HISTORY_LIMIT;
  const state = newState();
  let closed = false;

  const write = async (request: Write): Promise<Entry> => {
    if (closed) throw new Error('the store is closed');
    const event = decide(request, state.get(request.key), state.revision + 1);
    state.apply(event);
    // A quarter at a time: forgetting moves the whole history.
    if (state.revision - state.oldest > limit * 1.25) state.compact(state.revision - limit);
    return event.entry;
  };

  return {
    get revision() {
      return state.revision;
    },
    get oldest() {
      return state.oldest;
    },
    get: state.get,
    list: state.list,
    watch: state.watch,
    create: (key, object) => write({ verb: 'create', key, object }),
    update: (key, object, expected) => write({ verb: 'update', key, object, expected }),
    delete: (key, expected) => write({ verb: 'delete', key, expected }),
    compact: (revision) => void state.compact(Math.min(revision, state.revision)),
    close: async () => {
      closed = true;
    },
  };
}
