import { isNamespaceTerminating, isReason } from '../api/errors.ts';
import type { Clock } from '../base/clock.ts';
import type { Component, Reconcile } from './controller.ts';
import { type WorkerQueue, workQueue } from './queue.ts';
import type { WorkQueue } from './workqueue.ts';

export interface ControllerOptions {
  readonly name: string;
  readonly clock: Clock;
  /** Keys worked on at once; default 1. */
  readonly workers?: number;
  readonly reconcile: Reconcile;
  /**
   * Registers on informers what adds keys to the queue. Called once, before anything starts. The informers it returns are started and filled before the first key is
   * worked on; they may be shared, so stopping them is left to whoever made them.
   */
  readonly setup: (queue: WorkQueue) => readonly Startable[] | void;
  /**
   * Where a failed reconcile is reported; default: one line on stderr. What is everyday life is not: a Conflict, a NotFound or AlreadyExists that the informers explain soon, and a create in
   * a namespace that is ending or gone, which is not even tried again.
   */
  readonly onError?: (key: string, error: unknown) => void;
}

/** An informer, or anything else that has to be filled first. */
export interface Startable {
  start(): Promise<void>;
}

/** A controller: informers feed a work queue, workers reconcile its keys (client-go's and controller-runtime's loop). `stop` aborts the signal of what is running and waits for it. */
export function controller(options: ControllerOptions): Component {
  const { name, clock, workers = 1, reconcile } = options;
  const onError = options.onError ?? ((key: string, error: unknown) => console.error(`${name}: ${key}: ${error instanceof Error ? error.message : String(error)}`));
  const queue = workQueue(clock);
  const aborter = new AbortController();
  let started: Promise<void> | undefined;
  let running: Promise<unknown> = Promise.resolve();

  const start = async () => {
    const informers = options.setup(queue) ?? [];
    await Promise.all(informers.map((informer) => informer.start()));
    if (aborter.signal.aborted) return;
    running = Promise.all(Array.from({ length: workers }, () => work(queue, reconcile, aborter.signal, onError)));
  };
  return {
    name,
    start: () => (started ??= start()),
    async stop() {
      queue.shutDown();
      aborter.abort(new Error(`${name} is stopping`));
      await running;
    },
  };
}

async function work(queue: WorkerQueue, reconcile: Reconcile, signal: AbortSignal, onError: (key: string, error: unknown) => void): Promise<void> {
  for (let key = await queue.get(); key !== undefined; key = await queue.get()) {
    // After shut-down, what is still queued is handed out once more by the queue; nobody needs it any more.
    if (!signal.aborted) await once(queue, key, reconcile, signal, onError);
    queue.done(key);
  }
}

async function once(queue: WorkQueue, key: string, reconcile: Reconcile, signal: AbortSignal, onError: (key: string, error: unknown) => void): Promise<void> {
  try {
    const result = await reconcile(key, signal);
    queue.forget(key);
    if (result) queue.addAfter(key, result.afterMs);
  } catch (error) {
    if (signal.aborted) return;
    if (isNamespaceEnding(error)) return queue.forget(key);
    const behind = isReason(error, 'NotFound') || isReason(error, 'AlreadyExists');
    if (!isReason(error, 'Conflict') && !(behind && queue.failures(key) < PATIENCE)) onError(key, error);
    queue.addRateLimited(key);
  }
}

/** How often in a row something may be gone, or there already, before it is reported: an informer is that much behind at most. With the queue's back-off a tenth of a second. */
const PATIENCE = 5;

/** Nothing can be made in such a namespace any more, now or later: whoever wanted to needs not try again, nor does anybody need to hear of it. */
function isNamespaceEnding(error: unknown): boolean {
  return isNamespaceTerminating(error) || (isReason(error, 'NotFound') && error.status.details?.kind === 'namespaces');
}
