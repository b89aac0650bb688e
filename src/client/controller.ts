/**
 * What a controller does with one key (`namespace/name`). Level-triggered: it is told that something about the key may have changed, never what; it reads, decides, writes, and must be
 * right when called twice or late. (controller-runtime pkg/reconcile.)
 *
 * - resolves with nothing: done until the next change; the key's back-off is forgotten
 * - resolves with `{ afterMs }`: again at that time at the latest
 * - rejects: again after the key's back-off; the error is logged unless it is a Conflict
 */
export type Reconcile = (key: string, signal: AbortSignal) => Promise<void | { readonly afterMs: number }>;

/** A running part of the cluster: controllers, scheduler, kubelet, network. */
export interface Component {
  readonly name: string;
  /** Resolves once caches are filled and it acts. */
  start(): Promise<void>;
  /** Resolves when nothing of it runs any more. Idempotent. */
  stop(): Promise<void>;
}
