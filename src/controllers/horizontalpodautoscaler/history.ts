import type { HPAScalingRules } from '../../api/types/autoscaling.v2.ts';

/** What an autoscaler remembers between reconciles, in memory only: what it would have liked, and how it changed the size. Times in ms. */
export interface History {
  readonly recommendations: readonly Recommendation[] | undefined;
  readonly ups: readonly ScaleEvent[];
  readonly downs: readonly ScaleEvent[];
}

export interface Recommendation {
  readonly replicas: number;
  readonly at: number;
}

export interface ScaleEvent {
  readonly change: number;
  readonly at: number;
  readonly outdated: boolean;
}

export const NO_HISTORY: History = { recommendations: undefined, ups: [], downs: [] };

/** A history that also holds what others scaled the target up to. Without recommendations there is nothing to add: the next reconcile begins with the size it finds. */
export function withWakes(history: History, wakes: readonly Recommendation[] | undefined): History {
  return wakes && history.recommendations ? { ...history, recommendations: [...history.recommendations, ...wakes] } : history;
}

/** Puts an item in the place of the last one that is no longer needed, or at the end; so the list stays as long as its window. */
export function reuseSlot<T>(items: readonly T[], item: T, free: (item: T) => boolean): readonly T[] {
  const slot = items.findLastIndex(free);
  return slot < 0 ? [...items, item] : items.with(slot, item);
}

/** Adds a change of size to one direction's list, after marking what no policy can look back on (horizontal.go storeScaleEvent). */
export function withScaleEvent(events: readonly ScaleEvent[], rules: HPAScalingRules | undefined, change: number, now: number): readonly ScaleEvent[] {
  const cutoff = now - longestPeriod(rules) * 1000;
  const marked = events.map((event) => (event.at < cutoff ? { ...event, outdated: true } : event));
  return reuseSlot(marked, { change, at: now, outdated: false }, (event) => event.outdated);
}

function longestPeriod(rules: HPAScalingRules | undefined): number {
  return (rules?.policies ?? []).reduce((longest, policy) => Math.max(longest, policy.periodSeconds), 0);
}

/** Replicas changed within the last `periodSeconds` (horizontal.go getReplicasChangePerPeriod). */
export function changedWithin(events: readonly ScaleEvent[], periodSeconds: number, now: number): number {
  return events.reduce((total, event) => (event.at > now - periodSeconds * 1000 ? total + event.change : total), 0);
}
