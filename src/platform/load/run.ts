import { build, type Histogram } from 'hdr-histogram-js';
import type { Socket } from 'node:net';
import type { Clock, Timer } from '../../base/clock.ts';
import { responseReader } from './response.ts';
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

export interface LoadSnapshot {
  readonly elapsedMs: number;
  readonly completed: number;
  /** Failed so far: without a whole answer, or with one of 400 and above. */
  readonly errors: number;
  readonly inFlight: number;
  /** Completed in the last second. */
  readonly perSecond: number;
}

export interface LoadResult {
  readonly elapsedMs: number;
  readonly completed: number;
  readonly bytes: number;
  /** Responses by status code. */
  readonly codes: ReadonlyMap<number, number>;
  /** Failed requests by cause (`ECONNREFUSED`, `timeout`, `closed before the response`). */
  readonly errors: ReadonlyMap<string, number>;
  /** Microseconds. With a rate, from when the request was due, so that a stalled server is not flattered (coordinated omission). */
  readonly latency: Histogram;
  /** Completed requests of each second. */
  readonly timeline: readonly number[];
}

const TIMEOUT_MS = 10_000;

/** Whether an answer with this status counts as a failure. */
export const isFailure = (status: number): boolean => status >= 400;

/** Puts load on a target. Rejects only for what is wrong with the options; failed requests are in the result. */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const { clock, connections, durationMs, requests = Infinity, rate, rampMs = 0, signal } = options;
  if (durationMs === undefined && requests === Infinity) throw new Error('load needs a duration or a number of requests');
  const latency = build({ lowestDiscernibleValue: 1, highestTrackableValue: 600_000_000, numberOfSignificantValueDigits: 3 });
  const tally: Tally = { codes: new Map(), errors: new Map(), timeline: [], bytes: 0, completed: 0, failed: 0, inFlight: 0, latency };
  const start = clock.monotonic();
  const stop = stopper();
  const end = stop.now;
  signal?.addEventListener('abort', end, { once: true });
  const timers: Timer[] = [];
  if (durationMs !== undefined) timers.push(clock.after(durationMs, end));

  let issued = 0;
  /** When the next request is due, or undefined when there is none any more. */
  const next = (): number | undefined => {
    if (stop.stopped || issued >= requests) return undefined;
    const due = rate === undefined ? clock.monotonic() : start + dueAt(issued, rate, rampMs);
    issued++;
    return due;
  };
  const report = () => {
    const elapsedMs = clock.monotonic() - start;
    const second = Math.floor(elapsedMs / 1000);
    options.onProgress?.({ elapsedMs, completed: tally.completed, errors: tally.failed, inFlight: tally.inFlight, perSecond: tally.timeline[Math.max(0, second - 1)] ?? 0 });
    timers[0] = clock.after(100, report);
  };
  if (options.onProgress) timers.unshift(clock.after(100, report));

  // One timer for all requests: one each would cost more than the request.
  const sweepMs = Math.max(5, Math.min(100, (options.timeoutMs ?? TIMEOUT_MS) / 10));
  let sweep: Timer;
  const expire = () => {
    const now = clock.monotonic();
    for (const check of stop.late) check(now);
    sweep = clock.after(sweepMs, expire);
  };
  sweep = clock.after(sweepMs, expire);

  await Promise.all(Array.from({ length: connections }, async (_, i) => {
    if (rampMs > 0 && rate === undefined) await pause(clock, (rampMs * i) / connections, stop);
    await worker(options, next, tally, start, stop);
  }));
  for (const timer of [...timers, sweep]) timer.cancel();
  signal?.removeEventListener('abort', end);
  return { elapsedMs: clock.monotonic() - start, completed: tally.completed, bytes: tally.bytes, codes: tally.codes, errors: tally.errors, latency, timeline: tally.timeline };
}

/** Ends every worker at once. */
interface Stopper {
  readonly stopped: boolean;
  readonly leave: Set<() => void>;
  /** Tells every worker what time it is, so that it gives up a request that takes too long. */
  readonly late: Set<(now: number) => void>;
  now(): void;
}

function stopper(): Stopper {
  const leave = new Set<() => void>();
  let stopped = false;
  return {
    leave,
    late: new Set(),
    get stopped() { return stopped; },
    now() {
      stopped = true;
      for (const go of leave) go();
    },
  };
}

