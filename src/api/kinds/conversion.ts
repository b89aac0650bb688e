import { apiVersionOf, type KubeObject } from '../object.ts';
import type { ConvertedVersion, ServedVersion } from '../kind.ts';

/** Building blocks of conversions between versions of a kind. */

/** The object with top-level fields renamed. */
export function renamed<T extends object>(object: T, names: ReadonlyMap<string, string>): T {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [names.get(key) ?? key, value])) as T;
}

/** A version whose objects have the stored version's shape: only apiVersion differs. */
export function sameShape(version: ServedVersion, storage: ServedVersion, defaults?: (object: KubeObject) => void): ConvertedVersion {
  return {
    ...version,
    ...(defaults && { defaults }),
    toStorage: (object) => ({ ...object, apiVersion: apiVersionOf(storage) }),
    fromStorage: (object) => ({ ...object, apiVersion: apiVersionOf(version) }),
  };
}
