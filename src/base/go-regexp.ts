import { code, complement, folded, LAST, literal, PERL, POSIX, type Members, type Range } from './go-regexp-characters.ts';

/**
 * Go's regular expressions (package regexp/syntax, RE2) as JavaScript's: flags in the middle, POSIX classes, `\z`, `\Q…\E`, and what RE2 does not know refused in Go's words.
 * JavaScript's own reading would refuse some and silently read others differently. The work of matching stays JavaScript's. A Unicode class (`\p{Lu}`) keeps its case under `(?i)`.
 * Throws an Error in Go's words: ``error parsing regexp: missing closing ): `(a` ``.
 */
export function goRegExp(pattern: string): RegExp {
  const known = compiled.get(pattern);
  if (known) return known;
  const made = new RegExp(translate(pattern), 'u');
  if (compiled.size >= MOST_KEPT) compiled.clear();
  compiled.set(pattern, made);
  return made;
}

const MOST_KEPT = 10_000;
const compiled = new Map<string, RegExp>();

interface Flags {
  readonly i: boolean;
  readonly m: boolean;
  readonly s: boolean;
  readonly U: boolean;
}

/** Where reading stands: the pattern's code points, and the index of the next. */
interface Reader {
  readonly runes: readonly string[];
  at: number;
}

const problem = (what: string, text: string): Error => new Error(`error parsing regexp: ${what}: \`${text}\``);
const from = (reader: Reader, start: number, end = reader.at): string => reader.runes.slice(start, end).join('');

const MOST_REPEATS = 1000;
const CONTROL: Readonly<Record<string, number>> = { a: 7, f: 0x0c, t: 0x09, n: 0x0a, r: 0x0d, v: 0x0b };

function translate(pattern: string): string {
  const reader: Reader = { runes: [...pattern], at: 0 };
  const source = readAlternatives(reader, { i: false, m: false, s: false, U: false });
  if (reader.at < reader.runes.length) throw problem('unexpected )', pattern);
  return source;
}

/** Reads to the end or to a `)` that it did not open. Flags that are set on the way hold to there. */
function readAlternatives(reader: Reader, outer: Flags): string {
  let flags = outer;
  let source = '';
  /** Whether something stands before that can be repeated; flags in between do not count. */
  let repeatable = false;
  while (reader.at < reader.runes.length && reader.runes[reader.at] !== ')') {
    const repeat = repeatAt(reader, flags);
    if (repeat) {
      if (!repeatable) throw problem('missing argument to repetition operator', from(reader, reader.at, repeat.end));
      source += readRepeat(reader, flags, repeat);
      repeatable = false;
    } else if (reader.runes[reader.at] === '|') {
      source += '|';
      reader.at++;
      repeatable = false;
    } else {
      const atom = readAtom(reader, flags);
      if (typeof atom === 'string') {
        source += atom;
        repeatable = true;
      } else flags = atom;
    }
  }
  return source;
}

/** One thing that can be repeated, or the flags that hold from here on. */
function readAtom(reader: Reader, flags: Flags): string | Flags {
  const start = reader.at;
  const rune = reader.runes[start]!;
  if (rune === '(') return readGroup(reader, flags);
  if (rune === '[') return readClass(reader, flags);
  if (rune === '\\') return readEscape(reader, flags);
  reader.at++;
  if (rune === '.') return flags.s ? '[^]' : '[^\\n]';
  // In groups, because Go lets an assertion be repeated.
  if (rune === '^') return flags.m ? '(?:(?<=^|\\n))' : '(?:^)';
  if (rune === '$') return flags.m ? '(?:(?=\\n|$))' : '(?:$)';
  return literal(code(rune), flags.i);
}

interface Repeat {
  readonly end: number;
  readonly source: string;
}

