import type { Clock, Timer } from '../base/clock.ts';
import type { WorkQueue } from './workqueue.ts';

/** The queue with its workers' side. */
export interface WorkerQueue extends WorkQueue {
  /** Resolves with the next key, which is then this worker's until `done`; undefined once the queue is shut down and empty. */
  get(): Promise<string | undefined>;
  done(key: string): void;
}

export interface WorkQueueOptions {
  /** First back-off; default 5 ms. */
  readonly baseMs?: number;
  /** Longest back-off; default 1,000 s. */
  readonly maxMs?: number;
}

/** client-go util/workqueue: queue.go (dirty and processing sets), delaying_queue.go, default_rate_limiters.go (per item, exponential). */
export function workQueue(clock: Clock, options: WorkQueueOptions = {}): WorkerQueue {
  const { baseMs = 5, maxMs = 1_000_000 } = options;
  /** Keys to be handed out, in order; all of them are dirty and none is processing. */
  const ready = new Set<string>();
  const dirty = new Set<string>();
  const processing = new Set<string>();
  const waiting = new Map<string, { readonly at: number; readonly timer: Timer }>();
  const failed = new Map<string, number>();
  const idle: ((key: string | undefined) => void)[] = [];
  let down = false;

  const take = (key: string) => {
    processing.add(key);
    dirty.delete(key);
    return key;
  };
  const offer = (key: string) => {
    const worker = idle.shift();
    if (worker) worker(take(key));
    else ready.add(key);
  };
  const add = (key: string) => {
    if (down || dirty.has(key)) return;
    dirty.add(key);
    if (!processing.has(key)) offer(key);
  };
  const addAfter = (key: string, ms: number) => {
    if (down) return;
    if (ms <= 0) return add(key);
    const at = clock.monotonic() + ms;
    const earlier = waiting.get(key);
    if (earlier && earlier.at <= at) return;
    earlier?.timer.cancel();
    const timer = clock.after(ms, () => {
      waiting.delete(key);
      add(key);
    });
    waiting.set(key, { at, timer });
  };

  return {
    add,
    addAfter,
    addRateLimited(key) {
      const failures = failed.get(key) ?? 0;
      failed.set(key, failures + 1);
      addAfter(key, Math.min(maxMs, baseMs * 2 ** failures));
    },
    forget: (key) => void failed.delete(key),
    failures: (key) => failed.get(key) ?? 0,
    get length() {
      return ready.size;
    },
    async get() {
      const [next] = ready;
      if (next !== undefined) {
        ready.delete(next);
        return take(next);
      }
      return down ? undefined : new Promise((resolve) => idle.push(resolve));
    },
    done(key) {
      processing.delete(key);
      if (dirty.has(key)) offer(key);
    },
    shutDown() {
      down = true;
      for (const { timer } of waiting.values()) timer.cancel();
      waiting.clear();
      for (const worker of idle.splice(0)) worker(undefined);
    },
  };
}
