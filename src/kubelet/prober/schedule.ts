/** When a probe runs, and what a result means: pure. (prober/worker.go) */
import type { Probe } from '../../api/types/core.v1.ts';
import type { ProbeVerdict } from '../pods/actions.ts';

export type ProbeType = 'startup' | 'liveness' | 'readiness';

/** Before anything was probed: alive, not ready, not known to have started. */
export const INITIAL: Readonly<Record<ProbeType, ProbeVerdict>> = { liveness: 'success', readiness: 'failure', startup: 'unknown' };

export interface Progress {
  readonly verdict: ProbeVerdict;
  readonly last: 'success' | 'failure' | undefined;
  /** How many equal results in a row. */
  readonly run: number;
  /** No more probing until there is a new container. */
  readonly hold: boolean;
}

export function begin(type: ProbeType): Progress {
  return { verdict: INITIAL[type], last: undefined, run: 0, hold: false };
}

/** Takes in one result: below its threshold a verdict stays. */
export function judge(type: ProbeType, probe: Probe, before: Progress, result: 'success' | 'failure'): Progress {
  const run = before.last === result ? before.run + 1 : 1;
  const threshold = result === 'failure' ? probe.failureThreshold ?? 3 : probe.successThreshold ?? 1;
  if (run < threshold) return { ...before, last: result, run };
  const hold = type === 'startup' || (type === 'liveness' && result === 'failure');
  return { verdict: result, last: result, run: hold ? 0 : run, hold };
}

export const periodMs = (probe: Probe): number => Math.max(1, probe.periodSeconds ?? 10) * 1000;
export const timeoutMs = (probe: Probe): number => Math.max(1, probe.timeoutSeconds ?? 1) * 1000;

/**
 * The first counted try, ms after the container began. Upstream's worker begins its ticks before the container and triggers readiness alone by hand (prober_manager.go
 * UpdatePodStatus), so readiness is asked at once and the others one period in.
 */
export function firstTryMs(type: ProbeType, probe: Probe): number {
  const delay = (probe.initialDelaySeconds ?? 0) * 1000;
  return type === 'readiness' || delay > 0 ? delay : periodMs(probe);
}

const EAGER_MS = { network: { first: 25, most: 1000 }, exec: { first: 200, most: 2000 } } as const;
const EAGER_AGE_MS = 60_000;

/** The delay after the nth unseen try (0-based) of a probe that has not succeeded yet, `ageMs` after its container began; undefined = the period is near enough, or it is not young any more. */
export function eagerDelayMs(probe: Probe, tries: number, ageMs: number): number | undefined {
  const { first, most } = probe.exec ? EAGER_MS.exec : EAGER_MS.network;
  const delay = Math.min(first * 2 ** tries, most);
  return delay < periodMs(probe) && ageMs < EAGER_AGE_MS ? delay : undefined;
}