/** The repetition that stands here, without reading it. A `{` that is none is a literal. */
function repeatAt(reader: Reader, flags: Flags): Repeat | undefined {
  const { runes, at } = reader;
  const rune = runes[at];
  let source: string;
  let end: number;
  if (rune === '*' || rune === '+' || rune === '?') {
    source = rune;
    end = at + 1;
  } else {
    const close = rune === '{' ? runes.indexOf('}', at) : -1;
    const counts = /^(\d+)(?:(,)(\d*))?$/.exec(close < 0 ? '' : from(reader, at + 1, close));
    if (!counts) return undefined;
    const [, least = '', comma = '', most = ''] = counts;
    end = close + 1;
    if (Number(least) > MOST_REPEATS || Number(most) > MOST_REPEATS || (most !== '' && Number(least) > Number(most))) throw problem('invalid repeat count', from(reader, at, end));
    source = `{${least}${comma}${most}}`;
  }
  const marked = runes[end] === '?';
  return { end: marked ? end + 1 : end, source: source + (marked === flags.U ? '' : '?') };
}

function readRepeat(reader: Reader, flags: Flags, repeat: Repeat): string {
  const start = reader.at;
  reader.at = repeat.end;
  const another = repeatAt(reader, flags);
  if (another) throw problem('invalid nested repetition operator', from(reader, start, another.end));
  return repeat.source;
}

function readGroup(reader: Reader, flags: Flags): string | Flags {
  const start = reader.at++;
  let opening = '(';
  let inner = flags;
  if (reader.runes[reader.at] === '?') {
    const named = /^\(\?P?</.exec(from(reader, start, start + 4));
    if (named) {
      const end = reader.runes.indexOf('>', start);
      if (end < 0) throw problem('invalid named capture', from(reader, start, reader.runes.length));
      if (!/^\w+$/.test(from(reader, start + named[0].length, end))) throw problem('invalid named capture', from(reader, start, end + 1));
      reader.at = end + 1;
    } else {
      inner = readFlags(reader, start, flags);
      if (reader.runes[reader.at - 1] === ')') return inner;
      opening = '(?:';
    }
  }
  const source = readAlternatives(reader, inner);
  if (reader.runes[reader.at] !== ')') throw problem('missing closing )', reader.runes.join(''));
  reader.at++;
  return `${opening}${source})`;
}

/** `(?i-s:` or `(?i)`, with the colon or the parenthesis. */
function readFlags(reader: Reader, start: number, outer: Flags): Flags {
  const flags = { ...outer };
  let value = true;
  let told = false;
  for (reader.at++; reader.at < reader.runes.length;) {
    const rune = reader.runes[reader.at++]!;
    if (rune === 'i' || rune === 'm' || rune === 's' || rune === 'U') {
      flags[rune] = value;
      told = true;
    } else if (rune === '-' && value) {
      value = false;
      told = false;
    } else if ((rune === ':' || rune === ')') && (value || told)) {
      return flags;
    } else {
      throw problem('invalid or unsupported Perl syntax', from(reader, start));
    }
  }
  throw problem('missing closing )', reader.runes.join(''));
}

function readEscape(reader: Reader, flags: Flags): string {
  const next = reader.runes[reader.at + 1];
  const assertion = next === undefined ? undefined : { A: '^', z: '$', b: '\\b', B: '\\B' }[next];
  if (assertion !== undefined) {
    reader.at += 2;
    return `(?:${assertion})`;
  }
  if (next === 'Q') {
    const start = reader.at += 2;
    const end = reader.runes.findIndex((rune, i) => i >= start && rune === '\\' && reader.runes[i + 1] === 'E');
    const quoted = reader.runes.slice(start, end < 0 ? undefined : end);
    reader.at = end < 0 ? reader.runes.length : end + 2;
    const sources = quoted.map((rune) => literal(code(rune), flags.i));
    // A repetition behind `\E` is of the last character.
    return sources.length === 0 ? '(?:)' : sources.join('');
  }
  const set = readClassEscape(reader);
  return set === undefined ? literal(readCharacter(reader), flags.i) : `[${folded(set, flags.i)}]`;
}

/** A character behind a backslash, wherever it may stand. */
function readCharacter(reader: Reader): number {
  const start = reader.at++;
  const rune = reader.runes[reader.at++];
  if (rune === undefined) throw problem('trailing backslash at end of expression', '');
  if (rune in CONTROL) return CONTROL[rune]!;
  if (code(rune) < 0x80 && !/[0-9A-Za-z]/.test(rune)) return code(rune);
  const number = /^(?:\\x(?:\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{2}))|\\(0[0-7]{0,2}|[1-7][0-7]{1,2}))/.exec(from(reader, start, start + 14));
  const value = Number.parseInt(number?.[1] ?? number?.[2] ?? number?.[3] ?? 'x', number?.[3] === undefined ? 16 : 8);
  if (!number || value > LAST) throw problem('invalid escape sequence', from(reader, start));
  reader.at = start + number[0].length;
  return value;
}

