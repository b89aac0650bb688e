import type { KubeObject } from '../api/object.ts';

/**
 * A local copy of (part of) a resource, kept current by list and watch; client-go's SharedIndexInformer. Implementations must survive a dropped watch, 410 Expired and an API that is
 * away for a while (back-off 0.8 s … 30 s with jitter), and never show an older object after a newer one.
 */
export interface Informer<T extends KubeObject> {
  /** Begins; resolves once the first list is complete. Idempotent. */
  start(): Promise<void>;
  stop(): void;
  readonly synced: boolean;
  get(namespace: string, name: string): T | undefined;
  /** All, or one namespace's. Not sorted. */
  list(namespace?: string): readonly T[];
  /** Objects under `value` of an index given at creation, e.g. pods by node. */
  byIndex(index: string, value: string): readonly T[];
  /** Handlers added late first get an `added` for all that is there. Returns the function that removes it. */
  onChange(handler: ChangeHandler<T>): () => void;
}

export interface ChangeHandler<T extends KubeObject> {
  added?(object: T): void;
  /** Also called on resync, with old === next. */
  updated?(old: T, next: T): void;
  deleted?(last: T): void;
}

export interface InformerOptions<T extends KubeObject> {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Calls `updated(o, o)` for everything at this interval; 0 (default) = never. */
  readonly resyncMs?: number;
  /** Hears of every failed list or refused watch (all are tried again); default: one line on stderr. */
  readonly onError?: (error: Error) => void;
  readonly indices?: Readonly<Record<string, (object: T) => readonly string[]>>;
}
