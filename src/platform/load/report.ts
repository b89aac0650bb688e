import { isFailure, type LoadResult } from './tally.ts';

/** Limits that make a run fail. */
export interface Thresholds {
  /** Most failed requests. */
  readonly maxFailed?: number;
  /** Milliseconds. */
  readonly p99?: number;
  /** Fewest requests per second. */
  readonly minRate?: number;
}

/** The figures of a run, for programs. Milliseconds, and requests per second. */
export interface LoadSummary {
  readonly seconds: number;
  readonly requests: number;
  readonly requestsPerSecond: number;
  readonly bytes: number;
  readonly latency: { readonly mean: number; readonly p50: number; readonly p75: number; readonly p90: number; readonly p99: number; readonly p999: number; readonly max: number };
  readonly codes: Readonly<Record<string, number>>;
  readonly errors: Readonly<Record<string, number>>;
  /** Requests without a whole answer, or with one of 400 and above: a route that is gone answers 404. */
  readonly failed: number;
  /** Thresholds that were not kept, in sentences; that something is answered at all is one that always holds. */
  readonly broken: readonly string[];
}

/** A run in figures, held against thresholds. */
export function summarize(result: LoadResult, thresholds: Thresholds = {}): LoadSummary {
  const { latency } = result;
  const ms = (microseconds: number) => Math.round(microseconds) / 1000;
  const at = (percentile: number) => (result.completed === 0 ? 0 : ms(latency.getValueAtPercentile(percentile)));
  const failed = sum(result.errors.values()) + sum([...result.codes].filter(([code]) => isFailure(code)).map(([, count]) => count));
  const seconds = result.elapsedMs / 1000;
  const requestsPerSecond = seconds > 0 ? result.completed / seconds : 0;
  const broken: string[] = [];
  if (result.completed === 0 && failed > 0) broken.push('no request was answered');
  if (thresholds.maxFailed !== undefined && failed > thresholds.maxFailed) broken.push(`${failed} requests failed; at most ${thresholds.maxFailed} were allowed`);
  if (thresholds.p99 !== undefined && at(99) > thresholds.p99) broken.push(`the 99th percentile was ${at(99)} ms; at most ${thresholds.p99} ms were allowed`);
  if (thresholds.minRate !== undefined && requestsPerSecond < thresholds.minRate) broken.push(`${requestsPerSecond.toFixed(0)} requests per second; at least ${thresholds.minRate} were asked for`);
  return {
    seconds, requests: result.completed, requestsPerSecond, bytes: result.bytes, failed, broken,
    latency: { mean: result.completed === 0 ? 0 : ms(latency.mean), p50: at(50), p75: at(75), p90: at(90), p99: at(99), p999: at(99.9), max: result.completed === 0 ? 0 : ms(latency.maxValue) },
    codes: Object.fromEntries([...result.codes].sort(([a], [b]) => a - b).map(([code, count]) => [String(code), count])),
    errors: Object.fromEntries(result.errors),
  };
}

const sum = (values: Iterable<number>) => [...values].reduce((a, b) => a + b, 0);
