import { Compacted, type StoreEvent } from './store.ts';

/** The last events, each one revision after the other without a gap. */
export interface History {
  /** Events up to and including this revision are forgotten. */
  readonly oldest: number;
  readonly length: number;
  /** `bytes`: what keeping it costs, about. */
  push(event: StoreEvent, bytes: number): void;
  /** Events after `revision`, oldest first. Throws Compacted. */
  since(revision: number): readonly StoreEvent[];
  /** Forgets up to and including `revision`; returns what it forgot. */
  forget(revision: number): readonly StoreEvent[];
  /** Up to which revision to forget so that no more than that is kept; undefined as long as it is not exceeded by a quarter, since forgetting moves the whole history. */
  excess(limit: HistoryLimit): number | undefined;
}

/** How much history a store keeps, for watches and lists from an older revision. */
export interface HistoryLimit {
  readonly events: number;
  /** Of the objects' JSON; the objects themselves take two to three times as much. Some events are kept whatever their size. */
  readonly bytes: number;
}

export const HISTORY_LIMIT: HistoryLimit = { events: 10_000, bytes: 32 << 20 };

/** Kept however large they are: a watcher that is away for a moment must find its place again. */
const ALWAYS = 50;

export function history(start: number): History {
  let oldest = start;
  let events: StoreEvent[] = [];
  let sizes: number[] = [];
  let total = 0;
  return {
    get oldest() {
      return oldest;
    },
    get length() {
      return events.length;
    },
    push(event, bytes) {
      events.push(event);
      sizes.push(bytes);
      total += bytes;
    },
    since(revision) {
      if (revision < oldest) throw new Compacted(oldest);
      return events.slice(revision - oldest);
    },
    forget(revision) {
      const count = Math.min(events.length, Math.max(0, revision - oldest));
      const forgotten = events.slice(0, count);
      events = events.slice(count);
      for (let i = 0; i < count; i++) total -= sizes[i]!;
      sizes = sizes.slice(count);
      oldest += count;
      return forgotten;
    },
    excess(limit) {
      if (events.length <= limit.events * 1.25 && (total <= limit.bytes * 1.25 || events.length <= ALWAYS * 1.25)) return undefined;
      let count = Math.max(0, events.length - limit.events);
      let rest = total;
      for (let i = 0; i < count; i++) rest -= sizes[i]!;
      while (rest > limit.bytes && events.length - count > ALWAYS) rest -= sizes[count++]!;
      return oldest + count;
    },
  };
}
