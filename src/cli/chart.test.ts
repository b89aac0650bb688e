import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stepChart } from './chart.ts';

// oxlint-disable-next-line no-control-regex -- colours are what is taken out
const plain = (text: string) => text.replaceAll(/\x1b\[[0-9;]*m/g, '').split('\n');

test('each column is the highest value of its span', () => {
  expect(plain(stepChart([{ atMs: 0, value: 1 }, { atMs: 5_000, value: 3 }, { atMs: 5_100, value: 2 }, { atMs: 10_000, value: 1 }], 15, 'load'))).toEqual([
    '  3 ·····█····',
    '  2 ·····█████',
    '  1 ██████████',
    '    0  load10 s',
  ]);
});

test('as many lines as the highest value and an axis; no line is wider than asked for', () => {
  fc.assert(fc.property(fc.array(fc.record({ atMs: fc.nat(60_000), value: fc.nat(12) }), { minLength: 1, maxLength: 50 }), fc.integer({ min: 40, max: 160 }), (points, width) => {
    const sorted = points.sort((a, b) => a.atMs - b.atMs);
    const lines = plain(stepChart(sorted, width, 'label'));
    expect(lines).toHaveLength(Math.max(1, ...sorted.map(({ value }) => value)) + 1);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
  }));
});
