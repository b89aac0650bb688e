import { isObject } from '../json.ts';

/** A value as Go's `%v` prints it: `map[a:1 b:[x y]]`. Long values are cut. */
export function show(value: unknown): string {
  const text = shown(value);
  return text.length > 4096 ? `${text.slice(0, 4096)}…` : text;
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(shown).join(' ')}]`;
  if (isObject(value)) return `map[${Object.keys(value).sort().map((key) => `${key}:${shown(value[key])}`).join(' ')}]`;
  return String(value);
}
