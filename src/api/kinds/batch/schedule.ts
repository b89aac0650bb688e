/**
 * What is wrong with a cron schedule, in the words of robfig/cron's standard parser (five fields, or a descriptor); undefined when nothing is.
 * Only the check is here; the cron controller computes the times.
 */
export function scheduleProblem(schedule: string): string | undefined {
  if (schedule.startsWith('@')) return descriptorProblem(schedule);
  const fields = schedule.trim().split(/\s+/);
  if (schedule.trim() === '') return 'empty spec string';
  if (fields.length !== 5) return `expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`;
  for (const [i, text] of fields.entries()) {
    for (const part of text.split(',')) {
      const problem = rangeProblem(part, BOUNDS[i]!);
      if (problem !== undefined) return problem;
    }
  }
  return undefined;
}

interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly names: readonly string[];
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const BOUNDS: readonly Bounds[] = [
  { min: 0, max: 59, names: [] },
  { min: 0, max: 23, names: [] },
  { min: 1, max: 31, names: [] },
  { min: 1, max: 12, names: MONTHS },
  { min: 0, max: 6, names: DAYS },
];

const DESCRIPTORS = new Set(['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly']);

function descriptorProblem(text: string): string | undefined {
  if (DESCRIPTORS.has(text)) return undefined;
  if (!text.startsWith('@every ')) return `unrecognized descriptor: ${text}`;
  return /^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(text.slice(7)) ? undefined : `failed to parse duration ${text}: time: invalid duration ${JSON.stringify(text.slice(7))}`;
}

function rangeProblem(part: string, bounds: Bounds): string | undefined {
  const [range = '', stepText, ...tooMany] = part.split('/');
  const [lowText = '', highText, ...tooManyDashes] = range.split('-');
  if (tooManyDashes.length > 0) return `too many hyphens: ${part}`;
  if (tooMany.length > 0) return `too many slashes: ${part}`;
  const all = lowText === '*' || lowText === '?';
  const low = all ? bounds.min : numberOf(lowText, bounds);
  if (typeof low === 'string') return low;
  const high = all ? bounds.max : highText === undefined ? (stepText === undefined ? low : bounds.max) : numberOf(highText, bounds);
  if (typeof high === 'string') return high;
  const step = stepText === undefined ? 1 : numberOf(stepText, { min: 0, max: 0, names: [] });
  if (typeof step === 'string') return step;
  if (low < bounds.min) return `beginning of range (${low}) below minimum (${bounds.min}): ${part}`;
  if (high > bounds.max) return `end of range (${high}) above maximum (${bounds.max}): ${part}`;
  if (low > high) return `beginning of range (${low}) beyond end of range (${high}): ${part}`;
  return step === 0 ? `step of range should be a positive number: ${part}` : undefined;
}

/** The number, or what is wrong with it. */
function numberOf(text: string, bounds: Bounds): number | string {
  const named = bounds.names.indexOf(text.toLowerCase());
  if (named >= 0) return named + bounds.min;
  if (/^-\d+$/.test(text)) return `negative number (${text}) not allowed: ${text}`;
  return /^\d+$/.test(text) ? Number(text) : `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`;
}
