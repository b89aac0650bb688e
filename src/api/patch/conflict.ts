import { isObject } from '../json.ts';
import { PATCH, RETAIN_KEYS } from './directives.ts';
import type { PatchSchema } from './directives.ts';
import { elementKind, identity, unique } from './strategic.ts';

/** Whether two strategic merge patches set the same thing to different values (strategicpatch's MergingMapsHaveConflicts). */
export function patchesConflict(left: unknown, right: unknown, schema: PatchSchema | undefined, strategy = '', mergeKey = ''): boolean {
  if (isObject(left)) {
    if (!isObject(right) || left[PATCH] !== right[PATCH]) return true;
    if (strategy === 'replace') return false;
    return Object.keys(left).some((key) => {
      if (key === PATCH || key === RETAIN_KEYS || !Object.hasOwn(right, key)) return false;
      const structured = typeof left[key] === 'object' && left[key] !== null && !key.startsWith('$');
      const rule = structured ? schema?.rule(key) : undefined;
      return patchesConflict(left[key], right[key], rule?.inner, rule?.strategy, rule?.mergeKey);
    });
  }
  if (Array.isArray(left)) return !Array.isArray(right) || listsConflict(left, right, schema, strategy, mergeKey);
  return left !== right;
}

function listsConflict(left: unknown[], right: unknown[], schema: PatchSchema | undefined, strategy: string, mergeKey: string): boolean {
  if (left.length === 0 && right.length === 0) return false;
  const kind = elementKind(left, right);
  if (strategy === 'merge') {
    if (kind === 'scalar') return false;
    const others = new Map(right.map((item) => [identity(item, mergeKey), item]));
    return left.some((item) => {
      const key = identity(item, mergeKey);
      return others.has(key) && patchesConflict(item, others.get(key), schema);
    });
  }
  if (left.length !== right.length) return true;
  const order = (list: unknown[]) => (kind === 'scalar' ? unique(list).sort() : list);
  const sorted = order(right);
  return order(left).some((item, i) => patchesConflict(item, sorted[i], schema));
}
