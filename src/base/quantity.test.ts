import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addQuantities, canonicalQuantity, compareQuantities, formatQuantity, milliQuantityOf, parseQuantity, quantityMilliValue, quantityOf, quantityValue, subQuantities } from './quantity.ts';

describe('canonical form', () => {
  it.each([
    ['0', '0'], ['0n', '0'], ['0Ki', '0'], ['1', '1'], ['1.5', '1500m'], ['0.5', '500m'], ['1000m', '1'], ['1500m', '1500m'], ['100m', '100m'], ['.5', '500m'], ['5.', '5'],
    ['1.5Gi', '1536Mi'], ['1024Mi', '1Gi'], ['1000Mi', '1000Mi'], ['128974848', '128974848'], ['129e6', '129e6'], ['12e3', '12e3'], ['1e3', '1e3'], ['1000e0', '1e3'],
    ['0.01M', '10k'], ['132441429333m', '132441429333m'], ['132441429000m', '132441429'], ['1000000', '1M'], ['1234567k', '1234567k'], ['0.1m', '100u'], ['0.1n', '1n'],
    ['-1.5', '-1500m'], ['+3', '3'], ['512Ki', '512Ki'], ['0.5Ki', '512'], ['1023', '1023'], ['1Ei', '1Ei'], ['100Ei', '9223372036854775807'], ['0.1Ki', '102400m'],
    ['1E', '1E'], ['1000E', '1000E'], ['1e-3', '1e-3'], ['100e-1', '10'], ['0.0001Ki', '102400u'], ['1.1Mi', '1153433600m'], ['00100m', '100m'], ['Ki', '0'], ['-', '0'], ['.', '0'],
  ])('%s → %s', (text, canonical) => {
    expect(formatQuantity(parseQuantity(text))).toBe(canonical);
    expect(canonicalQuantity(text)).toBe(canonical);
  });
});

describe('invalid texts', () => {
  const format = /quantities must match the regular expression/;
  const suffix = /unable to parse quantity's suffix/;
  it.each<[string, RegExp]>([
    ['', format], ['1.2.3', format], ['1 Gi', format], ['abc', format], ['1e3x', format], ['0x1', format], ['1+', suffix], ['1mi', suffix], ['1KiB', format], ['1Kii', suffix], ['1.1E2E3', format],
    ['1ee', suffix], ['1e9999', suffix], ['9'.repeat(500), format], ['__proto__', format], ['--1', suffix],
  ])('%s', (text, message) => expect(() => parseQuantity(text)).toThrow(message));
});

it('rounds values away from zero', () => {
  expect(quantityValue(parseQuantity('1500m'))).toBe(2);
  expect(quantityValue(parseQuantity('-1500m'))).toBe(-2);
  expect(quantityMilliValue(parseQuantity('1u'))).toBe(1);
  expect(quantityMilliValue(parseQuantity('250m'))).toBe(250);
  expect(quantityValue(parseQuantity('1Gi'))).toBe(1024 ** 3);
});

it('adds and subtracts in the format of the first that is not zero', () => {
  expect(formatQuantity(addQuantities(parseQuantity('1Gi'), parseQuantity('512Mi')))).toBe('1536Mi');
  expect(formatQuantity(subQuantities(parseQuantity('1'), parseQuantity('250m')))).toBe('750m');
  expect(formatQuantity(addQuantities(parseQuantity('0'), parseQuantity('1Ki')))).toBe('1Ki');
  expect(formatQuantity(milliQuantityOf(1500))).toBe('1500m');
  expect(formatQuantity(quantityOf(2048, 'BinarySI'))).toBe('2Ki');
});

it('has a canonical form that reads back as the same amount and is its own canonical form', () => {
  const texts = fc.tuple(fc.constantFrom('', '-'), fc.nat(10 ** 9), fc.option(fc.nat(9999)), fc.constantFrom('', 'n', 'u', 'm', 'k', 'M', 'G', 'Ki', 'Mi', 'Gi', 'e3', 'e-2'))
    .map(([sign, whole, fraction, unit]) => `${sign}${whole}${fraction === null ? '' : `.${fraction}`}${unit}`);
  fc.assert(fc.property(texts, (text) => {
    const quantity = parseQuantity(text);
    const canonical = formatQuantity(quantity);
    expect(compareQuantities(parseQuantity(canonical), quantity)).toBe(0);
    expect(formatQuantity(parseQuantity(canonical))).toBe(canonical);
    expect(canonicalQuantity(text)).toBe(canonical);
  }));
});
