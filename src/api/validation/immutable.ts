import { isDeepStrictEqual } from 'node:util';
import type { FieldError } from '../errors.ts';
import { invalid } from './field.ts';

/** Go's semantic equality: nothing, an empty list and an empty map are the same, at any depth. */
export function sameValue(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(pruned(a), pruned(b));
}

function pruned(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map(pruned);
  if (typeof value !== 'object' || value === null) return value ?? undefined;
  const entries = Object.entries(value).flatMap(([key, inner]) => {
    const kept = pruned(inner);
    return kept === undefined ? [] : [[key, kept] as const];
  });
  return entries.length === 0 ? undefined : new Map(entries.sort(([x], [y]) => (x < y ? -1 : 1)));
}

/** Complaint when a field that must stay changed. */
export function immutable(next: unknown, old: unknown, at: string): FieldError[] {
  return sameValue(next, old) ? [] : [invalid(at, next, 'field is immutable')];
}

/** Where two objects differ, a line for the old and one for the new value, for people. */
export function changedPaths(next: unknown, old: unknown, path = ''): string {
  if (sameValue(next, old)) return '';
  if (isRecord(next) && isRecord(old)) {
    const keys = [...new Set([...Object.keys(old), ...Object.keys(next)])].sort();
    return keys.map((key) => changedPaths(next[key], old[key], Array.isArray(next) ? `${path}[${key}]` : `${path}${path === '' ? '' : '.'}${key}`)).join('');
  }
  const line = (sign: string, value: unknown) => (value === undefined ? '' : `${sign} ${path}: ${JSON.stringify(value)}\n`);
  return line('-', old) + line('+', next);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
