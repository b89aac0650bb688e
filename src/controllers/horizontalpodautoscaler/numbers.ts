import { milliQuantityOf, parseQuantity, quantityMilliValue, type Quantity } from '../../base/quantity.ts';

export const MAX_INT32 = 2 ** 31 - 1;
/** 2^63-1 as near as a double comes; amounts beyond are held here, as upstream saturates. */
export const MAX_INT64 = 2 ** 63;

/** A count of replicas out of a calculation: rounded up, held within 32 bits. */
export function ceilToInt32(value: number): number {
  if (Number.isNaN(value)) return 0;
  const up = Math.ceil(value);
  return up >= MAX_INT32 ? MAX_INT32 : up <= -MAX_INT32 - 1 ? -MAX_INT32 - 1 : up + 0;
}

/** `trunc(a * b / c)` as 64-bit integers compute it: exact even where the product is beyond a double's 53 bits. */
export function mulDiv(a: number, b: number, c: number): number {
  const product = a * b;
  if (Number.isSafeInteger(product)) return Math.trunc(product / c);
  return Number((BigInt(Math.trunc(a)) * BigInt(Math.trunc(b))) / BigInt(Math.trunc(c)));
}

/** A sum that stops at 2^63-1. */
export function saturatingSum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return Math.min(total, MAX_INT64);
}

/** Usage per replica, rounded up; nothing runs, nothing is used (replica_calculator.go getPerPodUsage). */
export function perPodUsage(usage: number, statusReplicas: number): number {
  return statusReplicas === 0 ? 0 : Math.min(Math.ceil(usage / statusReplicas), MAX_INT64);
}

/** An average as it stands in status: memory in binary units, everything else decimal. */
export function averageQuantity(resource: string, milli: number): Quantity {
  return milliQuantityOf(exact(milli), resource === 'memory' ? 'BinarySI' : 'DecimalSI');
}

const exact = (milli: number): bigint => (milli >= MAX_INT64 ? 2n ** 63n - 1n : BigInt(Math.trunc(milli)));

/** The thousandths of a quantity's text, rounded up. */
export function milliOf(text: string): number {
  return quantityMilliValue(parseQuantity(text));
}
