import type { FieldError } from '../errors.ts';
import { invalid } from './field.ts';

/** Go's semantic equality: nothing, an empty list and an empty map are the same, at any depth. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (!isRecord(a) || !isRecord(b)) return isEmpty(a) && isEmpty(b);
  if (Array.isArray(a) !== Array.isArray(b)) return isEmpty(a) && isEmpty(b);
  if (Array.isArray(a)) return a.length === (b as unknown as unknown[]).length && a.every((item, i) => sameValue(item, (b as unknown as unknown[])[i]));
  return Object.keys(a).every((key) => sameValue(a[key], own(b, key))) && Object.keys(b).every((key) => Object.hasOwn(a, key) || isEmpty(b[key]));
}

const own = (record: Record<string, unknown>, key: string) => (Object.hasOwn(record, key) ? record[key] : undefined);

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  return isRecord(value) && (Array.isArray(value) ? value.length === 0 : Object.values(value).every(isEmpty));
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