/** Waits, but not beyond the end. */
function pause(clock: Clock, ms: number, stop: Stopper): Promise<void> {
  if (stop.stopped) return Promise.resolve();
  return new Promise((resolve) => {
    const go = () => {
      timer.cancel();
      stop.leave.delete(go);
      resolve();
    };
    const timer = clock.after(ms, go);
    stop.leave.add(go);
  });
}

interface Tally {
  readonly codes: Map<number, number>;
  readonly errors: Map<string, number>;
  readonly timeline: number[];
  readonly latency: Histogram;
  bytes: number;
  completed: number;
  failed: number;
  inFlight: number;
}

/** Milliseconds after the start at which request `n` is due when the rate grows evenly over `rampMs` and then holds. */
export function dueAt(n: number, rate: number, rampMs: number): number {
  const inRamp = (rate * rampMs) / 2000;
  if (n < inRamp) return Math.sqrt((2000 * n * rampMs) / rate);
  return rampMs + ((n - inRamp) * 1000) / rate;
}

/** One connection's life: a request after the other until there are none; a broken connection is opened anew. */
function worker({ target, clock, timeoutMs = TIMEOUT_MS }: LoadOptions, next: () => number | undefined, tally: Tally, start: number, stop: Stopper): Promise<void> {
  return new Promise((resolve) => {
    let socket: Socket | undefined;
    let due: number | undefined;
    let sentAt = 0;
    let waiting: Timer | undefined;

    const settle = () => {
      due = undefined;
      tally.inFlight--;
    };
    const fail = (cause: string) => {
      if (due === undefined) return;
      settle();
      tally.failed++;
      tally.errors.set(cause, (tally.errors.get(cause) ?? 0) + 1);
    };
    const drop = () => {
      const old = socket;
      socket = undefined;
      old?.destroy();
    };
    const leave = () => {
      waiting?.cancel();
      // What is unanswered when time is up is neither a success nor a failure.
      if (due !== undefined) settle();
      drop();
      stop.leave.delete(leave);
      stop.late.delete(late);
      resolve();
    };
    stop.leave.add(leave);
    const late = (now: number) => {
      if (due === undefined || now - sentAt < timeoutMs) return;
      fail('timeout');
      drop();
      step();
    };
    stop.late.add(late);

    const step = () => {
      const at = next();
      if (at === undefined) return leave();
      const left = at - clock.monotonic();
      if (left > 0.5) waiting = clock.after(left, () => send(at));
      else send(at);
    };
    const send = (at: number) => {
      if (stop.stopped) return;
      // Late: from when it was due. A little early (timers are coarse): from now.
      sentAt = clock.monotonic();
      due = Math.min(at, sentAt);
      tally.inFlight++;
      socket ??= open();
      socket.write(target.request);
    };
    const open = (): Socket => {
      const mine = target.open();
      const reader = responseReader(({ status, bytes, keepAlive }) => {
        if (due === undefined) return;
        const now = clock.monotonic();
        tally.latency.recordValue(Math.max(1, Math.round((now - due) * 1000)));
        tally.codes.set(status, (tally.codes.get(status) ?? 0) + 1);
        tally.bytes += bytes;
        tally.completed++;
        if (isFailure(status)) tally.failed++;
        const second = Math.floor((now - start) / 1000);
        tally.timeline[second] = (tally.timeline[second] ?? 0) + 1;
        settle();
        if (!keepAlive) drop();
        step();
      });
      const broken = (cause: string) => {
        if (socket !== mine) return;
        socket = undefined;
        mine.destroy();
        if (due === undefined) return;
        fail(cause);
        // A refusing server is asked again, not hammered.
        waiting = clock.after(10, step);
      };
      mine.on('data', (chunk: Buffer) => {
        try {
          reader.push(chunk);
        } catch (error) {
          broken(error instanceof Error ? error.message : String(error));
        }
      });
      mine.on('error', (error: NodeJS.ErrnoException) => broken(error.code ?? error.message));
      mine.on('close', () => {
        if (!reader.end()) broken('closed before the response');
      });
      return mine;
    };
    step();
  });
}
