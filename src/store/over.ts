import type { Write } from './decide.ts';
import type { State } from './state.ts';
import type { Entry, Store } from './store.ts';

/** A store whose readers see `state` and whose writes all go one way. */
export function storeOver(state: State, write: (request: Write) => Promise<Entry>, { compact, close }: Pick<Store, 'compact' | 'close'>): Store {
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
    compact,
    close,
  };
}
