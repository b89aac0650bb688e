/**
 * Kubernetes' quantities (`250m`, `1.5Gi`, `12e6`): exact numbers that remember how they were written. No quantity is finer than one nano, so the amount
 * is a count of nanos. Rules: apimachinery pkg/api/resource/quantity.go.
 */
export interface Quantity {
  readonly nanos: bigint;
  readonly format: QuantityFormat;
}

export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent';

/** A text that is no quantity. */
export class QuantityError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'QuantityError';
  }
}

const FORMAT_WRONG = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const NANO = 10n ** 9n;
const MAX_BINARY = (2n ** 63n - 1n) * NANO;
const DECIMAL = new Map([['n', -9], ['u', -6], ['m', -3], ['', 0], ['k', 3], ['M', 6], ['G', 9], ['T', 12], ['P', 15], ['E', 18]]);
const BINARY = new Map([['Ki', 10n], ['Mi', 20n], ['Gi', 30n], ['Ti', 40n], ['Pi', 50n], ['Ei', 60n]]);
const decimalSuffix = new Map([...DECIMAL].map(([suffix, exponent]) => [exponent, suffix]));
const binarySuffix = ['', ...BINARY.keys()];
/** Texts and exponents beyond this are refused: they would cost memory, not mean anything. */
const MAX_DIGITS = 400;

/** Reads a quantity. Amounts finer than a nano are rounded away from zero. Throws QuantityError with upstream's text. */
export function parseQuantity(text: string): Quantity {
  const [, sign, whole = '', fraction = '', suffix = ''] = /^([+-]?)(\d*)(?:\.(\d*))?([eEinumkKMGTP]*[-+]?\d*)$/.exec(text) ?? [];
  if (sign === undefined || text === '' || text.length > MAX_DIGITS) throw new QuantityError(FORMAT_WRONG);
  // As upstream, no digits at all are zero: a sign, a dot or a suffix alone.
  const unsigned = BigInt(`0${whole}${fraction}`);
  const scaled = scale(unsigned, fraction.length, suffix);
  return { nanos: sign === '-' ? -scaled.nanos : scaled.nanos, format: scaled.format };
}

function scale(digits: bigint, decimals: number, suffix: string): Quantity {
  const decimal = DECIMAL.get(suffix);
  if (decimal !== undefined) return { nanos: shift(digits, 9 + decimal - decimals), format: 'DecimalSI' };
  const binary = BINARY.get(suffix);
  if (binary !== undefined) {
    const nanos = shift(digits << binary, 9 - decimals);
    return { nanos: nanos > MAX_BINARY ? MAX_BINARY : nanos, format: nanos > 0n && nanos < NANO ? 'DecimalSI' : 'BinarySI' };
  }
  const exponent = /^[eE]([-+]?\d+)$/.exec(suffix)?.[1];
  if (exponent === undefined || Math.abs(Number(exponent)) > MAX_DIGITS) throw new QuantityError("unable to parse quantity's suffix");
  return { nanos: shift(digits, 9 + Number(exponent) - decimals), format: 'DecimalExponent' };
}

/** `n * 10^places`, rounded away from zero. */
function shift(n: bigint, places: number): bigint {
  return places >= 0 ? n * 10n ** BigInt(places) : divideAway(n, 10n ** BigInt(-places));
}

function divideAway(n: bigint, by: bigint): bigint {
  const whole = n / by;
  if (whole * by === n) return whole;
  return n > 0n ? whole + 1n : whole - 1n;
}

/** The canonical text: no fraction, the largest suffix that loses nothing. */
export function formatQuantity(quantity: Quantity): string {
  const { nanos, format } = quantity;
  if (nanos === 0n) return '0';
  const whole = nanos / NANO;
  // Below 1024, and where a fraction would be lost, binary quantities are written as decimal ones.
  if (format === 'BinarySI' && (whole <= -1024n || whole >= 1024n) && whole * NANO === nanos) return formatBinary(whole);
  return formatDecimal(nanos, format);
}

function formatBinary(whole: bigint): string {
  let mantissa = whole;
  let step = 0;
  while (step < binarySuffix.length - 1 && mantissa % 1024n === 0n) {
    mantissa /= 1024n;
    step++;
  }
  return `${mantissa}${binarySuffix[step]}`;
}

function formatDecimal(nanos: bigint, format: QuantityFormat): string {
  let mantissa = nanos;
  let exponent = -9;
  const last = format === 'DecimalExponent' ? Infinity : 18;
  while (exponent < last && mantissa % 1000n === 0n) {
    mantissa /= 1000n;
    exponent += 3;
  }
  if (format === 'DecimalExponent') return exponent === 0 ? `${mantissa}` : `${mantissa}e${exponent}`;
  return `${mantissa}${decimalSuffix.get(exponent)}`;
}

/** The canonical text of a quantity's text. */
export function canonicalQuantity(text: string): string {
  // Most quantities are a few digits and perhaps a unit, and already canonical.
  return /^[1-9]\d{0,2}[mkMG]?$/.test(text) && !text.endsWith('000m') ? text : formatQuantity(parseQuantity(text));
}

/** Negative, zero or positive as a is less than, equal to or greater than b. */
export function compareQuantities(a: Quantity, b: Quantity): number {
  return a.nanos < b.nanos ? -1 : a.nanos > b.nanos ? 1 : 0;
}

/** a + b in the format of a (of b when a is zero). */
export function addQuantities(a: Quantity, b: Quantity): Quantity {
  return { nanos: a.nanos + b.nanos, format: a.nanos === 0n ? b.format : a.format };
}

/** a - b in the format of a (of b when a is zero). */
export function subQuantities(a: Quantity, b: Quantity): Quantity {
  return { nanos: a.nanos - b.nanos, format: a.nanos === 0n ? b.format : a.format };
}

/** The amount in whole units, rounded away from zero. */
export function quantityValue(quantity: Quantity): number {
  return Number(divideAway(quantity.nanos, NANO));
}

/** The amount in thousandths, rounded away from zero. */
export function quantityMilliValue(quantity: Quantity): number {
  return Number(divideAway(quantity.nanos, NANO / 1000n));
}

/** A quantity of whole units. */
export function quantityOf(value: number | bigint, format: QuantityFormat = 'DecimalSI'): Quantity {
  return { nanos: BigInt(value) * NANO, format };
}

/** A quantity of whole thousandths. */
export function milliQuantityOf(milli: number | bigint, format: QuantityFormat = 'DecimalSI'): Quantity {
  return { nanos: BigInt(milli) * (NANO / 1000n), format };
}
