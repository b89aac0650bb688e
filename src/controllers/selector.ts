import type { LabelSelector } from '../api/types/meta.v1.ts';

export type Matches = (labels: Readonly<Record<string, string>> | undefined) => boolean;

const NONE: Readonly<Record<string, string>> = {};

/** Whether labels match a LabelSelector. An absent selector matches nothing, an empty one everything (metav1.LabelSelectorAsSelector). */
export function matcher(selector: LabelSelector | undefined): Matches {
  if (!selector) return () => false;
  const equal = Object.entries(selector.matchLabels ?? {});
  const expressions = selector.matchExpressions ?? [];
  return (labels = NONE) => {
    const has = (key: string) => Object.hasOwn(labels, key);
    return equal.every(([key, value]) => has(key) && labels[key] === value)
      && expressions.every(({ key, operator, values = [] }) => {
        switch (operator) {
          case 'In': return has(key) && values.includes(labels[key]!);
          case 'NotIn': return !has(key) || !values.includes(labels[key]!);
          case 'Exists': return has(key);
          case 'DoesNotExist': return !has(key);
          default: return false;
        }
      });
  };
}

/** Whether a selector picks every object, which no workload may do. */
export function selectsAll(selector: LabelSelector | undefined): boolean {
  return selector !== undefined && Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions ?? []).length === 0;
}
