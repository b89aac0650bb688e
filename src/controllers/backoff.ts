import type { Clock } from '../base/clock.ts';

/** Growing waits for things that keep failing (client-go util/flowcontrol Backoff): doubling from `baseMs` to `maxMs`; forgotten after twice the longest. */
export interface Backoff {
  /** Milliseconds left of a thing's wait; undefined when there is none. */
  left(key: string): number | undefined;
  /** It failed again: the next wait begins. */
  next(key: string): void;
  forget(key: string): void;
}

export function backoff(clock: Clock, baseMs: number, maxMs: number): Backoff {
  const entries = new Map<string, { readonly waitMs: number; readonly since: number }>();
  return {
    left(key) {
      const entry = entries.get(key);
      const left = entry ? entry.since + entry.waitMs - clock.monotonic() : 0;
      return left > 0 ? left : undefined;
    },
    next(key) {
      const entry = entries.get(key);
      const now = clock.monotonic();
      const stale = !entry || now - entry.since > 2 * maxMs;
      entries.set(key, { waitMs: stale ? baseMs : Math.min(entry.waitMs * 2, maxMs), since: now });
      if (entries.size > 10_000) for (const [old, { since }] of entries) if (now - since > 2 * maxMs) entries.delete(old);
    },
    forget: (key) => void entries.delete(key),
  };
}
