const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[.,](\d+))?(Z|[+-]\d\d:\d\d)$/;

/** A time as metav1.Time writes it: UTC, whole seconds. Throws with Go's text. */
export function canonicalTime(text: string): string {
  // Almost every time that comes is already canonical; the last days of a month need a closer look.
  return /^\d{4}-\d\d-(?:[01]\d|2[0-8])T\d\d:\d\d:\d\dZ$/.test(text) && !Number.isNaN(Date.parse(text)) ? text : `${isoOf(text).slice(0, 19)}Z`;
}

const MICRO_LAYOUT = '2006-01-02T15:04:05.000000Z07:00';

/** A time as metav1.MicroTime writes it: UTC, six digits, no more and no fewer. Throws with Go's text. */
export function canonicalMicroTime(text: string): string {
  const [, , , , , , , digits] = RFC3339.exec(text) ?? [];
  const iso = isoOf(text, MICRO_LAYOUT);
  const cannot = (rest: string, as: string) => new Error(`parsing time ${JSON.stringify(text)} as ${JSON.stringify(MICRO_LAYOUT)}: cannot parse ${JSON.stringify(rest)} as ${JSON.stringify(as)}`);
  if (digits === undefined || digits.length < 6) throw cannot(text.slice(19), '.000000');
  if (digits.length > 6) throw cannot(text.slice(26), 'Z07:00');
  return `${iso.slice(0, 19)}.${digits}Z`;
}

function isoOf(text: string, layout = '2006-01-02T15:04:05Z07:00'): string {
  const [, year, month, day, hour, minute, second, , zone] = RFC3339.exec(text) ?? [];
  const plain = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  const ms = year === undefined ? NaN : Date.parse(`${plain}${zone}`);
  // Date.parse turns February 30th into March 1st; Go refuses it.
  const real = !Number.isNaN(ms) && new Date(Date.parse(`${plain}Z`)).toISOString().startsWith(plain);
  if (!real) throw new Error(`parsing time ${JSON.stringify(text)} as ${JSON.stringify(layout)}: cannot parse ${JSON.stringify(text)} as "2006"`);
  return new Date(ms).toISOString();
}
