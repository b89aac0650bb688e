import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sortedMap } from './sorted.ts';

it('is a map in key order, through splits and removals of chunks', () => {
  const key = fc.integer({ min: 0, max: 3_000 }).map((n) => `k${n}`);
  fc.assert(
    fc.property(fc.array(key, { minLength: 1_500, maxLength: 2_500 }), fc.array(key, { maxLength: 2_000 }), key, key, (added, removed, from, to) => {
      const map = sortedMap<string>();
      const model = new Set<string>();
      for (const one of added) {
        map.set(one, one);
        model.add(one);
      }
      for (const one of removed) {
        map.delete(one);
        model.delete(one);
      }
      const wanted = [...model].filter((one) => one >= from && one < to).sort();
      expect([...map.range(from, to)]).toEqual(wanted);
      expect(map.count(from, to)).toBe(wanted.length);
      expect([...map.range('', '~')]).toEqual([...model].sort());
      expect([map.size, map.count('', '~'), map.get(from)]).toEqual([model.size, model.size, model.has(from) ? from : undefined]);
    }),
    { numRuns: 15 },
  );
});
