import { words } from './dockerfile.ts';

/** ENV's and LABEL's arguments: `a=b "c"="d e"`, or the old `name the whole rest`. Quotes and variables are still in. */
export function keyValues(text: string): [name: string, value: string][] {
  const parts = words(text);
  if (!parts[0]?.includes('=')) {
    const [, name, rest] = /^(\S+)\s+(.*)$/s.exec(text) ?? [];
    if (name === undefined || rest === undefined) throw new Error(`Syntax error - can't find = in ${JSON.stringify(text)}. Must be of the form: name=value`);
    return [[name, rest]];
  }
  return parts.map((part) => {
    const at = part.indexOf('=');
    if (at < 1) throw new Error(`Syntax error - can't find = in ${JSON.stringify(part)}. Must be of the form: name=value`);
    return [part.slice(0, at), part.slice(at + 1)];
  });
}

const UNITS: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };

/** A Go duration in nanoseconds, as Docker's Healthcheck holds it. */
export function duration(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)];
  if (parts.map(([whole]) => whole).join('') !== text || parts.length === 0) throw new Error(`time: invalid duration ${JSON.stringify(text)}`);
  return parts.reduce((sum, [, number, unit]) => sum + Number(number) * UNITS[unit!]!, 0);
}
