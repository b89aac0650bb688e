import type { StoreEvent } from './store.ts';

/** Hands each event to those who watch one of its key's prefixes; whoever watches other prefixes costs nothing. */
export interface Watchers {
  /** First `missed`, at once; from then on events after revision `seen`. Returns the function that ends it. */
  add(prefix: string, seen: number, missed: readonly StoreEvent[], sink: (event: StoreEvent) => void): () => void;
  publish(event: StoreEvent): void;
}

interface Watcher {
  readonly sink: (event: StoreEvent) => void;
  seen: number;
  stopped: boolean;
}

export function watchers(): Watchers {
  const byPrefix = new Map<string, Set<Watcher>>();
  const queue: StoreEvent[] = [];
  let delivering = false;

  const deliver = (event: StoreEvent) => {
    for (const prefix of prefixesOf(event.entry.key)) {
      const set = byPrefix.get(prefix);
      if (set === undefined) continue;
      for (const watcher of set) {
        // A watcher that came while this event waited has had it from history.
        if (watcher.stopped || event.revision <= watcher.seen) continue;
        watcher.seen = event.revision;
        guarded(() => watcher.sink(event));
      }
    }
  };

  // A sink that writes publishes within a delivery; its event waits, so that every sink sees the revisions in order.
  const inOrder = (first: () => void) => {
    if (delivering) return first();
    delivering = true;
    first();
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) deliver(next);
    delivering = false;
  };

  return {
    add(prefix, seen, missed, sink) {
      const watcher: Watcher = { sink, seen, stopped: false };
      let set = byPrefix.get(prefix);
      if (set === undefined) byPrefix.set(prefix, (set = new Set()));
      set.add(watcher);
      inOrder(() => {
        for (const event of missed) if (!watcher.stopped && event.entry.key.startsWith(prefix)) guarded(() => sink(event));
      });
      return () => {
        watcher.stopped = true;
        const set = byPrefix.get(prefix);
        if (set?.delete(watcher) && set.size === 0) byPrefix.delete(prefix);
      };
    },
    publish(event) {
      queue.push(event);
      inOrder(() => {});
    },
  };
}

/** '' and every part of the key up to a slash: `pods/default/web` is under '', `pods/` and `pods/default/`. */
function prefixesOf(key: string): string[] {
  const prefixes = [''];
  for (let slash = key.indexOf('/'); slash >= 0; slash = key.indexOf('/', slash + 1)) prefixes.push(key.slice(0, slash + 1));
  return prefixes;
}

/** A sink's failure is its own: it surfaces as an uncaught exception, and neither the writer nor the other sinks notice. */
function guarded(call: () => void): void {
  try {
    call();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
