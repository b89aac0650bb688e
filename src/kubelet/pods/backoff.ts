/** client-go's flowcontrol.Backoff as the kubelet uses it: 10 s doubling to 5 min, forgotten after twice that without use. */
export interface Backoff {
  /** The current delay of the key, ms; 0 = none yet. */
  get(key: string): number;
  /** Whether `eventTime` (when it last failed) is less than the key's delay ago. Forgets a key that has been quiet for long. */
  inBackOff(key: string, eventTime: number, now: number): boolean;
  /** Whether the key's last failure (`next`) is less than its delay ago. */
  waiting(key: string, now: number): boolean;
  /** When `waiting` ends, ms since the epoch. */
  until(key: string): number;
  /** The next failure: starts at 10 s, then doubles. */
  next(key: string, now: number): void;
  /** True the first time it is asked about this wait (named by its end): one event a wait is enough. */
  announce(key: string, until: number): boolean;
  reset(key: string): void;
}

const INITIAL = 10_000;
const MAX = 300_000;

export function createBackoff(): Backoff {
  const entries = new Map<string, { delay: number; lastUpdate: number; announced?: number }>();
  const expired = (eventTime: number, lastUpdate: number) => eventTime - lastUpdate > 2 * MAX;
  return {
    get: (key) => entries.get(key)?.delay ?? 0,
    inBackOff(key, eventTime, now) {
      const entry = entries.get(key);
      if (!entry || expired(eventTime, entry.lastUpdate)) return false;
      return now - eventTime < entry.delay;
    },
    waiting(key, now) {
      const entry = entries.get(key);
      return entry !== undefined && !expired(now, entry.lastUpdate) && now - entry.lastUpdate < entry.delay;
    },
    until(key) {
      const entry = entries.get(key);
      return entry ? entry.lastUpdate + entry.delay : 0;
    },
    next(key, now) {
      const entry = entries.get(key);
      if (!entry || expired(now, entry.lastUpdate)) entries.set(key, { delay: INITIAL, lastUpdate: now });
      else entries.set(key, { delay: Math.min(entry.delay * 2, MAX), lastUpdate: now });
    },
    announce(key, until) {
      const entry = entries.get(key);
      if (!entry || entry.announced === until) return false;
      entry.announced = until;
      return true;
    },
    reset: (key) => void entries.delete(key),
  };
}
