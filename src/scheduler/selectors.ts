import { labelSelectorFromObject } from '../api/selectors.ts';
import type { LabelSelector } from '../api/types/meta.v1.ts';

export type LabelMatcher = (labels: Readonly<Record<string, string>>) => boolean;

const compiled = new WeakMap<LabelSelector, LabelMatcher>();

/** A selector as a function; a missing one matches nothing. Compiled once per object, because the same terms are asked for every pod. */
export function compileSelector(selector: LabelSelector | undefined): LabelMatcher {
  if (!selector) return () => false;
  let known = compiled.get(selector);
  if (!known) compiled.set(selector, known = labelSelectorFromObject(selector));
  return known;
}
