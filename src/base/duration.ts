/** Go's durations (`1h30m`, `250ms`), in milliseconds here. Fractions of a millisecond are kept as fractions. */

const NANOS_IN = new Map([['ns', 1n], ['us', 1_000n], ['µs', 1_000n], ['μs', 1_000n], ['ms', 1_000_000n], ['s', 1_000_000_000n], ['m', 60_000_000_000n], ['h', 3_600_000_000_000n]]);
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Reads a Go duration; returns milliseconds. Throws with Go's text (`time: invalid duration "x"`). */
export function parseDuration(text: string): number {
  const fail = (what: string) => new Error(`time: ${what} ${JSON.stringify(text)}`);
  const sign = /^[+-]?/.exec(text)![0];
  let rest = text.slice(sign.length);
  if (rest === '0') return 0;
  if (rest === '' || text.length > 200) throw fail('invalid duration');
  let nanos = 0n;
  while (rest !== '') {
    const [part, number = '', unit = ''] = /^(\d+\.?\d*|\.\d+)([^\d.]*)/.exec(rest) ?? [];
    if (part === undefined) throw fail('invalid duration');
    if (unit === '') throw fail('missing unit in duration');
    const size = NANOS_IN.get(unit);
    if (size === undefined) throw new Error(`time: unknown unit ${JSON.stringify(unit)} in duration ${JSON.stringify(text)}`);
    const [whole, fraction = ''] = number.split('.');
    nanos += (BigInt(`${whole}${fraction}`) * size) / 10n ** BigInt(fraction.length);
    rest = rest.slice(part.length);
  }
  if (nanos > 2n ** 63n - 1n) throw fail('invalid duration');
  // Dividing once would lose digits beyond 2^53 nanoseconds.
  const ms = Number(nanos / 1_000_000n) + Number(nanos % 1_000_000n) / 1e6;
  return sign === '-' ? -ms : ms;
}

/** Go's text of a duration in milliseconds: `1h0m0s`, `1.5s`, `250ms`, `0s`. This is metav1.Duration's JSON form. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0s';
  const sign = ms < 0 ? '-' : '';
  const whole = Math.trunc(Math.abs(ms));
  const nanos = BigInt(whole) * 1_000_000n + BigInt(Math.round((Math.abs(ms) - whole) * 1e6));
  if (nanos < 1_000n) return `${sign}${nanos}ns`;
  if (nanos < 1_000_000n) return `${sign}${decimal(nanos, 3)}µs`;
  if (nanos < 1_000_000_000n) return `${sign}${decimal(nanos, 6)}ms`;
  const minute = 60_000_000_000n;
  const seconds = `${decimal(nanos % minute, 9)}s`;
  const minutes = nanos / minute;
  if (minutes === 0n) return sign + seconds;
  return minutes < 60n ? `${sign}${minutes}m${seconds}` : `${sign}${minutes / 60n}h${minutes % 60n}m${seconds}`;
}

function decimal(n: bigint, places: number): string {
  const digits = n.toString().padStart(places + 1, '0');
  const fraction = digits.slice(-places).replace(/0+$/, '');
  return digits.slice(0, -places) + (fraction && `.${fraction}`);
}

/** kubectl's ages: two or three significant figures (apimachinery pkg/util/duration). `<invalid>` for more than a second in the future. */
export function humanDuration(ms: number): string {
  const seconds = Math.trunc(ms / SECOND);
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.trunc(ms / MINUTE);
  if (minutes < 10) return pair(minutes, 'm', seconds % 60, 's');
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.trunc(ms / HOUR);
  if (hours < 8) return pair(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${hours}h`;
  const days = Math.trunc(hours / 24);
  if (days < 8) return pair(days, 'd', hours % 24, 'h');
  if (days < 365 * 2) return `${days}d`;
  const years = Math.trunc(days / 365);
  return days < 365 * 8 ? pair(years, 'y', days % 365, 'd') : `${years}y`;
}

const pair = (big: number, unit: string, small: number, smallUnit: string) => (small === 0 ? `${big}${unit}` : `${big}${unit}${small}${smallUnit}`);
