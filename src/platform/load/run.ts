import type { Clock, Timer } from '../../base/clock.ts';
import { connection, type Connection } from './connection.ts';
import { tally, type LoadResult, type LoadSnapshot } from './tally.ts';
import type { Target } from './target.ts';

export interface LoadOptions {
  readonly target: Target;
  readonly clock: Clock;
  /** Connections at once. */
  readonly connections: number;
  /** Whichever comes first; at least one must be given. */
  readonly durationMs?: number;
  readonly requests?: number;
  /** Requests per second over all connections; undefined = as many as are answered. */
  readonly rate?: number;
  /** Time over which connections (or the rate) grow from nothing to their number. */
  readonly rampMs?: number;
  readonly timeoutMs?: number;
  /** Called about ten times a second. */
  readonly onProgress?: (snapshot: LoadSnapshot) => void;
  readonly signal?: AbortSignal;
}

const TIMEOUT_MS = 10_000;
const PROGRESS_MS = 100;
const BUFFER_BYTES = 64 * 1024;

/** Puts load on a target. Rejects only for what is wrong with the options; failed requests are in the result. */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const { target, clock, durationMs, requests = Infinity, rate, rampMs = 0, timeoutMs = TIMEOUT_MS, onProgress, signal } = options;
  if (durationMs === undefined && requests === Infinity) throw new Error('load needs a duration or a number of requests');
  const start = clock.monotonic();
  const counted = tally(start);
  const connections: Connection[] = [];
  const stop = new AbortController();
  const end = () => stop.abort();
  stop.signal.addEventListener('abort', () => connections.forEach((each) => each.leave()), { once: true });
  signal?.addEventListener('abort', end, { once: true });

  let issued = 0;
  const next = (now: number): number | undefined => {
    if (stop.signal.aborted || issued >= requests) return undefined;
    const due = rate === undefined ? now : start + dueAt(issued, rate, rampMs);
    issued++;
    return due;
  };
  const timers = [
    ...(durationMs === undefined ? [] : [clock.after(durationMs, end)]),
    ...(onProgress ? [every(clock, PROGRESS_MS, (now) => onProgress(counted.snapshot(now)))] : []),
    // One timer for all requests: one each would cost more than the request.
    every(clock, Math.max(5, Math.min(100, timeoutMs / 10)), (now) => connections.forEach((each) => each.expire(now))),
  ];
  const shared = { target, clock, timeoutMs, tally: counted, buffer: Buffer.allocUnsafeSlow(BUFFER_BYTES), next };
  await Promise.all(Array.from({ length: options.connections }, async (_, i) => {
    if (rampMs > 0 && rate === undefined) await clock.sleep((rampMs * i) / options.connections, stop.signal).catch(() => {});
    const mine = connection(shared);
    connections.push(mine);
    await mine.over;
  }));
  for (const timer of timers) timer.cancel();
  signal?.removeEventListener('abort', end);
  return counted.result(clock.monotonic());
}

/** Calls `fn` every `ms` until it is cancelled. */
function every(clock: Clock, ms: number, fn: (now: number) => void): Timer {
  const again = () => {
    timer = clock.after(ms, again);
    fn(clock.monotonic());
  };
  let timer = clock.after(ms, again);
  return { cancel: () => timer.cancel() };
}

/** Milliseconds after the start at which request `n` is due when the rate grows evenly over `rampMs` and then holds. */
export function dueAt(n: number, rate: number, rampMs: number): number {
  const inRamp = (rate * rampMs) / 2000;
  if (n < inRamp) return Math.sqrt((2000 * n * rampMs) / rate);
  return rampMs + ((n - inRamp) * 1000) / rate;
}
