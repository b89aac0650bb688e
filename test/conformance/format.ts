/** The file format of the autoscaler's cases: JSON of upstream's own table tests. A file's `meta` explains its fields. */
export interface CaseFile {
  readonly meta: { readonly title?: string; readonly [field: string]: unknown };
  readonly cases: readonly Case[];
}

export interface Case {
  readonly id: string;
  readonly kind: string;
  /** `legacy` cases hold only for old versions and are skipped. */
  readonly semantics?: 'any' | 'current' | 'legacy';
  readonly given: Fields;
  readonly expect: Fields;
}

/** Untyped JSON; each kind of case knows what it reads. */
export interface Fields {
  readonly [name: string]: Json;
}

export type Json = string | number | boolean | null | readonly Json[] | Fields;

export const fields = (value: Json | undefined): Fields => (typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Fields : {});
export const list = (value: Json | undefined): readonly Fields[] => (Array.isArray(value) ? value.map((item) => fields(item as Json)) : []);
export const number = (value: Json | undefined): number => (typeof value === 'number' ? value : value === 'Infinity' ? Infinity : Number(value ?? 0));
export const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '');
export const numbers = (value: Json | undefined): readonly (readonly [string, number])[] => Object.entries(fields(value)).map(([name, amount]) => [name, number(amount)]);

/** The instant at which a case runs. */
export const NOW = Date.UTC(2026, 0, 1);
/** Go's zero time. */
const ZERO = Date.parse('0001-01-01T00:00:00Z');

/** A case's time in ms: `zero`, `unix:N`, or so many seconds from now. */
export function time(value: Json | undefined): number {
  if (value === 'zero') return ZERO;
  if (typeof value === 'string' && value.startsWith('unix:')) return Number(value.slice(5)) * 1000;
  return NOW + number(fields(value)['offsetSeconds']) * 1000;
}

export const timeText = (value: Json | undefined): string => new Date(time(value)).toISOString();
