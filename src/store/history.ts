import { Compacted, type StoreEvent } from './store.ts';

/** The last events, each one revision after the other without a gap. */
export interface History {
  /** Events up to and including this revision are forgotten. */
  readonly oldest: number;
  readonly length: number;
  push(event: StoreEvent): void;
  /** Events after `revision`, oldest first. Throws Compacted. */
  since(revision: number): readonly StoreEvent[];
  /** Forgets up to and including `revision`; returns what it forgot. */
  forget(revision: number): readonly StoreEvent[];
}

export function history(start: number): History {
  let oldest = start;
  let events: StoreEvent[] = [];
  return {
    get oldest() {
      return oldest;
    },
    get length() {
      return events.length;
    },
    push: (event) => void events.push(event),
    since(revision) {
      if (revision < oldest) throw new Compacted(oldest);
      return events.slice(revision - oldest);
    },
    forget(revision) {
      const count = Math.min(events.length, Math.max(0, revision - oldest));
      const forgotten = events.slice(0, count);
      events = events.slice(count);
      oldest += count;
      return forgotten;
    },
  };
}
