import { expect, test } from 'vitest';
import { port, positive, whole } from './arguments.ts';

test.each<[string, number | string]>([
  ['0', 0], ['65535', 65_535], ['65536', 'Write a whole number from 0 to 65535.'], ['-1', 'Write a whole number from 0 to 65535.'],
  ['80.5', 'Write a whole number from 0 to 65535.'], ['http', 'Write a whole number from 0 to 65535.'], ['', 'Write a whole number from 0 to 65535.'], ['1e3', 'Write a whole number from 0 to 65535.'],
])('port %j: %s', (text, wanted) => {
  if (typeof wanted === 'number') expect(port(text)).toBe(wanted);
  else expect(() => port(text)).toThrow(wanted);
});

test('without an upper limit only the lower one is named', () => {
  expect(() => whole(1)('0')).toThrow('Write a whole number of at least 1.');
});

test.each(['0', '-2', 'NaN', 'Infinity', 'fast'])('%s is not a number above 0', (text) => {
  expect(() => positive(text)).toThrow('Write a number above 0.');
});
