import { copyJson, equalJson, isObject, put } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { DELETE_FROM, ELEMENT_ORDER, PATCH, PatchError, patchSchema, RETAIN_KEYS } from './directives.ts';
import type { PatchSchema } from './directives.ts';
import { show } from './show.ts';

/**
 * Applies a strategic merge patch to an object of a message of the schema tables (`apps/v1.Deployment`) and returns a new object; neither argument is
 * changed. Throws PatchError with upstream's text. Rules: apimachinery pkg/util/strategicpatch/patch.go.
 */
export function strategicMerge<T extends object>(messageId: string, original: T, patch: unknown): T {
  return strategicMergeBy(patchSchema(messageId), original, patch) as T;
}

/** As `strategicMerge`, for any schema. */
function strategicMergeBy(schema: PatchSchema, original: unknown, patch: unknown): JsonObject {
  if (!isObject(patch) || !isObject(original)) throw new PatchError('invalid JSON document');
  return mergeObject(copyJson(original), copyJson(patch), schema, { apply: true });
}

/** Folds one patch into another: directives and nulls are kept. Both arguments may be changed. */
export function mergePatches(into: JsonObject, patch: JsonObject, schema: PatchSchema): JsonObject {
  return mergeObject(into, patch, schema, { apply: false });
}

/** `apply`: directives take effect and vanish. Otherwise two patches are folded into one, and they stay. */
interface Mode {
  readonly apply: boolean;
}

function mergeObject(original: JsonObject, patch: JsonObject, schema: PatchSchema, mode: Mode): JsonObject {
  if (Object.hasOwn(patch, PATCH)) return directed(patch);
  retainKeys(original, patch, mode);
  mergeOrderedLists(original, patch, schema, mode);
  for (const key of Object.keys(patch)) mergeKey(original, key, patch[key], schema, mode);
  return original;
}

function directed(patch: JsonObject): JsonObject {
  const { [PATCH]: directive, ...rest } = patch;
  if (directive === 'replace') return rest;
  if (directive === 'delete') return {};
  throw new PatchError(`unknown patch type: ${show(directive)} in map: ${show(patch)}`);
}

function mergeKey(original: JsonObject, patchKey: string, value: unknown, schema: PatchSchema, mode: Mode): void {
  const deletes = patchKey.startsWith('$deleteFromPrimitiveList');
  if (deletes && !mode.apply) return put(original, patchKey, value);
  if (deletes && !patchKey.startsWith(DELETE_FROM)) throw new PatchError('invalid patch format of primitive list');
  const key = deletes ? patchKey.slice(DELETE_FROM.length) : patchKey;
  if (value === null) {
    delete original[key];
    if (mode.apply) return;
  }
  const before = Object.hasOwn(original, key) ? original[key] : undefined;
  if (isObject(before) && isObject(value)) {
    const rule = schema.rule(key);
    put(original, key, rule.strategy === 'replace' ? value : mergeObject(before, value, rule.inner, mode));
  } else if (Array.isArray(before) && Array.isArray(value)) {
    const rule = schema.rule(key);
    put(original, key, rule.strategy === 'merge' || deletes ? mergeList(before, value, rule.inner, rule.mergeKey, mode, deletes) : value);
  } else if (!deletes) {
    const kept = withoutDirectives(mode.apply ? withoutNulls(value) : value);
    if (kept === undefined) delete original[key];
    else put(original, key, kept);
  }
}

/** `$retainKeys`: every other key of the map goes. */
function retainKeys(original: JsonObject, patch: JsonObject, mode: Mode): void {
  if (!Object.hasOwn(patch, RETAIN_KEYS)) return;
  const retained = patch[RETAIN_KEYS];
  delete patch[RETAIN_KEYS];
  if (!mode.apply) {
    const known = original[RETAIN_KEYS];
    if (known !== undefined && !equalJson(known, retained)) throw new PatchError(`${show(known)} and ${show(retained)} are not deep equal: this may happen when calculating the 3-way diff patch`);
    original[RETAIN_KEYS] = retained;
    return;
  }
  if (!Array.isArray(retained)) throw new PatchError('invalid patch format of retainKeys');
  const keys = new Set<unknown>(retained);
  for (const key of Object.keys(patch)) {
    const directive = key.startsWith('$deleteFromPrimitiveList') || key.startsWith('$setElementOrder');
    if (patch[key] !== null && !directive && !keys.has(key)) throw new PatchError('invalid patch format of retainKeys');
  }
  for (const key of Object.keys(original)) if (!keys.has(key)) delete original[key];
}

