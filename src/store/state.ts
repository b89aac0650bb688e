import { history as newHistory, type HistoryLimit } from './history.ts';
import { sortedMap } from './sorted.ts';
import { type Entry, FutureRevision, type ListRange, type Range, type StoreEvent } from './store.ts';
import { watchers as newWatchers } from './watchers.ts';

/** What readers of a store see: the objects now, how they came to be, and who watches. Both stores write through `apply`. */
export interface State {
  readonly revision: number;
  readonly oldest: number;
  get(key: string): Entry | undefined;
  list(prefix: string, options?: ListRange): Range;
  watch(prefix: string, from: number, sink: (event: StoreEvent) => void): () => void;
  /** Makes the next revision visible and tells the watchers. `bytes`: what keeping it costs, about. */
  apply(event: StoreEvent, bytes: number): void;
  /** Puts in an object from before the first revision of history. */
  restore(entry: Entry): void;
  /** Forgets history up to and including `revision`; returns what it forgot. */
  compact(revision: number): readonly StoreEvent[];
  /** See History. */
  excess(limit: HistoryLimit): number | undefined;
}

/** A state without objects whose next revision is `start` + 1. */
export function newState(start = 0): State {
  let revision = start;
  const objects = sortedMap<Entry>();
  const history = newHistory(start);
  const watchers = newWatchers();

  return {
    get revision() {
      return revision;
    },
    get oldest() {
      return history.oldest;
    },
    get: (key) => objects.get(key),
    list(prefix, options = {}) {
      const at = options.revision ?? revision;
      if (at > revision) throw new FutureRevision(revision);
      const since = history.since(at);
      const [from, to] = bounds(prefix, options.after);
      const before = changedSince(since, from, to);
      const limit = options.limit ?? Infinity;
      const total = objects.count(from, to) + gained(before, objects.get);
      const entries: Entry[] = [];
      for (const entry of before.size === 0 ? objects.range(from, to) : merged(objects.range(from, to), before)) {
        if (entries.length >= limit) break;
        entries.push(entry);
      }
      return { entries, revision: at, remaining: total - entries.length };
    },
    watch(prefix, from, sink) {
      bounds(prefix);
      if (from > revision) throw new FutureRevision(revision);
      return watchers.add(prefix, revision, history.since(from), sink);
    },
    apply(event, bytes) {
      revision = event.revision;
      if (event.type === 'DELETED') objects.delete(event.entry.key);
      else objects.set(event.entry.key, event.entry);
      history.push(event, bytes);
      watchers.publish(event);
    },
    restore: (entry) => objects.set(entry.key, entry),
    compact: (upTo) => history.forget(upTo),
    excess: history.excess,
  };
}

/** The half-open range of keys under a prefix, strictly after `after`. */
function bounds(prefix: string, after = ''): [from: string, to: string] {
  if (prefix !== '' && !prefix.endsWith('/')) throw new TypeError(`a prefix ends in '/', "${prefix}" does not`);
  const from = after >= prefix && after !== '' ? `${after}\0` : prefix;
  // '0' follows '/', so every key under `pods/` is below `pods0`.
  return [from, prefix === '' ? '\uffff' : `${prefix.slice(0, -1)}0`];
}

/** What the keys of [from, to) that were written in `events` held before the first of them. */
function changedSince(events: readonly StoreEvent[], from: string, to: string): Map<string, Entry | undefined> {
  const before = new Map<string, Entry | undefined>();
  for (const { entry, previous } of events) {
    if (entry.key >= from && entry.key < to && !before.has(entry.key)) before.set(entry.key, previous);
  }
  return before;
}

/** How many keys more there were before than there are now. */
function gained(before: Map<string, Entry | undefined>, now: (key: string) => Entry | undefined): number {
  let sum = 0;
  for (const [key, entry] of before) sum += Number(entry !== undefined) - Number(now(key) !== undefined);
  return sum;
}

/** The current entries, with those that changed put back to what they were. */
function* merged(current: Iterable<Entry>, before: Map<string, Entry | undefined>): Generator<Entry> {
  const old = [...before.values()].filter((entry) => entry !== undefined).sort((a, b) => (a.key < b.key ? -1 : 1));
  let next = 0;
  for (const entry of current) {
    while (next < old.length && old[next]!.key <= entry.key) yield old[next++]!;
    if (!before.has(entry.key)) yield entry;
  }
  yield* old.slice(next);
}
