import { labelSelectorFromObject } from '../api/selectors.ts';
import type { LabelSelector } from '../api/types/meta.v1.ts';

export type Matches = (labels: Readonly<Record<string, string>> | undefined) => boolean;

const matchers = new WeakMap<LabelSelector, Matches>();

/** Whether labels match a LabelSelector: an absent one matches nothing, an empty one everything. Kept per object, since objects from a client never change. */
export function matcher(selector: LabelSelector | undefined): Matches {
  if (!selector) return () => false;
  let matches = matchers.get(selector);
  if (!matches) matchers.set(selector, matches = labelSelectorFromObject(selector));
  return matches;
}

/** Whether a selector picks every object, which no workload may do. */
export function selectsAll(selector: LabelSelector | undefined): boolean {
  return selector !== undefined && Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions ?? []).length === 0;
}
