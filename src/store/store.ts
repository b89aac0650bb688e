import type { KubeObject } from '../api/object.ts';

/**
 * Versioned objects with watch. One revision counts all writes; it is each object's metadata.resourceVersion. A key is
 * `RESOURCE/NAMESPACE/NAME` (`deployments.apps/default/web`, `nodes//n1`); prefixes end in `/`.
 *
 * Implementations: `memoryStore` and `durableStore` (an append-only log); both pass `store.suite.ts`.
 */
export interface Store {
  /** The newest revision that readers can see. 0 = nothing was ever written. */
  readonly revision: number;
  /** Watches and lists from a revision older than this are refused with Compacted. */
  readonly oldest: number;

  get(key: string): Entry | undefined;
  /** Entries whose key starts with `prefix`, in key order, as of `revision` (default: newest). Throws Compacted, or FutureRevision. */
  list(prefix: string, options?: ListRange): Range;

  /**
   * Writes. Each resolves with the new entry once it is durable and visible, in revision order. The entry's object is a shallow copy with its resourceVersion set; the store owns what is below
   * (frozen in tests), `object` and its `metadata` stay the caller's. Two writes to one key never both succeed from one revision. Rejects with WriteConflict.
   */
  create(key: string, object: KubeObject): Promise<Entry>;
  /** `expected`: the revision the caller saw; undefined overwrites whatever is there, but the key must exist. */
  update(key: string, object: KubeObject, expected: number | undefined): Promise<Entry>;
  /** Resolves with the last entry, its resourceVersion moved to the revision of the deletion. */
  delete(key: string, expected?: number): Promise<Entry>;

  /**
   * Calls `sink.event` for every write under `prefix` after revision `from` (that is: from+1 onwards), in order, none lost, none twice; history first, synchronously.
   * Throws Compacted when `from` < oldest. A sink must not block: it is called in the writer's turn. Returns the function that ends it.
   */
  watch(prefix: string, from: number, sink: (event: StoreEvent) => void): () => void;

  /** Forgets history up to and including `revision`. */
  compact(revision: number): void;
  /** Waits for pending writes; later calls reject. */
  close(): Promise<void>;
}

export interface Entry {
  readonly key: string;
  readonly revision: number;
  readonly object: KubeObject;
  /** The object as UTF-8 JSON, encoded once. */
  encoded(): Buffer;
}

export interface StoreEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly revision: number;
  readonly entry: Entry;
  /** What was there before, for MODIFIED and DELETED. */
  readonly previous?: Entry;
}

export interface ListRange {
  readonly limit?: number;
  /** Only keys strictly after this one. */
  readonly after?: string;
  readonly revision?: number;
}

export interface Range {
  readonly entries: readonly Entry[];
  readonly revision: number;
  /** How many follow beyond `limit`. */
  readonly remaining: number;
}

/** The write lost: the key exists, is gone, or is at another revision. */
export class WriteConflict extends Error {
  readonly why: 'exists' | 'missing' | 'revision';
  readonly key: string;

  constructor(why: 'exists' | 'missing' | 'revision', key: string) {
    super(`${key}: ${why}`);
    this.name = 'WriteConflict';
    this.why = why;
    this.key = key;
  }
}

/** The revision asked for is no longer in history. */
export class Compacted extends Error {
  readonly oldest: number;

  constructor(oldest: number) {
    super(`required revision has been compacted; oldest is ${oldest}`);
    this.name = 'Compacted';
    this.oldest = oldest;
  }
}

/** The revision asked for has not happened yet. */
export class FutureRevision extends Error {
  readonly current: number;

  constructor(current: number) {
    super(`revision is in the future; current is ${current}`);
    this.name = 'FutureRevision';
    this.current = current;
  }
}
