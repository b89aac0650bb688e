import type { KubeObject } from '../api/object.ts';
import type { Entry, Store } from './store.ts';

/** Objects that are made when they are asked for: `prefix` is where they stand (`pods.metrics.k8s.io/`). */
export interface LiveSource {
  readonly prefix: string;
  /** The objects as they are now, in key order. They have no history and cannot be watched or written. */
  readonly list: () => readonly KubeObject[];
}

/** A store in which some resources are not stored but read from a source: usage, which changes every second and which nobody needs to keep. */
export function withLive(store: Store, sources: readonly LiveSource[]): Store {
  const sourceOf = (key: string) => sources.find((source) => key.startsWith(source.prefix));
  const entryOf = (source: LiveSource, object: KubeObject): Entry => {
    const { namespace = '', name = '' } = object.metadata;
    return { key: `${source.prefix}${namespace}/${name}`, revision: store.revision, object, encoded: () => Buffer.from(JSON.stringify(object)) };
  };
  return {
    get revision() { return store.revision; },
    get oldest() { return store.oldest; },
    get(key) {
      const source = sourceOf(key);
      return source ? source.list().map((object) => entryOf(source, object)).find((entry) => entry.key === key) : store.get(key);
    },
    list(prefix, range = {}) {
      const source = sourceOf(prefix);
      if (!source) return store.list(prefix, range);
      const all = source.list().map((object) => entryOf(source, object)).filter((entry) => entry.key.startsWith(prefix) && (range.after === undefined || entry.key > range.after));
      const limit = range.limit ?? all.length;
      return { entries: all.slice(0, limit), revision: store.revision, remaining: Math.max(0, all.length - limit) };
    },
    create: store.create.bind(store),
    update: store.update.bind(store),
    delete: store.delete.bind(store),
    watch: store.watch.bind(store),
    compact: store.compact.bind(store),
    close: store.close.bind(store),
  };
}
