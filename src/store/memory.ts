import { decide, type Write } from './decide.ts';
import { weightOf } from './entry.ts';
import { HISTORY_LIMIT } from './history.ts';
import { storeOver } from './over.ts';
import { newState } from './state.ts';
import type { Entry, Store } from './store.ts';

/** A store that lives as long as its process. A write is done when its call returns; the promise only says so. */
export function memoryStore(options: { readonly historyLimit?: number } = {}): Store {
  const limit = { ...HISTORY_LIMIT, ...(options.historyLimit !== undefined && { events: options.historyLimit }) };
  const state = newState();
  let closed = false;

  const write = async (request: Write): Promise<Entry> => {
    if (closed) throw new Error('the store is closed');
    const event = decide(request, state.get(request.key), state.revision + 1);
    state.apply(event, weightOf(event.entry.object));
    const excess = state.excess(limit);
    if (excess !== undefined) state.compact(excess);
    return event.entry;
  };

  return storeOver(state, write, {
    compact: (revision) => void state.compact(Math.min(revision, state.revision)),
    close: async () => {
      closed = true;
    },
  });
}
