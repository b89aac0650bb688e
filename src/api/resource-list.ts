import { addQuantities, compareQuantities, formatQuantity, parseQuantity, subQuantities, type Quantity } from '../base/quantity.ts';
import type { Algebra } from './pod-resources.ts';

/** Quantities by resource name. */
export type ResourceList = ReadonlyMap<string, Quantity>;

export const NOTHING: ResourceList = new Map();

/** Reads what an object says (`cpu: 100m`); nothing is an empty list. Throws a QuantityError. */
export function parseResourceList(list: Readonly<Record<string, string>> | undefined): ResourceList {
  return new Map(Object.entries(list ?? {}).map(([name, text]) => [name, parseQuantity(text)]));
}

/** As objects say it, each quantity in its canonical form. */
export function formatResourceList(list: ResourceList): Record<string, string> {
  return Object.fromEntries([...list].map(([name, quantity]) => [name, formatQuantity(quantity)]));
}

/** a + b over the names of both. */
export function addLists(a: ResourceList, b: ResourceList): ResourceList {
  return combine(a, b, addQuantities);
}

/** a - b over the names of both. */
export function subtractLists(a: ResourceList, b: ResourceList): ResourceList {
  const out = new Map(a);
  for (const [name, quantity] of b) {
    const had = a.get(name);
    out.set(name, had ? subQuantities(had, quantity) : { nanos: -quantity.nanos, format: quantity.format });
  }
  return out;
}

/** Only the names that `wanted` says. */
export function mask(list: ResourceList, wanted: (name: string) => boolean): ResourceList {
  return new Map([...list].filter(([name]) => wanted(name)));
}

export const listAlgebra: Algebra<ResourceList> = {
  zero: NOTHING,
  add: addLists,
  max: (a, b) => combine(a, b, (x, y) => (compareQuantities(x, y) >= 0 ? x : y)),
};

function combine(a: ResourceList, b: ResourceList, f: (x: Quantity, y: Quantity) => Quantity): ResourceList {
  if (b.size === 0) return a;
  const out = new Map(a);
  for (const [name, quantity] of b) {
    const had = out.get(name);
    out.set(name, had ? f(had, quantity) : quantity);
  }
  return out;
}
