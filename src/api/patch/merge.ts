import { copyJson, isObject, own, put } from '../json.ts';
import type { JsonObject } from '../json.ts';

/** Applies a JSON merge patch (RFC 7386) and returns a new value; neither argument is changed. */
export function mergePatch(original: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return copyJson(patch);
  const result: JsonObject = isObject(original) ? copyJson(original) : {};
  for (const key of Object.keys(patch)) {
    const value = patch[key];
    if (value === null) delete result[key];
    else put(result, key, mergePatch(own(result, key), value));
  }
  return result;
}

/** The merge patch that turns `original` into `modified`. A null inside a list or a wanted null cannot be expressed (RFC 7386). */
export function createMergePatch(original: unknown, modified: unknown): unknown {
  if (!isObject(original) || !isObject(modified)) return copyJson(modified);
  const patch: JsonObject = {};
  for (const key of Object.keys(original)) if (!Object.hasOwn(modified, key)) put(patch, key, null);
  for (const key of Object.keys(modified)) {
    const before = own(original, key);
    const after = modified[key];
    if (isObject(before) && isObject(after)) {
      const inner = createMergePatch(before, after) as JsonObject;
      if (Object.keys(inner).length > 0) put(patch, key, inner);
    } else if (JSON.stringify(before) !== JSON.stringify(after)) put(patch, key, copyJson(after));
  }
  return patch;
}