/** `\d`, `\pL` and their like; undefined, and nothing read, when something else stands here. */
function readClassEscape(reader: Reader): Members | undefined {
  const start = reader.at;
  const letter = reader.runes[start + 1];
  if (reader.runes[start] !== '\\' || letter === undefined) return undefined;
  const perl = PERL[letter.toLowerCase()];
  if (perl) {
    reader.at += 2;
    return { ranges: letter in PERL ? perl : complement(perl), unicode: '' };
  }
  if (letter !== 'p' && letter !== 'P') return undefined;
  const close = reader.runes[start + 2] === '{' ? reader.runes.indexOf('}', start) : start + 2;
  const name = reader.runes[start + 2] === '{' ? from(reader, start + 3, close) : (reader.runes[start + 2] ?? '');
  reader.at = close < 0 ? reader.runes.length : close + 1;
  const script = name.replace(/^\^/, '');
  const negated = (letter === 'P') !== name.startsWith('^');
  const known = [`General_Category=${script}`, `Script=${script}`, script].find((property) => (property !== script || script === 'Any') && isProperty(property));
  if (known === undefined || close < 0) throw problem('invalid character class range', from(reader, start));
  return { ranges: [], unicode: `\\${negated ? 'P' : 'p'}{${known}}` };
}

function isProperty(name: string): boolean {
  try {
    return new RegExp(`\\p{${name}}`, 'u').unicode;
  } catch {
    return false;
  }
}

function readClass(reader: Reader, flags: Flags): string {
  const start = reader.at++;
  const negated = reader.runes[reader.at] === '^';
  if (negated) reader.at++;
  const sets: Members[] = [];
  for (let first = true; reader.runes[reader.at] !== ']' || first; first = false) {
    if (reader.at >= reader.runes.length) throw problem('missing closing ]', from(reader, start, reader.runes.length));
    sets.push(readPosixClass(reader) ?? readClassEscape(reader) ?? { ranges: [readRange(reader, start)], unicode: '' });
  }
  reader.at++;
  return `[${negated ? '^' : ''}${sets.map((set) => folded(set, flags.i)).join('')}]`;
}

/** `[:alpha:]` and `[:^alpha:]`. */
function readPosixClass(reader: Reader): Members | undefined {
  const start = reader.at;
  if (reader.runes[start] !== '[' || reader.runes[start + 1] !== ':') return undefined;
  const end = reader.runes.findIndex((rune, i) => i >= start + 2 && rune === ':' && reader.runes[i + 1] === ']');
  if (end < 0) return undefined;
  reader.at = end + 2;
  const name = from(reader, start + 2, end);
  const ranges = POSIX.get(name.replace(/^\^/, ''));
  if (!ranges) throw problem('invalid character class range', from(reader, start));
  return { ranges: name.startsWith('^') ? complement(ranges) : ranges, unicode: '' };
}

function readRange(reader: Reader, classStart: number): Range {
  const start = reader.at;
  const low = readClassCharacter(reader, classStart);
  // A `-` before the end of the class is itself.
  if (reader.runes[reader.at] !== '-' || reader.runes[reader.at + 1] === undefined || reader.runes[reader.at + 1] === ']') return [low, low];
  reader.at++;
  const high = readClassCharacter(reader, classStart);
  if (high < low) throw problem('invalid character class range', from(reader, start));
  return [low, high];
}

function readClassCharacter(reader: Reader, classStart: number): number {
  const rune = reader.runes[reader.at];
  if (rune === undefined) throw problem('missing closing ]', from(reader, classStart, reader.runes.length));
  if (rune === '\\') return readCharacter(reader);
  reader.at++;
  return code(rune);
}
