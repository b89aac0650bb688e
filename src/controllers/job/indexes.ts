import type { Pod } from '../../api/types/core.v1.ts';

export const COMPLETION_INDEX = 'batch.kubernetes.io/job-completion-index';

/** A sorted set of completion indexes, as inclusive intervals that do not touch. */
export type Indexes = readonly (readonly [first: number, last: number])[];

/** Reads `0-3,5`; what lies beyond `completions` is dropped, and so is what cannot be read (indexed_job_utils.go parseIndexesFromString). */
export function parseIndexes(text: string | undefined, completions: number): Indexes {
  const result: [number, number][] = [];
  for (const part of (text ?? '').split(',')) {
    const match = /^(\d{1,10})(?:-(\d{1,10}))?$/.exec(part);
    if (!match) continue;
    const first = Number(match[1]);
    const last = Math.min(Number(match[2] ?? match[1]), completions - 1);
    if (first <= last) result.push([first, last]);
  }
  return merged(result);
}

/** Writes `0-3,5`. Two neighbours are written `4,5`, as upstream does. */
export function formatIndexes(indexes: Indexes): string {
  return indexes.map(([first, last]) => (first === last ? `${first}` : last === first + 1 ? `${first},${last}` : `${first}-${last}`)).join(',');
}

export function withIndexes(indexes: Indexes, added: Iterable<number>): Indexes {
  return merged([...indexes, ...[...added].map((index): [number, number] => [index, index])]);
}

export const union = (a: Indexes, b: Indexes): Indexes => merged([...a, ...b]);
export const countIndexes = (indexes: Indexes) => indexes.reduce((total, [first, last]) => total + last - first + 1, 0);
export const hasIndex = (indexes: Indexes, index: number) => indexes.some(([first, last]) => first <= index && index <= last);

/** How many of `a` are in `b` too. */
export function overlap(a: Indexes, b: Indexes): number {
  let total = 0;
  for (const [first, last] of a) for (const [from, to] of b) total += Math.max(0, Math.min(last, to) - Math.max(first, from) + 1);
  return total;
}

/** The first `count` indexes below `completions` that are not taken. */
export function firstFree(taken: Indexes, count: number, completions: number): readonly number[] {
  const free: number[] = [];
  let candidate = 0;
  for (const [first, last] of [...taken, [completions, completions] as const]) {
    for (; candidate < Math.min(first, completions) && free.length < count; candidate++) free.push(candidate);
    candidate = Math.max(candidate, last + 1);
  }
  return free;
}

function merged(intervals: readonly (readonly [number, number])[]): Indexes {
  const result: [number, number][] = [];
  for (const [first, last] of [...intervals].sort((a, b) => a[0] - b[0])) {
    const previous = result.at(-1);
    if (previous && first <= previous[1] + 1) previous[1] = Math.max(previous[1], last);
    else result.push([first, last]);
  }
  return result;
}

/** The completion index of a pod; undefined when it has none that makes sense. */
export function indexOf(pod: Pod): number | undefined {
  const text = pod.metadata.annotations?.[COMPLETION_INDEX];
  return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}
