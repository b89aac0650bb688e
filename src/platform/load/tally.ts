import { build, type Histogram } from 'hdr-histogram-js';

/** What a run has counted. */
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

/** How far a run has come. */
export interface LoadSnapshot {
  readonly elapsedMs: number;
  readonly completed: number;
  /** Failed so far: without a whole answer, or with one of 400 and above. */
  readonly errors: number;
  readonly inFlight: number;
  /** Completed in the last second. */
  readonly perSecond: number;
}

/** Counts a run's requests. Times are of the run's monotonic clock, in milliseconds. */
export interface Tally {
  sent(): void;
  /** A whole answer came at `now` to what was due at `due`. */
  answered(status: number, bytes: number, due: number, now: number): void;
  failed(cause: string): void;
  /** Given up without an answer because the run is over: neither a success nor a failure. */
  abandoned(): void;
  snapshot(now: number): LoadSnapshot;
  result(now: number): LoadResult;
}

/** Whether an answer with this status counts as a failure. */
export const isFailure = (status: number): boolean => status >= 400;

/** A tally of a run that begins at `start`. */
export function tally(start: number): Tally {
  const latency = build({ lowestDiscernibleValue: 1, highestTrackableValue: 600_000_000, numberOfSignificantValueDigits: 3 });
  // An array by code, not a map: three digits, counted a hundred thousand times a second.
  const byStatus = new Float64Array(1000);
  const errors = new Map<string, number>();
  const timeline: number[] = [];
  let bytes = 0;
  let completed = 0;
  let failures = 0;
  let inFlight = 0;
  return {
    sent: () => void inFlight++,
    answered(status, size, due, now) {
      inFlight--;
      completed++;
      bytes += size;
      latency.recordValue(Math.max(1, Math.round((now - due) * 1000)));
      byStatus[status]!++;
      if (isFailure(status)) failures++;
      const second = Math.floor((now - start) / 1000);
      timeline[second] = (timeline[second] ?? 0) + 1;
    },
    failed(cause) {
      inFlight--;
      failures++;
      errors.set(cause, (errors.get(cause) ?? 0) + 1);
    },
    abandoned: () => void inFlight--,
    snapshot(now) {
      const elapsedMs = now - start;
      return { elapsedMs, completed, errors: failures, inFlight, perSecond: timeline[Math.max(0, Math.floor(elapsedMs / 1000) - 1)] ?? 0 };
    },
    result(now) {
      const codes = new Map<number, number>();
      byStatus.forEach((count, status) => count > 0 && codes.set(status, count));
      return { elapsedMs: now - start, completed, bytes, codes, errors, latency, timeline };
    },
  };
}
