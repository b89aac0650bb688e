/** A container's counters at one moment. */
export interface Point {
  /** ms since the epoch. */
  readonly at: number;
  readonly cpuNanoseconds: number;
  readonly memoryWorkingSetBytes: number;
}

export interface Usage {
  /** Nanocores, averaged over the window. */
  readonly cpuNanocores: number;
  readonly memoryBytes: number;
  readonly at: number;
  readonly windowMs: number;
}

/** At least this old before a container's whole life stands in for its previous point (metrics-server pkg/storage/pod.go). */
const FRESH_MS = 10_000;

/**
 * Usage from the last two points, as metrics-server has it. A container that started less than one resolution ago has no previous point; once it is old enough to
 * mean something, its start with zero CPU stands in. Undefined: not enough is known yet.
 */
export function usageBetween(previous: Point | undefined, last: Point, startedAt: number, resolutionMs: number): Usage | undefined {
  let from = previous;
  if (!from || from.cpuNanoseconds > last.cpuNanoseconds) {
    const age = last.at - startedAt;
    if (age >= resolutionMs + FRESH_MS || age < Math.min(FRESH_MS, resolutionMs)) return undefined;
    from = { at: startedAt, cpuNanoseconds: 0, memoryWorkingSetBytes: 0 };
  }
  const windowMs = last.at - from.at;
  if (windowMs <= 0) return undefined;
  return { cpuNanocores: Math.round(((last.cpuNanoseconds - from.cpuNanoseconds) * 1000) / windowMs), memoryBytes: last.memoryWorkingSetBytes, at: last.at, windowMs };
}

/** `15.02s`: how Go prints a duration of seconds. */
export function windowText(ms: number): string {
  return `${Number((ms / 1000).toFixed(3))}s`;
}
