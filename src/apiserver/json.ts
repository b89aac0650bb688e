import { isObject } from '../api/json.ts';

/** The value at a path of plain keys (`spec.replicas`), or undefined. */
export function valueAt(object: unknown, path: string): unknown {
  let at: unknown = object;
  for (const key of path.split('.').filter(Boolean)) {
    if (!isObject(at) || !Object.hasOwn(at, key)) return undefined;
    at = at[key];
  }
  return at;
}

/** Sets the value at a path of plain keys, making the objects on the way. */
export function setAt(object: object, path: string, value: unknown): void {
  const keys = path.split('.').filter(Boolean);
  let at = object as Record<string, unknown>;
  for (const key of keys.slice(0, -1)) {
    if (!isObject(at[key])) at[key] = {};
    at = at[key] as Record<string, unknown>;
  }
  at[keys[keys.length - 1]!] = value;
}
