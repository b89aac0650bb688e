import pc from './colors.ts';
import { realClock } from '../base/clock.ts';
import { runLoad } from '../platform/load/run.ts';
import { isFailure, type LoadSnapshot } from '../platform/load/tally.ts';
import { summarize, type LoadSummary } from '../platform/load/report.ts';
import { reach, target } from '../platform/load/target.ts';
import { parseDuration } from '../base/duration.ts';
import { columns } from './output.ts';

export interface LoadCommandOptions {
  readonly connections: number;
  readonly duration?: string;
  readonly requests?: number;
  readonly rate?: number;
  readonly ramp?: string;
  readonly timeout: string;
  readonly header: readonly string[];
  readonly method: string;
  readonly body?: string;
  readonly keepalive: boolean;
  readonly insecure?: boolean;
  readonly maxFailed?: number;
  readonly p99?: string;
  readonly minRate?: number;
  readonly output: string;
}

/** `coracle load`. Exit code 1 when nobody can be reached or a threshold was broken, 130 after Ctrl-C (the report is still printed). */
export async function load(url: string, options: LoadCommandOptions): Promise<void> {
  if (options.output !== 'text' && options.output !== 'json') throw new Error(`-o ${options.output}: it is text or json`);
  const aim = target(url, { method: options.method, headers: headers(options.header), body: options.body, keepAlive: options.keepalive, insecure: options.insecure });
  const stop = new AbortController();
  let interrupted = false;
  process.once('SIGINT', () => {
    interrupted = true;
    stop.abort();
  });
  const clock = realClock();
  const timeoutMs = milliseconds('--timeout', options.timeout);
  const thresholds = { maxFailed: options.maxFailed, p99: options.p99 === undefined ? undefined : milliseconds('--p99', options.p99), minRate: options.minRate };
  const rampMs = options.ramp === undefined ? 0 : milliseconds('--ramp', options.ramp);
  const live = options.output === 'text' && process.stderr.isTTY === true;
  const durationMs = options.duration === undefined ? (options.requests === undefined ? 10_000 : undefined) : milliseconds('-d', options.duration);
  await reach(aim, clock, timeoutMs);
  if (options.output === 'text') process.stdout.write(`${pc.bold('Load')} on ${pc.cyan(aim.url.href)}: ${options.connections} connections${durationMs === undefined ? '' : `, ${durationMs / 1000} s`}${options.requests === undefined ? '' : `, ${options.requests} requests`}${options.rate === undefined ? '' : `, ${options.rate}/s`}\n`);
  const result = await runLoad({
    target: aim,
    clock,
    connections: options.connections,
    durationMs,
    requests: options.requests,
    rate: options.rate,
    rampMs,
    timeoutMs,
    signal: stop.signal,
    ...(live && { onProgress: (snapshot: LoadSnapshot) => process.stderr.write(`\r\x1b[K${progress(snapshot, durationMs, options.requests, process.stderr.columns ?? 80)}`) }),
  });
  if (live) process.stderr.write('\r\x1b[K');
  const summary = summarize(result, thresholds);
  process.stdout.write(options.output === 'json' ? `${JSON.stringify(summary)}\n` : `${render(summary)}\n`);
  if (summary.broken.length > 0) process.exitCode = 1;
  if (interrupted) process.exitCode = 130;
}

function milliseconds(flag: string, text: string): number {
  let ms = 0;
  try {
    ms = parseDuration(/^\d+(\.\d+)?$/.test(text) ? `${text}s` : text);
  } catch {
    // Said below.
  }
  if (ms <= 0) throw new Error(`${flag} ${text}: write it as 300ms, 10s or 5m`);
  return ms;
}

function headers(lines: readonly string[]): Record<string, string> {
  return Object.fromEntries(lines.map((line) => {
    const colon = line.indexOf(':');
    if (colon < 1) throw new Error(`-H ${line}: write it as "Name: value"`);
    return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
  }));
}

/** One line of the live view: a bar, what was done, and the rate. */
export function progress(s: LoadSnapshot, durationMs: number | undefined, requests: number | undefined, width: number): string {
  const share = Math.min(1, requests === undefined ? s.elapsedMs / (durationMs ?? Infinity) : s.completed / requests);
  const tail = ` ${Math.round(share * 100)}%  ${s.completed} done  ${s.perSecond}/s  ${s.inFlight} open${s.errors > 0 ? `  ${s.errors} failed` : ''}`;
  const room = Math.max(8, Math.min(40, width - tail.length - 2));
  const full = Math.round(room * share);
  return `${pc.green('━'.repeat(full))}${pc.dim('━'.repeat(room - full))}${s.errors > 0 ? pc.yellow(tail) : tail}`;
}

/** The report that people read. */
export function render(s: LoadSummary): string {
  const l = s.latency;
  const ms = (value: number) => `${value < 10 ? value.toFixed(2) : value.toFixed(1)} ms`;
  const rows = [
    ['Requests', `${s.requests} in ${s.seconds.toFixed(2)} s`, `${s.requestsPerSecond.toFixed(0)}/s`],
    ['Transfer', `${(s.bytes / 1e6).toFixed(2)} MB`, `${(s.bytes / 1e6 / Math.max(s.seconds, 0.001)).toFixed(2)} MB/s`],
    ...(s.requests === 0 ? [] : [
      ['Latency', `mean ${ms(l.mean)}`, `p50 ${ms(l.p50)}   p90 ${ms(l.p90)}   p99 ${ms(l.p99)}`],
      ['', `max ${ms(l.max)}`, `p99.9 ${ms(l.p999)}`],
    ]),
    ['Codes', Object.entries(s.codes).map(([code, count]) => `${code}: ${count}`).join('  ') || 'none', ''],
  ];
  const refused = Object.entries(s.codes).filter(([code]) => isFailure(Number(code))).map(([code, count]) => `${count} answered ${code}`);
  const errors = [...Object.entries(s.errors).map(([cause, count]) => `${count} ${cause}`), ...refused];
  const failed = s.failed === 0 ? pc.green('0') : pc.red(String(s.failed));
  return [columns(rows), `Failed     ${failed}`, ...errors.map((text) => `           ${pc.red(text)}`), ...s.broken.map((sentence) => `${pc.red('✗')} ${sentence}`)].join('\n');
}
