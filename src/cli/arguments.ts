import { InvalidArgumentError } from 'commander';

/** Reads an option that is a whole number from `lowest` to `highest`, both included. */
export function whole(lowest: number, highest = Number.MAX_SAFE_INTEGER): (text: string) => number {
  const wanted = highest === Number.MAX_SAFE_INTEGER ? `of at least ${lowest}` : `from ${lowest} to ${highest}`;
  return (text) => {
    const number = Number(text);
    if (!/^\d+$/.test(text) || number < lowest || number > highest) throw new InvalidArgumentError(`Write a whole number ${wanted}.`);
    return number;
  };
}

/** Reads an option that is a number above 0. */
export function positive(text: string): number {
  const number = Number(text);
  if (!(number > 0) || !Number.isFinite(number)) throw new InvalidArgumentError('Write a number above 0.');
  return number;
}

/** A TCP port; 0 = any free one. */
export const port = whole(0, 65_535);
