import fc from 'fast-check';
import { expect, test } from 'vitest';
import { weightedRoundRobin } from './weighted.ts';

test('shares are exact over every full turn, and evenly spread', () => {
  const turn = weightedRoundRobin([750_000, 250_000]);
  const picks = Array.from({ length: 10_000 }, () => turn.next());
  expect(picks.filter((i) => i === 1)).toHaveLength(2_500);
  expect(picks.slice(0, 8)).toEqual([0, 0, 1, 0, 0, 0, 1, 0]);
});

test('any weights: within one pick of the exact share at every moment of a turn', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 5 }), (weights) => {
      const total = weights.reduce((a, b) => a + b, 0);
      const turn = weightedRoundRobin(weights);
      if (total === 0) return turn.next() === -1;
      const counts = weights.map(() => 0);
      for (let i = 0; i < total; i++) counts[turn.next()]!++;
      return counts.every((count, i) => count === weights[i]);
    }),
  );
});

test('what cannot be used is passed over, and its share goes to the others', () => {
  const turn = weightedRoundRobin([75, 25]);
  expect(Array.from({ length: 5 }, () => turn.next((i) => i === 1))).toEqual([1, 1, 1, 1, 1]);
  expect(turn.next(() => false)).toBe(-1);
});
