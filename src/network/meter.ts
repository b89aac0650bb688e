/** Counts of requests with their durations; cheap enough for every request. */
export interface Meter {
  begin(): void;
  /** `ms` it took; `failed` when no whole answer was given. */
  end(ms: number, status: number): void;
  snapshot(): MeterSnapshot;
}

export interface MeterSnapshot {
  readonly requests: number;
  readonly failures: number;
  readonly inFlight: number;
  /** Finished requests a second, over the last ten whole seconds (or as many as there were). */
  readonly perSecond: number;
  /** The sum since the start; the quantiles over the last ten to twenty seconds (0 when there was nothing). */
  readonly latency: { readonly sumMs: number; readonly p50Ms: number; readonly p95Ms: number; readonly p99Ms: number };
}

const SECONDS = 16;
const WINDOW = 10;
const SPAN_MS = 10_000;
/** Buckets grow by a quarter of a doubling from 1/16 ms: quantiles are at most 19 % too high. */
const BUCKETS = 96;

/** A meter; `now` is in milliseconds and never jumps back. */
export function createMeter(now: () => number): Meter {
  const perSecond = new Uint32Array(SECONDS);
  const secondOf = new Float64Array(SECONDS).fill(-1);
  /** Two spans of ten seconds take turns: this one and the last. */
  const spans = [new Uint32Array(BUCKETS), new Uint32Array(BUCKETS)] as const;
  let span = Math.floor(now() / SPAN_MS);
  const bornAt = now();
  let started = 0;
  let requests = 0;
  let failures = 0;
  let sumMs = 0;

  const rate = (): number => {
    const current = Math.floor(now() / 1000);
    let count = 0;
    for (let slot = 0; slot < SECONDS; slot++) {
      const age = current - secondOf[slot]!;
      if (age >= 1 && age <= WINDOW) count += perSecond[slot]!;
    }
    const whole = current - Math.floor(bornAt / 1000);
    return count / Math.max(1, Math.min(WINDOW, whole));
  };
  const turn = (): Uint32Array => {
    const current = Math.floor(now() / SPAN_MS);
    if (current > span + 1) spans[(current + 1) & 1]!.fill(0);
    if (current > span) spans[current & 1]!.fill(0);
    span = current;
    return spans[current & 1]!;
  };
  const quantile = (q: number): number => {
    turn();
    const total = spans[0].reduce((sum, count) => sum + count, 0) + spans[1].reduce((sum, count) => sum + count, 0);
    if (total === 0) return 0;
    let left = total * q;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      left -= spans[0][bucket]! + spans[1][bucket]!;
      if (left <= 0) return 2 ** (bucket / 4) / 16;
    }
    return 2 ** (BUCKETS / 4) / 16;
  };
  return {
    begin: () => {
      started++;
    },
    end: (ms, status) => {
      requests++;
      if (status >= 500 || status === 0) failures++;
      sumMs += ms;
      turn()[Math.min(BUCKETS - 1, Math.max(0, Math.ceil(4 * Math.log2(ms * 16))))]!++;
      const second = Math.floor(now() / 1000);
      const slot = second % SECONDS;
      if (secondOf[slot] !== second) {
        secondOf[slot] = second;
        perSecond[slot] = 0;
      }
      perSecond[slot]!++;
    },
    snapshot: () => ({
      requests,
      failures,
      inFlight: started - requests,
      perSecond: rate(),
      latency: { sumMs, p50Ms: quantile(0.5), p95Ms: quantile(0.95), p99Ms: quantile(0.99) },
    }),
  };
}
