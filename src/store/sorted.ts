/**
 * A map that is walked in key order: sorted chunks, so that an insert among 100,000 keys moves a few hundred slots and counting a range adds up chunk lengths.
 */
export interface SortedMap<V> {
  readonly size: number;
  get(key: string): V | undefined;
  set(key: string, value: V): void;
  delete(key: string): void;
  /** Values whose key is >= `from` and < `to`, in key order. */
  range(from: string, to: string): Generator<V>;
  /** How many values `range` would give. */
  count(from: string, to: string): number;
}

const CHUNK = 512;

interface Chunk<V> {
  keys: string[];
  values: V[];
}

export function sortedMap<V>(): SortedMap<V> {
  const byKey = new Map<string, V>();
  const chunks: Chunk<V>[] = [];

  /** The chunk in which `key` is, or belongs. */
  const chunkOf = (key: string): number => Math.max(0, lowerBound(chunks.length, (i) => chunks[i]!.keys[0]! <= key) - 1);
  const slotOf = (chunk: Chunk<V>, key: string): number => lowerBound(chunk.keys.length, (i) => chunk.keys[i]! < key);

  return {
    get size() {
      return byKey.size;
    },
    get: (key) => byKey.get(key),
    set(key, value) {
      const known = byKey.has(key);
      byKey.set(key, value);
      if (chunks.length === 0) chunks.push({ keys: [], values: [] });
      const at = chunkOf(key);
      const chunk = chunks[at]!;
      const slot = slotOf(chunk, key);
      if (known) {
        chunk.values[slot] = value;
        return;
      }
      chunk.keys.splice(slot, 0, key);
      chunk.values.splice(slot, 0, value);
      if (chunk.keys.length > 2 * CHUNK) chunks.splice(at + 1, 0, { keys: chunk.keys.splice(CHUNK), values: chunk.values.splice(CHUNK) });
    },
    delete(key) {
      if (!byKey.delete(key)) return;
      const at = chunkOf(key);
      const chunk = chunks[at]!;
      const slot = slotOf(chunk, key);
      chunk.keys.splice(slot, 1);
      chunk.values.splice(slot, 1);
      if (chunk.keys.length === 0) chunks.splice(at, 1);
    },
    *range(from, to) {
      for (let at = chunkOf(from); at < chunks.length; at++) {
        const { keys, values } = chunks[at]!;
        for (let slot = slotOf(chunks[at]!, from); slot < keys.length; slot++) {
          if (keys[slot]! >= to) return;
          yield values[slot]!;
        }
      }
    },
    count(from, to) {
      if (chunks.length === 0 || from >= to) return 0;
      const first = chunkOf(from);
      const last = chunkOf(to);
      let sum = slotOf(chunks[last]!, to) - slotOf(chunks[first]!, from);
      for (let at = first; at < last; at++) sum += chunks[at]!.keys.length;
      return sum;
    },
  };
}

/** The first index of 0…n for which `before` no longer holds. */
function lowerBound(n: number, before: (index: number) => boolean): number {
  let low = 0;
  let high = n;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (before(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
