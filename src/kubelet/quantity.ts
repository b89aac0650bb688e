import { parseQuantity, quantityMilliValue, quantityValue } from '../base/quantity.ts';

/** Thousandths, rounded up. */
export const milli = (text: string): number => quantityMilliValue(parseQuantity(text));

/** Whole units, rounded up. */
export const whole = (text: string): number => quantityValue(parseQuantity(text));
