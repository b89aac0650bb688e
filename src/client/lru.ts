/** A map that forgets what was longest not used. */
export interface Lru<V> {
  get(key: string): V | undefined;
  set(key: string, value: V): void;
}

export function lru<V>(capacity: number): Lru<V> {
  // A Map iterates in order of insertion: the first key is the one to go.
  const map = new Map<string, V>();
  const set = (key: string, value: V) => {
    map.delete(key);
    map.set(key, value);
    if (map.size > capacity) map.delete(map.keys().next().value!);
  };
  return {
    get(key) {
      const value = map.get(key);
      if (value !== undefined) set(key, value);
      return value;
    },
    set,
  };
}
