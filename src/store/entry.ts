import type { KubeObject } from '../api/object.ts';
import type { Entry } from './store.ts';

// Freezing walks the whole object; it finds whoever changes a shared object in tests, and costs too much elsewhere.
const freezes = process.env.NODE_ENV === 'test' || process.env.VITEST !== undefined;

/** An entry at `revision`; its object is a copy of the given one (two levels deep: nothing the caller holds is changed) with that resourceVersion. */
export function entryAt(key: string, revision: number, object: KubeObject): Entry {
  return entryOf(key, revision, { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } });
}

/** An entry of an object that already carries its resourceVersion, and perhaps of its bytes. */
export function entryOf(key: string, revision: number, object: KubeObject, bytes?: Buffer): Entry {
  if (freezes) deepFreeze(object);
  return { key, revision, object, encoded: () => (bytes ??= Buffer.from(JSON.stringify(object))) };
}

/** About how many bytes a value's JSON takes, without making it. */
export function weightOf(value: unknown): number {
  if (typeof value === 'string') return value.length + 2;
  if (typeof value !== 'object' || value === null) return 5;
  let sum = 2;
  for (const key in value) sum += key.length + 4 + weightOf((value as Record<string, unknown>)[key]);
  return sum;
}

function deepFreeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const child of Object.values(value)) deepFreeze(child);
}
