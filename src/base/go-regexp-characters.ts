/** Sets of characters of Go's regular expressions, written as JavaScript's. A point is a character's Unicode code point. */
export type Range = readonly [low: number, high: number];

/** What a class holds: ranges, and Unicode classes in JavaScript's words. */
export interface Members {
  readonly ranges: readonly Range[];
  readonly unicode: string;
}

/** The code point of a character. */
export const code = (rune: string): number => rune.codePointAt(0)!;
/** The last code point. */
export const LAST = 0x10_ff_ff;
const DIGIT: readonly Range[] = [[0x30, 0x39]];
const UPPER: readonly Range[] = [[0x41, 0x5a]];
const LOWER: readonly Range[] = [[0x61, 0x7a]];
const WORD: readonly Range[] = [...DIGIT, ...UPPER, [0x5f, 0x5f], ...LOWER];
/** `\d`, `\s`, `\w`. */
export const PERL: Readonly<Record<string, readonly Range[]>> = { d: DIGIT, s: [[0x09, 0x0a], [0x0c, 0x0d], [0x20, 0x20]], w: WORD };
/** `[:alpha:]` and its like. */
export const POSIX: ReadonlyMap<string, readonly Range[]> = new Map(Object.entries({
  alnum: [...DIGIT, ...UPPER, ...LOWER], alpha: [...UPPER, ...LOWER], ascii: [[0, 0x7f]], blank: [[0x09, 0x09], [0x20, 0x20]], cntrl: [[0, 0x1f], [0x7f, 0x7f]], digit: DIGIT, graph: [[0x21, 0x7e]], lower: LOWER,
  print: [[0x20, 0x7e]], punct: [[0x21, 0x2f], [0x3a, 0x40], [0x5b, 0x60], [0x7b, 0x7e]], space: [[0x09, 0x0d], [0x20, 0x20]], upper: UPPER, word: WORD, xdigit: [...DIGIT, [0x41, 0x46], [0x61, 0x66]],
}));

/** All that is in none of the ranges. */
export function complement(ranges: readonly Range[]): Range[] {
  const holes: Range[] = [];
  let next = 0;
  for (const [low, high] of [...ranges].sort((a, b) => a[0] - b[0])) {
    if (low > next) holes.push([next, low - 1]);
    next = high + 1;
  }
  return next <= LAST ? [...holes, [next, LAST]] : holes;
}

const written = (point: number): string => `\\u{${point.toString(16)}}`;

/** A source that matches this character; in both cases where case does not count. */
export function literal(point: number, ignoreCase: boolean): string {
  const cases = ignoreCase ? casesOf(point) : [];
  return cases.length > 1 ? `[${cases.map(written).join('')}]` : written(point);
}

/** The inside of a class, with both cases where case does not count. */
export function folded({ ranges, unicode }: Members, ignoreCase: boolean): string {
  const plain = ranges.map(([low, high]) => (low === high ? written(low) : `${written(low)}-${written(high)}`)).join('');
  return plain + (ignoreCase ? ranges.flatMap(otherCases).map(written).join('') : '') + unicode;
}

/** The highest letter that has another case (Adlam's) is below this. */
const LAST_CASED = 0x1_ea_00;

function otherCases([low, high]: Range): number[] {
  const others: number[] = [];
  for (let point = low; point <= Math.min(high, LAST_CASED); point++) others.push(...casesOf(point).filter((other) => other < low || other > high));
  return others;
}

/** A character and those that differ from it in case alone. The long s and the Kelvin sign fold to ASCII letters. */
function casesOf(point: number): number[] {
  if (point < 0x80 && !/[A-Za-z]/.test(String.fromCodePoint(point))) return [point];
  const text = String.fromCodePoint(point);
  const single = [text.toLowerCase(), text.toUpperCase()].filter((other) => [...other].length === 1).map(code);
  const lower = text.toLowerCase();
  const odd = lower === 's' || point === 0x17f ? [0x73, 0x53, 0x17f] : lower === 'k' ? [0x6b, 0x4b, 0x21_2a] : [];
  return [...new Set([point, ...single, ...odd])];
}
