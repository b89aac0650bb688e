import { randomFillSync, randomUUID } from 'node:crypto';

/** Where randomness comes from; seeded in tests and simulations so that runs repeat. */
export interface Random {
  /** A float in [0, 1). */
  next(): number;
  /** An integer in [0, max). */
  int(max: number): number;
  /** A version-4 UUID. */
  uuid(): string;
  /** `length` characters of Kubernetes' safe alphabet (apimachinery util/rand: no vowels, no look-alikes). */
  suffix(length: number): string;
}

const SAFE = 'bcdfghjklmnpqrstvwxz2456789';

/** Cryptographically strong randomness, for live clusters. */
export function systemRandom(): Random {
  // Asking the system for a few bytes costs as much as asking for many.
  const pool = Buffer.alloc(6 * 1024);
  let at = pool.length;
  const next = () => {
    if (at === pool.length) {
      randomFillSync(pool);
      at = 0;
    }
    const value = pool.readUIntBE(at, 6) / 2 ** 48;
    at += 6;
    return value;
  };
  return { ...from(next), uuid: () => randomUUID() };
}

/** Repeatable randomness (mulberry32). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return from(() => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  });
}

function from(next: () => number): Random {
  const int = (max: number) => Math.floor(next() * max);
  const hex = (digits: number) => Array.from({ length: digits }, () => int(16).toString(16)).join('');
  return {
    next,
    int,
    uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-${'89ab'[int(4)]}${hex(3)}-${hex(12)}`,
    suffix: (length) => Array.from({ length }, () => SAFE[int(SAFE.length)]).join(''),
  };
}
