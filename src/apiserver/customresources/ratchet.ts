import type { FieldError } from '../../api/errors.ts';
import { equalJson, isObject, own } from '../../api/json.ts';

/**
 * Of complaints about a changed object, those that the change brought: a value that was as wrong before and was not touched may stay (CRDValidationRatcheting, apiextensions-apiserver
 * pkg/apiserver/validation/ratcheting.go).
 */
export function ratchet(errors: readonly FieldError[], next: object, old: object): FieldError[] {
  return errors.filter((error) => {
    const path = pathOf(error.field);
    // What is missing is its parent's fault.
    const about = error.type === 'FieldValueRequired' ? path?.slice(0, -1) : path;
    if (!about || about.length === 0) return true;
    const [now, before] = [valueAt(next, about), valueAt(old, about)];
    return now === undefined || before === undefined || !equalJson(now, before);
  });
}

function pathOf(field: string): (string | number)[] | undefined {
  if (field === '' || field === '<nil>') return undefined;
  return [...field.matchAll(/([^.[\]]+)|\[(\d+)\]/g)].map(([, name, index]) => (index === undefined ? name! : Number(index)));
}

function valueAt(object: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((value, key) => (Array.isArray(value) ? value[Number(key)] : isObject(value) ? own(value, String(key)) : undefined), object);
}
