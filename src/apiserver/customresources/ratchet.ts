import type { FieldError } from '../../api/errors.ts';
import { equalJson, isObject, own, type JsonObject } from '../../api/json.ts';
import { schemaOfKey, type StructuralSchema } from '../../api/schema/structural.ts';

/**
 * Of complaints about a changed object, those that the change brought: a value that was as wrong before and was not touched may stay, where it can be told to be the same value (CRDValidationRatcheting,
 * apiextensions-apiserver pkg/apiserver/validation/ratcheting.go).
 */
export function ratchet(schema: StructuralSchema | undefined, errors: readonly FieldError[], next: object, old: object): FieldError[] {
  return errors.filter((error) => {
    const path = pathOf(error.field);
    // What is missing is its parent's fault.
    const about = error.type === 'FieldValueRequired' ? path?.slice(0, -1) : path;
    return !about || about.length === 0 || !untouched(schema ?? true, next, old, about);
  });
}

function pathOf(field: string): (string | number)[] | undefined {
  if (field === '' || field === '<nil>') return undefined;
  return [...field.matchAll(/([^.[\]]+)|\[(\d+)\]/g)].map(([, name, index]) => (index === undefined ? name! : Number(index)));
}

/** Whether what is at the path is what it was. Elements of lists are told apart by their keys, or not at all, and the parts of an atomic map are the whole map's. */
function untouched(schema: StructuralSchema | true | undefined, next: unknown, old: unknown, [key, ...rest]: readonly (string | number)[]): boolean {
  if (next === undefined || old === undefined) return false;
  if (key === undefined || equalJson(next, old)) return equalJson(next, old);
  const known = schema === true ? undefined : schema;
  if (Array.isArray(next)) {
    const keys = known?.['x-kubernetes-list-type'] === 'map' ? known['x-kubernetes-list-map-keys'] : undefined;
    const item: unknown = next[Number(key)];
    const before = keys && isObject(item) && Array.isArray(old) ? old.find((element) => isObject(element) && keys.every((name) => equalJson(own(element, name), own(item, name)))) : undefined;
    return untouched(known?.items, item, before, rest);
  }
  if (!isObject(next) || !isObject(old) || known?.['x-kubernetes-map-type'] === 'atomic') return false;
  return untouched(known && schemaOfKey(known, String(key)), own(next as JsonObject, String(key)), own(old as JsonObject, String(key)), rest);
}
