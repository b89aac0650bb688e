import { expect, test } from 'vitest';
import { formatIPv4, parseCidr, parseIPv4 } from './ip.ts';

test.each([['10.96.0.0/12', 0x0a600000, 12, 2 ** 20], ['10.244.3.7/24', 0x0af40300, 24, 256], ['0.0.0.0/0', 0, 0, 2 ** 32], ['255.255.255.252/30', 0xfffffffc, 30, 4]])('%s', (text, base, bits, size) => {
  expect(parseCidr(text)).toEqual({ text, base, bits, size });
});

test.each(['10.0.0.0', '10.0.0.0/', '10.0.0.0/31', '10.0.0/8', '10.0.0.256/8', '10.0.0.0/-1', '10.0.0.0/8x', 'fd00::/8', ''])('%j is no range', (text) => expect(parseCidr(text)).toBeUndefined());

test.each([['10.1.2.3', 0x0a010203], ['255.255.255.255', 0xffffffff], ['0.0.0.0', 0]])('%s is a number and back', (text, value) => {
  expect(parseIPv4(text)).toBe(value);
  expect(formatIPv4(value)).toBe(text);
});

test.each(['10.1.2', '10.1.2.3.4', '10.01.2.3', '10.1.2.256', '10.1.2.', 'a.b.c.d', ''])('%j is no address', (text) => expect(parseIPv4(text)).toBeUndefined());
