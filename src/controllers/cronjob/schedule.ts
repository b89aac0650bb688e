import { Cron } from 'croner';
import { parseDuration } from '../../base/duration.ts';

/** When a CronJob runs. */
export interface Schedule {
  /** The first time strictly after `ms`; times are in ms since the epoch. Infinity when there is none. */
  next(ms: number): number;
}

const NICKNAMES: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *', '@annually': '0 0 1 1 *', '@monthly': '0 0 1 * *', '@weekly': '0 0 * * 0', '@daily': '0 0 * * *', '@midnight': '0 0 * * *', '@hourly': '0 * * * *',
};
const NAMES = 'JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC|SUN|MON|TUE|WED|THU|FRI|SAT';
/** One field: numbers, names, ranges, steps, lists. What croner reads beyond that (L, W, #) Kubernetes does not. */
const FIELD = new RegExp(`^(?:\\*|\\?|(?:\\d+|${NAMES})(?:-(?:\\d+|${NAMES}))?)(?:/\\d+)?(?:,(?:\\*|\\?|(?:\\d+|${NAMES})(?:-(?:\\d+|${NAMES}))?)(?:/\\d+)?)*$`, 'i');

/**
 * Reads a schedule as robfig/cron's standard parser does: five fields, `@hourly` and its like, `@every 90s`, a leading `TZ=` or `CRON_TZ=`. Without a time zone, UTC.
 * A time that a change of the clock skips is skipped. Throws when it means nothing.
 */
export function parseSchedule(text: string, timeZone: string | undefined): Schedule {
  const zoned = /^(?:CRON_)?TZ=(\S+)\s+(.*)$/.exec(text.trim());
  const pattern = (zoned?.[2] ?? text).trim();
  if (pattern.startsWith('@every ')) return every(parseDuration(pattern.slice('@every '.length).trim()));
  const fields = (NICKNAMES[pattern.toLowerCase()] ?? pattern).split(/\s+/);
  if (fields.length !== 5) throw new Error(`expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`);
  const bad = fields.find((field) => !FIELD.test(field));
  if (bad !== undefined) throw new Error(`failed to parse int from ${bad}`);
  const cron = new Cron(fields.join(' '), { timezone: zoned?.[1] ?? timeZone ?? 'UTC', paused: true, mode: '5-part' });
  return {
    next(ms) {
      // Croner moves a time that the clock skips to the end of the gap; such a time does not match the pattern.
      for (let at = cron.nextRun(new Date(ms)); at; at = cron.nextRun(at)) if (cron.match(at)) return at.getTime();
      return Infinity;
    },
  };
}

/** Whole seconds, at least one (robfig/cron ConstantDelaySchedule). */
function every(ms: number): Schedule {
  const step = Math.max(1000, Math.floor(ms / 1000) * 1000);
  return { next: (from) => Math.floor(from / 1000) * 1000 + step };
}

/** Whether a name is a time zone that can be used. */
export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).format(0) !== '';
  } catch {
    return false;
  }
}

/** RFC 3339 with the zone's offset, as Go prints a time in a location: `2025-01-01T09:00:00+01:00`. */
export function inZone(ms: number, timeZone = 'UTC'): string {
  const parts = new Intl.DateTimeFormat('en-CA', { timeZone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' }).formatToParts(ms);
  const part = (type: string) => parts.find((p) => p.type === type)?.value ?? '';
  const local = `${part('year')}-${part('month')}-${part('day')}T${part('hour')}:${part('minute')}:${part('second')}`;
  const offset = Math.round((Date.parse(`${local}Z`) - Math.floor(ms / 1000) * 1000) / 60_000);
  if (offset === 0) return `${local}Z`;
  const two = (n: number) => String(n).padStart(2, '0');
  return `${local}${offset < 0 ? '-' : '+'}${two(Math.floor(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`;
}

/** `Wed, 01 Jan 2025 09:00:00 +0000` (Go's RFC1123Z, in UTC). */
export const rfc1123z = (ms: number) => new Date(ms).toUTCString().replace('GMT', '+0000');
