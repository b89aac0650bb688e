import type { Clock, Timer } from '../../base/clock.ts';

/** The end of a pod's grace, which a second, more urgent delete may move forward. */
export interface Grace {
  /** ms since the epoch */
  readonly deadline: number;
  /** Moves the deadline forward; never back. */
  shorten(deadline: number): void;
  /** Aborts at the deadline (or at `notBefore` when that is later). */
  expiry(notBefore?: number): { readonly signal: AbortSignal; dispose(): void };
}

export function graceUntil(clock: Clock, initial: number): Grace {
  let deadline = initial;
  const waiting = new Set<() => void>();
  return {
    get deadline() {
      return deadline;
    },
    shorten(next) {
      if (next >= deadline) return;
      deadline = next;
      for (const rearm of waiting) rearm();
    },
    expiry(notBefore = 0) {
      const controller = new AbortController();
      let timer: Timer | undefined;
      const rearm = () => {
        timer?.cancel();
        timer = clock.after(Math.max(deadline, notBefore) - clock.now(), () => controller.abort(new Error('grace period exceeded')));
      };
      waiting.add(rearm);
      rearm();
      return {
        signal: controller.signal,
        dispose() {
          timer?.cancel();
          waiting.delete(rearm);
        },
      };
    },
  };
}
