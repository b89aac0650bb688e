import type { KubeObject } from '../api/object.ts';

export type IndexFunction<T extends KubeObject> = (object: T) => readonly string[];

/** What changed in an indexer. */
export type Change<T extends KubeObject> =
  | { readonly kind: 'added'; readonly next: T }
  | { readonly kind: 'updated'; readonly old: T; readonly next: T }
  | { readonly kind: 'deleted'; readonly old: T };

/** Objects by name, by namespace and by whatever else was asked for. */
export interface Indexer<T extends KubeObject> {
  get(namespace: string, name: string): T | undefined;
  list(namespace?: string): readonly T[];
  byIndex(index: string, value: string): readonly T[];
  /** Declares an index; what is there already is put into it. Throws when the name is taken by another function. */
  addIndex(name: string, values: IndexFunction<T>): void;
  /** Takes in one change of a watch; undefined when it is news no more. */
  apply(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: T): Change<T> | undefined;
  /** Holds exactly `items` afterwards, whatever was there. */
  replace(items: readonly T[]): readonly Change<T>[];
}

/** Objects under one value of an index; the array is made when somebody asks and kept until something changes. */
interface Bucket<T> {
  readonly objects: Map<string, T>;
  array: readonly T[] | undefined;
}

interface Index<T extends KubeObject> {
  readonly values: IndexFunction<T>;
  readonly buckets: Map<string, Bucket<T>>;
}

export const keyOf = (object: KubeObject): string => `${object.metadata.namespace ?? ''}/${object.metadata.name ?? ''}`;

export function indexer<T extends KubeObject>(): Indexer<T> {
  const everything: Bucket<T> = { objects: new Map(), array: undefined };
  const namespaces: Index<T> = { values: (object) => [object.metadata.namespace ?? ''], buckets: new Map() };
  const named = new Map<string, Index<T>>();

  const put = (key: string, next: T | undefined) => {
    const old = everything.objects.get(key);
    write(everything, key, next);
    for (const index of [namespaces, ...named.values()]) move(index, key, old, next);
  };

  const apply = (type: 'ADDED' | 'MODIFIED' | 'DELETED', object: T): Change<T> | undefined => {
    const key = keyOf(object);
    const old = everything.objects.get(key);
    if (type === 'DELETED') {
      if (old === undefined) return undefined;
      put(key, undefined);
      return { kind: 'deleted', old: object };
    }
    if (old !== undefined && !newer(object, old)) return undefined;
    put(key, object);
    return old === undefined ? { kind: 'added', next: object } : { kind: 'updated', old, next: object };
  };

  return {
    get: (namespace, name) => everything.objects.get(`${namespace}/${name}`),
    list: (namespace) => read(namespace === undefined ? everything : namespaces.buckets.get(namespace)),
    byIndex(name, value) {
      const index = named.get(name);
      if (index === undefined) throw new Error(`no index "${name}"; there are: ${[...named.keys()].join(', ') || 'none'}`);
      return read(index.buckets.get(value));
    },
    addIndex(name, values) {
      const taken = named.get(name);
      if (taken?.values === values) return;
      if (taken) throw new Error(`index "${name}" is declared twice with different functions`);
      const index: Index<T> = { values, buckets: new Map() };
      for (const [key, object] of everything.objects) move(index, key, undefined, object);
      named.set(name, index);
    },
    apply,
    replace(items) {
      const wanted = new Set(items.map(keyOf));
      const changes: Change<T>[] = [];
      for (const [key, old] of everything.objects) {
        if (wanted.has(key)) continue;
        put(key, undefined);
        changes.push({ kind: 'deleted', old });
      }
      for (const next of items) {
        const key = keyOf(next);
        const old = everything.objects.get(key);
        if (old?.metadata.resourceVersion === next.metadata.resourceVersion && old?.metadata.uid === next.metadata.uid && old !== undefined) continue;
        put(key, next);
        changes.push(old === undefined ? { kind: 'added', next } : { kind: 'updated', old, next });
      }
      return changes;
    },
  };
}

/**
 * Whether `next` comes after `old`. Versions are opaque by contract, but every server counts with integers, and client-go compares them so since 0.35; where they are not, a watch's order is
 * trusted.
 */
function newer(next: KubeObject, old: KubeObject): boolean {
  const [a, b] = [next.metadata.resourceVersion ?? '', old.metadata.resourceVersion ?? ''];
  if (!/^[1-9]\d*$/.test(a) || !/^[1-9]\d*$/.test(b)) return a !== b;
  return a.length === b.length ? a > b : a.length > b.length;
}

function move<T extends KubeObject>(index: Index<T>, key: string, old: T | undefined, next: T | undefined): void {
  const before = old === undefined ? [] : index.values(old);
  const after = next === undefined ? [] : index.values(next);
  for (const value of before) {
    if (after.includes(value)) continue;
    const bucket = index.buckets.get(value);
    if (bucket === undefined) continue;
    write(bucket, key, undefined);
    if (bucket.objects.size === 0) index.buckets.delete(value);
  }
  for (const value of after) {
    let bucket = index.buckets.get(value);
    if (bucket === undefined) index.buckets.set(value, (bucket = { objects: new Map(), array: undefined }));
    write(bucket, key, next);
  }
}

function write<T>(bucket: Bucket<T>, key: string, object: T | undefined): void {
  bucket.array = undefined;
  if (object === undefined) bucket.objects.delete(key);
  else bucket.objects.set(key, object);
}

function read<T>(bucket: Bucket<T> | undefined): readonly T[] {
  return bucket === undefined ? [] : (bucket.array ??= [...bucket.objects.values()]);
}