/** `$setElementOrder/LIST`: merges the list and orders the result; the list is then done. */
function mergeOrderedLists(original: JsonObject, patch: JsonObject, schema: PatchSchema, mode: Mode): void {
  for (const directive of Object.keys(patch)) {
    if (!directive.startsWith('$setElementOrder')) continue;
    const order = patch[directive];
    delete patch[directive];
    if (!mode.apply) {
      if (Object.hasOwn(original, directive) && !equalJson(original[directive], order)) throw new PatchError('invalid patch format of setElementOrder list');
      put(original, directive, order);
    }
    if (!directive.startsWith(ELEMENT_ORDER)) throw new PatchError('invalid patch format of setElementOrder list');
    const key = directive.slice(ELEMENT_ORDER.length);
    const wanted = listOf(order);
    const before = Object.hasOwn(original, key) ? listOf(original[key]) : undefined;
    const after = Object.hasOwn(patch, key) ? listOf(patch[key]) : undefined;
    const { strategy, mergeKey, inner } = schema.rule(key);
    checkOrder(after ?? [], wanted, mergeKey);
    if (!before && !after) continue;
    const merged = !after ? before! : !before ? (withoutDirectives(after) as unknown[]) : strategy === 'merge' ? mergeList(before, after, inner, mergeKey, mode, false) : after;
    const isWanted = among(wanted, mergeKey);
    const [mine, theirs] = partition(merged, isWanted);
    elementKind(before ?? [], after ?? []);
    put(original, key, interleave(sortedBy(mine, wanted, mergeKey), sortedBy(theirs, before ?? [], mergeKey), before ?? [], mergeKey));
    delete patch[key];
  }
}

function mergeList(original: unknown[], patch: unknown[], schema: PatchSchema, mergeKey: string, mode: Mode, deletes: boolean): unknown[] {
  if (original.length === 0 && patch.length === 0) return original;
  let merged: unknown[];
  if (elementKind(original, patch) === 'scalar') {
    if (mode.apply && deletes) return original.filter((item) => !patch.includes(item));
    merged = unique([...original, ...patch]);
  } else {
    if (mergeKey === '') throw new PatchError('cannot merge lists without merge key for struct');
    const plain = applyElementDirectives(original, patch as JsonObject[], mergeKey);
    merged = mergeElements(plain.original as JsonObject[], plain.patch, schema, mergeKey, mode);
    patch = plain.patch;
    original = plain.original;
  }
  const [mine, theirs] = partition(merged, among(patch, mergeKey));
  return interleave(sortedBy(mine, patch, mergeKey), sortedBy(theirs, original, mergeKey), original, mergeKey);
}

/** Elements that carry `$patch`: `delete` takes out the element of that key, `replace` anywhere makes the rest of the patch the whole list. */
function applyElementDirectives(original: unknown[], patch: JsonObject[], mergeKey: string): { original: unknown[]; patch: JsonObject[] } {
  const plain: JsonObject[] = [];
  let kept = original;
  let replace = false;
  for (const element of patch) {
    if (!Object.hasOwn(element, PATCH)) plain.push(element);
    else if (element[PATCH] === 'replace') replace = true;
    else if (element[PATCH] === 'delete') {
      const key = keyOf(element, mergeKey);
      kept = kept.filter((item) => !isObject(item) || item[mergeKey] !== key);
    } else if (element[PATCH] === 'merge') throw new PatchError('merging lists cannot yet be specified in the patch');
    else throw new PatchError(`unknown patch type: ${show(element[PATCH])} in map: ${show(element)}`);
  }
  return replace ? { original: plain, patch: [] } : { original: kept, patch: plain };
}

function mergeElements(original: JsonObject[], patch: readonly JsonObject[], schema: PatchSchema, mergeKey: string, mode: Mode): JsonObject[] {
  const merged = [...original];
  for (const element of patch) {
    const key = keyOf(element, mergeKey);
    const at = merged.findIndex((item) => Object.hasOwn(item, mergeKey) && item[mergeKey] === key);
    if (at < 0) merged.push(element);
    else merged[at] = mergeObject(merged[at]!, { ...element }, schema, mode);
  }
  return merged;
}

/** The elements of a patch must come in the order that its directive gives, and all be in it. */
function checkOrder(patch: readonly unknown[], order: readonly unknown[], mergeKey: string): void {
  if (order.length === 0 || patch.length === 0) return;
  const elements = patch.filter((item) => !(isObject(item) && Object.hasOwn(item, PATCH)));
  let at = 0;
  for (const wanted of order) {
    if (at < elements.length && identity(elements[at], mergeKey) === identity(wanted, mergeKey)) at++;
  }
  if (at < elements.length) throw new PatchError(`The order in patch list:\n${show(patch)}\n doesn't match $setElementOrder list:\n${show(order)}\n`);
}

