import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, humanDuration, parseDuration } from './duration.ts';

describe('Go durations', () => {
  it.each([
    ['0', 0, '0s'], ['5s', 5000, '5s'], ['1h30m', 5_400_000, '1h30m0s'], ['1.5s', 1500, '1.5s'], ['250ms', 250, '250ms'], ['-1m', -60_000, '-1m0s'], ['100us', 0.1, '100µs'],
    ['.5s', 500, '500ms'], ['1h0m0.5s', 3_600_500, '1h0m0.5s'], ['1ns', 1e-6, '1ns'], ['+2m3s', 123_000, '2m3s'], ['24h', 86_400_000, '24h0m0s'],
  ])('%s', (text, ms, canonical) => {
    expect(parseDuration(text)).toBe(ms);
    expect(formatDuration(ms)).toBe(canonical);
  });

  it.each([['', 'time: invalid duration ""'], ['5', 'time: missing unit in duration "5"'], ['5x', 'time: unknown unit "x" in duration "5x"'], ['s', 'time: invalid duration "s"'],
    ['1constructor', 'time: unknown unit "constructor" in duration "1constructor"'], ['-', 'time: invalid duration "-"'], ['1d', 'time: unknown unit "d" in duration "1d"']])(
    'refuses %j', (text, message) => expect(() => parseDuration(text)).toThrow(message));

  it('reads what it writes', () => fc.assert(fc.property(fc.integer({ min: -1e12, max: 1e12 }), (ms) => {
    expect(parseDuration(formatDuration(ms))).toBe(ms);
  })));
});

describe('ages', () => {
  const s = 1000, m = 60 * s, h = 60 * m, d = 24 * h, y = 365 * d;
  it.each([[-5 * s, '<invalid>'], [-1 * s, '0s'], [0, '0s'], [119 * s, '119s'], [2 * m, '2m'], [125 * s, '2m5s'], [10 * m + 5 * s, '10m'], [179 * m, '179m'], [3 * h, '3h'],
    [3 * h + 5 * m, '3h5m'], [8 * h + 5 * m, '8h'], [47 * h, '47h'], [2 * d, '2d'], [2 * d + 3 * h, '2d3h'], [8 * d + 3 * h, '8d'], [2 * y - d, '729d'], [2 * y, '2y'], [3 * y + 5 * d, '3y5d'], [9 * y, '9y']])(
    '%d ms is %s', (ms, text) => expect(humanDuration(ms)).toBe(text));
});
