import type { FieldError } from '../errors.ts';
import type { LabelSelector } from '../types/meta.v1.ts';

/** Builders of field complaints, with the texts of apimachinery pkg/util/validation/field/errors.go. A path is `spec.ports[0].name`. */

const VERBATIM = Symbol('verbatim');

/** A bad value that is printed as this text. */
export interface Verbatim {
  readonly [VERBATIM]: string;
}

/** A value in Go's own print, where no rule below gives it. */
export const verbatim = (text: string): Verbatim => ({ [VERBATIM]: text });

/** How Go prints a map of strings. */
export function goMap(map: Record<string, string> | undefined): Verbatim {
  return { [VERBATIM]: mapText(map) };
}

function mapText(map: Record<string, string> | undefined): string {
  if (!map) return 'map[string]string(nil)';
  const entries = Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1));
  return `map[string]string{${entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(', ')}}`;
}

/** How Go prints a LabelSelector. */
export function goSelector(selector: LabelSelector | undefined): Verbatim | null {
  if (!selector) return null;
  const requirements = selector.matchExpressions?.map((r) => `v1.LabelSelectorRequirement{Key:${JSON.stringify(r.key)}, Operator:${JSON.stringify(r.operator)}, Values:${stringsText(r.values)}}`);
  const expressions = requirements ? `[]v1.LabelSelectorRequirement{${requirements.join(', ')}}` : '[]v1.LabelSelectorRequirement(nil)';
  return { [VERBATIM]: `v1.LabelSelector{MatchLabels:${mapText(selector.matchLabels)}, MatchExpressions:${expressions}}` };
}

/** How Go prints an IntOrString. */
export function goIntOrString(value: number | string | undefined): Verbatim {
  const [type, int, text] = typeof value === 'string' ? [1, 0, value] : [0, value ?? 0, ''];
  return { [VERBATIM]: `intstr.IntOrString{Type:${type}, IntVal:${int}, StrVal:${JSON.stringify(text)}}` };
}

const stringsText = (list: readonly string[] | undefined) => (list ? `[]string{${list.map((item) => JSON.stringify(item)).join(', ')}}` : '[]string(nil)');

/** How Go prints the bad value: strings quoted, nothing as null, numbers plain. Structs, which Go prints with its own field names, are JSON here. */
export function shown(value: unknown): string {
  if (value === undefined || value === null) return 'null';
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value !== 'object') return String(value);
  if (VERBATIM in value) return String(value[VERBATIM]);
  return Array.isArray(value) && value.every((item) => typeof item === 'string') ? stringsText(value) : JSON.stringify(value);
}

const withDetail = (text: string, detail: string) => (detail === '' ? text : `${text}: ${detail}`);

export const required = (field: string, detail = ''): FieldError => ({ type: 'FieldValueRequired', field, detail: withDetail('Required value', detail) });
export const invalid = (field: string, value: unknown, detail: string): FieldError => ({ type: 'FieldValueInvalid', field, detail: withDetail(`Invalid value: ${shown(value)}`, detail) });
export const forbidden = (field: string, detail: string): FieldError => ({ type: 'FieldValueForbidden', field, detail: withDetail('Forbidden', detail) });
export const duplicate = (field: string, value: unknown): FieldError => ({ type: 'FieldValueDuplicate', field, detail: `Duplicate value: ${shown(value)}` });
export const missing = (field: string, value: unknown): FieldError => ({ type: 'FieldValueNotFound', field, detail: `Not found: ${shown(value)}` });
export const unsupported = (field: string, value: unknown, supported: readonly string[]): FieldError => ({
  type: 'FieldValueNotSupported',
  field,
  detail: withDetail(`Unsupported value: ${shown(value)}`, supported.length === 0 ? '' : `supported values: ${supported.map((s) => JSON.stringify(s)).join(', ')}`),
});
export const tooLong = (field: string, maxBytes: number): FieldError => ({
  type: 'FieldValueTooLong',
  field,
  detail: `Too long: ${maxBytes < 0 ? 'value is too long' : `may not be more than ${maxBytes} bytes`}`,
});
export const tooMany = (field: string, actual: number, most: number): FieldError => ({ type: 'FieldValueTooMany', field, detail: `Too many: ${actual}: must have at most ${most} items` });

/** One `Invalid value` for each message about one value. */
export function invalidEach(field: string, value: unknown, messages: readonly string[]): FieldError[] {
  return messages.map((message) => invalid(field, value, message));
}

/** Complaints about each item of a list, with its indexed path. */
export function each<T>(items: readonly T[] | undefined, field: string, check: (item: T, field: string, index: number) => readonly FieldError[]): FieldError[] {
  return (items ?? []).flatMap((item, i) => check(item, `${field}[${i}]`, i));
}

/** `value` must be one of the supported values. */
export function oneOf(field: string, value: string | undefined, supported: readonly string[]): FieldError[] {
  return value !== undefined && supported.includes(value) ? [] : [unsupported(field, value ?? '', supported)];
}

/** A second item with the same key is a duplicate at the path `at` gives. */
export function unique<T>(items: readonly T[] | undefined, keyOf: (item: T) => string | undefined, at: (index: number) => string): FieldError[] {
  const seen = new Set<string>();
  return (items ?? []).flatMap((item, i) => {
    const key = keyOf(item);
    if (key === undefined || key === '') return [];
    if (seen.has(key)) return [duplicate(at(i), key)];
    seen.add(key);
    return [];
  });
}

export const NEGATIVE = 'must be greater than or equal to 0';

/** Complaint when the number is below zero. */
export function nonNegative(field: string, value: number | undefined): FieldError[] {
  return value !== undefined && value < 0 ? [invalid(field, value, NEGATIVE)] : [];
}