/** Sorts by the place in `order`, items that are not in it staying where they are; deletions go last. */
export function sortedBy(items: readonly unknown[], order: readonly unknown[], mergeKey: string): unknown[] {
  const isDeletion = (item: unknown) => mergeKey !== '' && isObject(item) && item[PATCH] === 'delete';
  const place = places(order, mergeKey);
  const sorted = items.filter((item) => !isDeletion(item)).sort((a, b) => {
    const left = place.get(identity(a, mergeKey));
    const right = place.get(identity(b, mergeKey));
    return left !== undefined && right !== undefined ? left - right : 0;
  });
  return [...sorted, ...items.filter(isDeletion)];
}

/** Puts the server's own items between the patch's, before the first that comes later in the live list. */
function interleave(mine: readonly unknown[], theirs: readonly unknown[], live: readonly unknown[], mergeKey: string): unknown[] {
  const place = places(live, mergeKey);
  const result: unknown[] = [];
  let i = 0;
  for (const item of mine) {
    const at = place.get(identity(item, mergeKey)) ?? -1;
    while (i < theirs.length && (place.get(identity(theirs[i], mergeKey)) ?? Infinity) < at) result.push(theirs[i++]);
    result.push(item);
  }
  return [...result, ...theirs.slice(i)];
}

function places(list: readonly unknown[], mergeKey: string): Map<unknown, number> {
  const place = new Map<unknown, number>();
  list.forEach((item, i) => {
    const key = identity(item, mergeKey);
    if (!place.has(key)) place.set(key, i);
  });
  return place;
}

function among(list: readonly unknown[], mergeKey: string): (item: unknown) => boolean {
  const known = new Set(list.map((item) => identity(item, mergeKey)));
  return (item) => known.has(identity(item, mergeKey));
}

function partition(items: readonly unknown[], test: (item: unknown) => boolean): [unknown[], unknown[]] {
  return [items.filter(test), items.filter((item) => !test(item))];
}

/** What tells a list's element from the others: its key, or itself. */
export function identity(item: unknown, mergeKey: string): unknown {
  if (mergeKey === '') return item;
  if (!isObject(item)) throw new PatchError(`expected a map[string]interface {}, but received a ${typeName(item)}`);
  return keyOf(item, mergeKey);
}

function keyOf(element: JsonObject, mergeKey: string): unknown {
  if (!Object.hasOwn(element, mergeKey)) throw new PatchError(`map: ${show(element)} does not contain declared merge key: ${mergeKey}`);
  return element[mergeKey];
}

function listOf(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new PatchError(`expected a []interface {}, but received a ${typeName(value)}`);
  return value;
}

function typeName(value: unknown): string {
  if (value === null) return '%!s(<nil>)';
  if (Array.isArray(value)) return '[]interface {}';
  if (typeof value === 'object') return 'map[string]interface {}';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  return typeof value === 'boolean' ? 'bool' : 'string';
}

/** Whether the lists hold maps or scalars; they may not be mixed, and lists of lists are not supported. */
export function elementKind(...lists: readonly (readonly unknown[])[]): 'map' | 'scalar' {
  const names = new Set(lists.flat(1).map(typeName));
  if (names.has('[]interface {}')) throw new PatchError('lists of lists are not supported');
  if (names.size === 0) throw new PatchError('no elements in any of the given slices');
  if (names.size > 1) throw new PatchError(`list element types are not identical: ${show(lists)}`);
  return names.has('map[string]interface {}') ? 'map' : 'scalar';
}

/** Without repeats, in upstream's order: the last item takes a repeat's place. */
export function unique(items: readonly unknown[]): unknown[] {
  const result = [...items];
  for (let i = 0; i < result.length; i++) {
    for (let j = i + 1; j < result.length;) {
      if (result[i] !== result[j]) j++;
      else {
        const last = result.pop();
        if (j < result.length) result[j] = last;
      }
    }
  }
  return result;
}

/** A value that a patch adds, without what only directs: undefined when nothing is left of it. May change its argument. */
function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDirectives).filter((item) => item !== undefined);
  if (!isObject(value)) return value;
  if (Object.hasOwn(value, PATCH)) return undefined;
  for (const key of Object.keys(value)) {
    const kept = withoutDirectives(value[key]);
    if (kept === undefined) delete value[key];
    else put(value, key, kept);
  }
  return value;
}

/** A value that a patch adds, without nulls in its maps. May change its argument. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) value.forEach(withoutNulls);
  else if (isObject(value)) {
    for (const key of Object.keys(value)) {
      if (value[key] === null) delete value[key];
      else withoutNulls(value[key]);
    }
  }
  return value;
}
