import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';

/** Delays that double from `firstMs` to `maxMs`, each stretched by up to its own length so that clients do not come back in step; from the start again after `resetMs` without a call. */
export interface Backoff {
  next(): number;
  reset(): void;
}

/** client-go tools/cache reflector.go: 0.8 s … 30 s, reset after 2 min, jitter 1. */
export function backoff(clock: Clock, random: Random, { firstMs = 800, maxMs = 30_000, resetMs = 120_000 } = {}): Backoff {
  let delay = firstMs;
  let last = clock.monotonic();
  return {
    next() {
      const now = clock.monotonic();
      if (now - last > resetMs) delay = firstMs;
      last = now;
      const base = delay;
      delay = Math.min(maxMs, delay * 2);
      return Math.min(maxMs, base * (1 + random.next()));
    },
    reset: () => void (delay = firstMs),
  };
}
