import { apiVersionOf, type KubeObject } from '../object.ts';
import type { ConvertedVersion, ServedVersion } from '../kind.ts';

/** Building blocks of conversions between versions of a kind. */

/** The object with top-level fields renamed. */
export function renamed<T extends object>(object: T, names: ReadonlyMap<string, string>): T {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [names.get(key) ?? key, value])) as T;
}

/** A version, and how its objects differ from the stored ones. `A` is the old form, `S` the stored one; apiVersion is seen to. */
export function convertedVersion<A extends KubeObject, S extends KubeObject>(
  version: ServedVersion,
  storage: Pick<ServedVersion, 'group' | 'version'>,
  rules: { defaults?: (object: A) => void; toStorage?: (object: A) => S; fromStorage?: (object: S) => A } = {},
): ConvertedVersion {
  const { defaults, toStorage, fromStorage } = rules;
  return {
    ...version,
    ...(defaults && { defaults: (object: KubeObject) => defaults(object as A) }),
    toStorage: (object) => ({ ...(toStorage ? toStorage(object as A) : object), apiVersion: apiVersionOf(storage) }),
    fromStorage: (object) => ({ ...(fromStorage ? fromStorage(object as S) : object), apiVersion: apiVersionOf(version) }),
  };
}

/** The text of the Warning header for a version that upstream no longer serves (apiserver pkg/endpoints/deprecation). */
export function deprecated(version: { group: string; version: string }, kind: string, since: string, removed: string, replacement: { group: string; version: string }): string {
  return `${apiVersionOf(version)} ${kind} is deprecated in v${since}+, unavailable in v${removed}+; use ${apiVersionOf(replacement)} ${kind}`;
}

/** One old version, named once. */
export function oldVersion(group: string, version: string, pkg: string, kind: string, since: string, removed: string, replacement: { group: string; version: string }): ServedVersion {
  return { group, version, message: `${pkg}.${kind}`, warning: deprecated({ group, version }, kind, since, removed, replacement) };
}

/** The object without these annotations; `annotations` goes when it is left empty. */
export function withoutAnnotations<T extends KubeObject>(object: T, drop: (key: string) => boolean): T {
  const annotations = object.metadata?.annotations;
  if (!annotations || !Object.keys(annotations).some(drop)) return object;
  const kept = Object.entries(annotations).filter(([key]) => !drop(key));
  const { annotations: _dropped, ...metadata } = object.metadata;
  return { ...object, metadata: kept.length === 0 ? metadata : { ...metadata, annotations: Object.fromEntries(kept) } };
}

/** The object with annotations added. */
export function withAnnotations<T extends KubeObject>(object: T, annotations: Record<string, string>): T {
  if (Object.keys(annotations).length === 0) return object;
  return { ...object, metadata: { ...object.metadata, annotations: { ...object.metadata?.annotations, ...annotations } } };
}
