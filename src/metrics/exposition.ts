/** One sample of a Prometheus page. */
export interface Series {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** It only grows: its rate is what says something. */
  readonly counter: boolean;
}

/** More samples than this of one page are not read. */
const MOST_SERIES = 20_000;

/**
 * Reads a page in Prometheus' text format (version 0.0.4; OpenMetrics as far as it is the same). Histograms' buckets, values that are no finite number and lines that mean
 * nothing are left out.
 */
export function parseExposition(text: string): Series[] {
  const found: Series[] = [];
  const counters = new Set<string>();
  for (const line of text.split('\n')) {
    if (line === '' || line === '\r') continue;
    if (line.startsWith('#')) {
      const [, keyword, name, type] = line.trimEnd().split(/[ \t]+/, 4);
      if (keyword === 'TYPE' && name !== undefined && type === 'counter') counters.add(name);
      continue;
    }
    const sample = parseSample(line);
    if (!sample || sample.name.endsWith('_bucket')) continue;
    if (found.length >= MOST_SERIES) break;
    found.push({ ...sample, counter: sample.name.endsWith('_total') || counters.has(sample.name) });
  }
  return found;
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*/;
const LABEL = /\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(,|(?=\}))/y;

function parseSample(line: string): Omit<Series, 'counter'> | undefined {
  const name = NAME.exec(line)?.[0];
  if (name === undefined) return undefined;
  let at = name.length;
  const labels: [string, string][] = [];
  if (line[at] === '{') {
    at++;
    while (line[at] !== '}') {
      LABEL.lastIndex = at;
      const match = LABEL.exec(line);
      if (!match) return undefined;
      labels.push([match[1]!, unescaped(match[2]!)]);
      at = LABEL.lastIndex;
    }
    at++;
  }
  const text = line.slice(at).trim().split(/[ \t]/, 1)[0] ?? '';
  const value = Number(text);
  return text === '' || !Number.isFinite(value) ? undefined : { name, labels: Object.fromEntries(labels), value };
}

const unescaped = (text: string) => (text.includes('\\') ? text.replaceAll(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c)) : text);
