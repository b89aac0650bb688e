/**
 * Time as a parameter. Everything outside `base/` takes a Clock; nothing else may read the wall clock or set a timer,
 * so that the same code runs in real time, in tests and in the simulator.
 */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Milliseconds on a clock that never jumps; only differences mean something. */
  monotonic(): number;
  /** Calls `fn` once, `ms` from now (at once in a later turn when ms <= 0). */
  after(ms: number, fn: () => void): Timer;
  /** Resolves `ms` from now; rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** A pending call; `cancel` after it fired, or twice, does nothing. */
export interface Timer {
  cancel(): void;
}

/** The machine's own clock. Its timers do not keep the process alive when `unref` is set. */
export function realClock(options: { unref?: boolean } = {}): Clock {
  const after = (ms: number, fn: () => void): Timer => {
    // Node fires at once, with a warning, for delays beyond 2^31-1 ms; such a timer is re-armed instead.
    const max = 2 ** 31 - 1;
    let handle: NodeJS.Timeout;
    const arm = (left: number) => {
      handle = setTimeout(() => (left > max ? arm(left - max) : fn()), Math.max(0, Math.min(left, max)));
      if (options.unref) handle.unref();
    };
    arm(ms);
    return { cancel: () => clearTimeout(handle) };
  };
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    after,
    sleep: (ms, signal) => sleepOn(after, ms, signal),
  };
}

/** A clock that stands still until it is told to move. */
export interface VirtualClock extends Clock {
  /**
   * Moves time forward by `ms`, firing every timer on the way at its own instant, in order of (time, creation). Between two instants it lets
   * all promise chains and `setImmediate` callbacks that are ready run to their end.
   */
  advance(ms: number): Promise<void>;
  /** Advances until `done()` holds, or throws after `limitMs` of virtual time. */
  advanceUntil(done: () => boolean, limitMs: number): Promise<void>;
  /** Lets everything that is ready run, without moving time. */
  settle(): Promise<void>;
  /** How many timers are pending. */
  pending(): number;
}

interface Entry {
  at: number;
  seq: number;
  fn: () => void;
  dead: boolean;
}

/** Creates a virtual clock that starts at `startMs` (default 2025-01-01T00:00:00Z). */
export function virtualClock(startMs = Date.UTC(2025, 0, 1)): VirtualClock {
  let time = startMs;
  let seq = 0;
  let live = 0;
  const heap: Entry[] = [];
  const before = (a: Entry, b: Entry) => a.at < b.at || (a.at === b.at && a.seq < b.seq);

  const push = (entry: Entry) => {
    heap.push(entry);
    let i = heap.length - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!before(entry, heap[parent]!)) break;
      heap[i] = heap[parent]!;
      i = parent;
    }
    heap[i] = entry;
  };
  const pop = (): Entry => {
    const top = heap[0]!;
    const last = heap.pop()!;
    if (heap.length > 0) {
      let i = 0;
      for (;;) {
        let child = 2 * i + 1;
        if (child >= heap.length) break;
        if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
        if (!before(heap[child]!, last)) break;
        heap[i] = heap[child]!;
        i = child;
      }
      heap[i] = last;
    }
    return top;
  };

  const after = (ms: number, fn: () => void): Timer => {
    const entry: Entry = { at: time + Math.max(0, ms), seq: seq++, fn, dead: false };
    live++;
    push(entry);
    return {
      cancel: () => {
        if (entry.dead) return;
        entry.dead = true;
        live--;
      },
    };
  };
  const settle = async () => {
    // One macrotask turn drains the microtask queue; a second lets chains that hop through setImmediate once settle as well.
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
  };
  const step = async (limit: number): Promise<boolean> => {
    while (heap.length > 0 && heap[0]!.dead) pop();
    const next = heap[0];
    if (!next || next.at > limit) return false;
    time = next.at;
    while (heap.length > 0 && heap[0]!.at <= time) {
      const entry = pop();
      if (entry.dead) continue;
      entry.dead = true;
      live--;
      entry.fn();
    }
    await settle();
    return true;
  };

  return {
    now: () => time,
    monotonic: () => time - startMs,
    after,
    sleep: (ms, signal) => sleepOn(after, ms, signal),
    settle,
    pending: () => live,
    async advance(ms) {
      const end = time + ms;
      await settle();
      while (await step(end));
      time = end;
    },
    async advanceUntil(done, limitMs) {
      const end = time + limitMs;
      await settle();
      while (!done()) {
        if (!(await step(end))) throw new Error(`condition not met within ${limitMs} ms of virtual time`);
      }
    },
  };
}

function sleepOn(after: Clock['after'], ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => {
      timer.cancel();
      reject(signal!.reason);
    };
    const timer = after(ms, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
