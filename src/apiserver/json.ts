/** A deep copy of plain JSON, which may then be changed. `__proto__` keys are dropped: they are never data here. */
export function copyJson<T>(value: T): T {
  return copy(value) as T;
}

function copy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const list = Array.from<unknown>({ length: value.length });
    for (let i = 0; i < value.length; i++) list[i] = copy(value[i]);
    return list;
  }
  const result: Record<string, unknown> = {};
  const source = value as Record<string, unknown>;
  for (const key of Object.keys(source)) {
    const inner = source[key];
    if (inner !== undefined && key !== '__proto__') result[key] = typeof inner === 'object' ? copy(inner) : inner;
  }
  return result;
}

/** Whether two JSON values are the same; a key that is absent equals one that is undefined. */
export function equalJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, i) => equalJson(item, b[i]));
  if (Array.isArray(b)) return false;
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  for (const key of Object.keys(left)) if (!equalJson(left[key], Object.hasOwn(right, key) ? right[key] : undefined)) return false;
  for (const key of Object.keys(right)) if (right[key] !== undefined && !Object.hasOwn(left, key)) return false;
  return true;
}

/** Whether this is a JSON object (not null, not a list). */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value at a path of plain keys (`spec.replicas`), or undefined. */
export function valueAt(object: unknown, path: string): unknown {
  let at: unknown = object;
  for (const key of path.split('.').filter(Boolean)) {
    if (!isRecord(at) || !Object.hasOwn(at, key)) return undefined;
    at = at[key];
  }
  return at;
}

/** Sets the value at a path of plain keys, making the objects on the way. */
export function setAt(object: object, path: string, value: unknown): void {
  const keys = path.split('.').filter(Boolean);
  let at = object as Record<string, unknown>;
  for (const key of keys.slice(0, -1)) {
    if (!isRecord(at[key])) at[key] = {};
    at = at[key] as Record<string, unknown>;
  }
  at[keys[keys.length - 1]!] = value;
}
