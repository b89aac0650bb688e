import type { Event } from '../api/types/core.v1.ts';
import type { Clock } from '../base/clock.ts';
import { lru } from './lru.ts';

/** What becomes of an event: dropped, written anew, or counted up on the one written before. */
export type Correlated =
  | { readonly action: 'skip' }
  | { readonly action: 'create'; readonly event: Event }
  | { readonly action: 'bump'; readonly event: Event; readonly patch: object };

/** Keeps events from flooding the cluster: client-go tools/record events_cache.go, with its default numbers. */
export interface Correlator {
  correlate(event: Event): Correlated;
  /** The server's answer: names and counts go on from it. */
  written(event: Event): void;
}

const CACHE_ENTRIES = 4096;
const AGGREGATE_AT = 10;
const AGGREGATE_WINDOW_MS = 600_000;
const SPAM_BURST = 25;
const SPAM_REFILL_PER_MS = 1 / 300_000;

/** `nameFor` gives a fresh event name for an object. */
export function correlator(clock: Clock, nameFor: (object: string) => string): Correlator {
  const budgets = lru<{ tokens: number; at: number }>(CACHE_ENTRIES);
  const groups = lru<{ messages: Set<string>; last: number }>(CACHE_ENTRIES);
  const seen = lru<Seen>(CACHE_ENTRIES);

  /** A token bucket for each source, object and type. */
  const withinBudget = (event: Event): boolean => {
    const key = keyOf(event, false, event.type);
    const now = clock.monotonic();
    const budget = budgets.get(key) ?? { tokens: SPAM_BURST, at: now };
    const tokens = Math.min(SPAM_BURST, budget.tokens + (now - budget.at) * SPAM_REFILL_PER_MS);
    budgets.set(key, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now });
    return tokens >= 1;
  };

  /** The event itself, or, from the tenth that differs only by message, one that stands for all of them. */
  const aggregate = (event: Event): { event: Event; key: string } => {
    const key = keyOf(event, false, event.type, event.reason, event.reportingComponent, event.reportingInstance);
    const now = clock.monotonic();
    const known = groups.get(key);
    const group = known && now - known.last <= AGGREGATE_WINDOW_MS ? known : { messages: new Set<string>(), last: now };
    group.last = now;
    group.messages.add(event.message ?? '');
    groups.set(key, group);
    if (group.messages.size < AGGREGATE_AT) return { event, key: exactKey(event) };
    // Kept below the threshold by one, so that the next one tips it again.
    group.messages.delete(group.messages.values().next().value!);
    const { apiVersion, kind, involvedObject, type, reason, source, lastTimestamp } = event;
    const metadata = { name: nameFor(involvedObject.name ?? ''), namespace: event.metadata.namespace };
    const message = `(combined from similar events): ${event.message ?? ''}`;
    return { key, event: { apiVersion, kind, metadata, involvedObject, reason, message, source, firstTimestamp: lastTimestamp, lastTimestamp, count: 1, type } };
  };

  const observe = (event: Event, key: string): Correlated => {
    const before = seen.get(key);
    if (before === undefined) {
      seen.set(key, seenOf(event));
      return { action: 'create', event };
    }
    const bumped: Event = { ...event, metadata: { ...event.metadata, name: before.name }, firstTimestamp: before.first, count: before.count + 1 };
    seen.set(key, seenOf(bumped));
    return { action: 'bump', event: bumped, patch: { count: bumped.count, lastTimestamp: bumped.lastTimestamp, message: bumped.message } };
  };

  return {
    correlate(incoming) {
      // Upstream aggregates and counts first and filters afterwards: a dropped event still counts.
      const { event, key } = aggregate(incoming);
      const result = observe(event, key);
      return withinBudget(event) ? result : { action: 'skip' };
    },
    written: (event) => seen.set(exactKey(event), seenOf(event)),
  };
}

interface Seen {
  readonly name: string;
  readonly count: number;
  readonly first: string | undefined;
}

const seenOf = (event: Event): Seen => ({ name: event.metadata.name ?? '', count: event.count ?? 1, first: event.firstTimestamp ?? undefined });
const exactKey = (event: Event): string => keyOf(event, true, event.type, event.reason, event.message);

function keyOf({ source, involvedObject: object }: Event, withFieldPath: boolean, ...more: (string | undefined)[]): string {
  const parts = [source?.component, source?.host, object.kind, object.namespace, object.name, withFieldPath ? object.fieldPath : '', object.uid, object.apiVersion, ...more];
  return parts.map((part) => part ?? '').join('\0');
}
