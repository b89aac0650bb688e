const BINARY: Readonly<Record<string, number>> = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60 };
const DECIMAL: Readonly<Record<string, number>> = { n: 1e-9, u: 1e-6, m: 1e-3, '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18 };

/** A quantity's value in its base unit (cores, bytes). Throws for what is not a quantity; the API refuses those. */
export function parseQuantity(text: string): number {
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+))([eE][+-]?\d+|[KMGTPE]i|[numkMGTPE]?)$/.exec(text);
  if (!match) throw new Error(`quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$': "${text}"`);
  const suffix = match[2]!;
  if (/^[eE]./.test(suffix)) return Number(`${match[1]}${suffix}`);
  return Number(match[1]) * (BINARY[suffix] ?? DECIMAL[suffix] ?? 1);
}

/** Thousandths, rounded up as Quantity.MilliValue does. */
export function milli(text: string): number {
  return Math.ceil(Number((parseQuantity(text) * 1000).toFixed(6)));
}

/** Whole units, rounded up as Quantity.Value does. */
export function whole(text: string): number {
  return Math.ceil(Number(parseQuantity(text).toFixed(6)));
}
