import { equalJson, isObject, own, put } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import { asMember, below, EMPTY, has, printElement, SetBuilder } from './fieldset.ts';
import type { FieldSet } from './fieldset.ts';
import { ATOMIC, DEDUCED, SCALAR } from './type.ts';
import type { ApplyType } from './type.ts';

type MapType = Extract<ApplyType, { kind: 'map' }>;
type ListType = Extract<ApplyType, { kind: 'list' | 'set' }>;

const DEDUCED_MAP: MapType = { kind: 'map', field: () => undefined, element: () => DEDUCED };

/** What the type is for this value: `deduced` becomes definite, and a value that does not fit is taken as a whole. */
function resolve(type: ApplyType, value: unknown): MapType | ListType | typeof SCALAR | typeof ATOMIC {
  switch (type.kind) {
    case 'deduced': return isObject(value) ? DEDUCED_MAP : Array.isArray(value) ? ATOMIC : SCALAR;
    case 'map': return isObject(value) ? type : SCALAR;
    case 'list': case 'set': return Array.isArray(value) ? type : SCALAR;
    default: return type;
  }
}

const typeOfKey = (type: MapType, key: string): ApplyType => type.field(key) ?? type.element?.() ?? DEDUCED;
const elementType = (type: ListType): ApplyType => (type.kind === 'list' ? type.element() : SCALAR);

/** An element's place in its list: `k:{…}` with keys in order, or `v:…`. Throws TypeError with upstream's text. */
function elementKey(type: ListType, element: unknown): string {
  if (type.kind === 'set') {
    if (isObject(element)) throw new TypeError("associative list without keys has an element that's a map type");
    if (Array.isArray(element)) throw new TypeError('not supported: associative list with lists as elements');
    if (element === null) throw new TypeError("associative list without keys has an element that's an explicit null");
    return `v:${JSON.stringify(element)}`;
  }
  if (element === null) throw new TypeError('associative list with keys may not have a null element');
  if (!isObject(element)) throw new TypeError('associative list with keys may not have non-map elements');
  const parts = type.keys.map(({ name, default: fallback }) => {
    const value = own(element, name) ?? fallback;
    if (value === undefined) throw new TypeError(`associative list with keys has an element that omits key field ${JSON.stringify(name)} (and doesn't have default value)`);
    return [name, `${JSON.stringify(name)}:${JSON.stringify(value)}`] as const;
  });
  if (parts.length > 1) parts.sort(([a], [b]) => (a < b ? -1 : 1));
  return `k:{${parts.map(([, text]) => text).join(',')}}`;
}

/** As elementKey, for lists that are stored already: an element that has no key is its own. */
function looseKey(type: ListType, element: unknown): string {
  try {
    return elementKey(type, element);
  } catch {
    return `v:${JSON.stringify(element)}`;
  }
}

/** The fields that a configuration names. */
export function fieldSetOf(type: ApplyType, value: unknown): FieldSet {
  return setOf(type, value, false) ?? EMPTY;
}

/** `all`: every map and element on the way is a member too, as when a whole subtree is added. */
function setOf(type: ApplyType, value: unknown, all: boolean): FieldSet | undefined {
  const known = resolve(type, value);
  const result = new SetBuilder();
  if (known.kind === 'map') {
    const map = value as JsonObject;
    const keys = Object.keys(map);
    if (keys.length === 0) return all ? asMember(undefined) : undefined;
    for (const key of keys) {
      const inner = map[key];
      if (inner === undefined) continue;
      const node = setOf(typeOfKey(known, key), inner, all);
      const bare = inner === null || inner === EMPTIED_LIST || (isObject(inner) && Object.keys(inner).length === 0) || known.field(key) === undefined;
      result.add(`f:${key}`, bare ? asMember(node) : node);
    }
    return result.node(all);
  }
  if (known.kind === 'list' || known.kind === 'set') {
    const list = value as unknown[];
    if (list.length === 0) return all ? asMember(undefined) : undefined;
    const seen = groups(known, list);
    // Of elements that share a key nobody can own a part.
    for (const [key, same] of seen) result.add(key, same.length > 1 ? asMember(undefined) : asMember(setOf(elementType(known), same[0], all)));
    return result.node(all);
  }
  return asMember(undefined);
}

/** Elements by key, in order of first appearance. */
function groups(type: ListType, list: readonly unknown[]): Map<string, unknown[]> {
  const found = new Map<string, unknown[]>();
  for (const element of list) {
    const key = looseKey(type, element);
    const same = found.get(key);
    if (same) same.push(element);
    else found.set(key, [element]);
  }
  return found;
}

export interface Comparison {
  readonly removed: FieldSet;
  readonly modified: FieldSet;
  readonly added: FieldSet;
}

/** What changed between two objects. */
export function compare(type: ApplyType, before: unknown, after: unknown): Comparison {
  const changes: Changes = { removed: undefined, modified: undefined, added: undefined };
  compareValues(type, before, after, changes);
  return { removed: changes.removed ?? EMPTY, modified: changes.modified ?? EMPTY, added: changes.added ?? EMPTY };
}

interface Changes {
  removed: FieldSet | undefined;
  modified: FieldSet | undefined;
  added: FieldSet | undefined;
}

function compareValues(type: ApplyType, before: unknown, after: unknown, changes: Changes): void {
  if (before === after) return;
  if (before === undefined) changes.added = setOf(type, after, true);
  else if (after === undefined) changes.removed = setOf(type, before, true);
  else {
    const left = resolve(type, before);
    const right = resolve(type, after);
    if (left.kind === 'map' && right.kind === 'map') compareMaps(right, before as JsonObject, after as JsonObject, changes);
    else if ((left.kind === 'list' || left.kind === 'set') && left === right) compareLists(left, before as unknown[], after as unknown[], changes);
    else if (!equalJson(before, after) && !sameScalar(type, before, after)) changes.modified = asMember(undefined);
  }
}

/** Gathers the changes of a container's parts; builders are made only where something changed. */
class ChangesBuilder {
  readonly #parts: { [kind in keyof Changes]: SetBuilder | undefined } = { removed: undefined, modified: undefined, added: undefined };

  part(key: string, changes: Changes): void {
    if (changes.removed) (this.#parts.removed ??= new SetBuilder()).add(key, changes.removed);
    if (changes.modified) (this.#parts.modified ??= new SetBuilder()).add(key, changes.modified);
    if (changes.added) (this.#parts.added ??= new SetBuilder()).add(key, changes.added);
  }

  into(changes: Changes): void {
    changes.removed = this.#parts.removed?.node(false);
    changes.modified = this.#parts.modified?.node(false);
    changes.added = this.#parts.added?.node(false);
  }
}

const none = (): Changes => ({ removed: undefined, modified: undefined, added: undefined });

function compareMaps(type: MapType, before: JsonObject, after: JsonObject, changes: Changes): void {
  const parts = new ChangesBuilder();
  for (const key of Object.keys(before)) {
    const left = before[key];
    const right = own(after, key);
    if (left === right || left === undefined) continue;
    const inner = none();
    compareValues(typeOfKey(type, key), left, right, inner);
    parts.part(`f:${key}`, inner);
  }
  for (const key of Object.keys(after)) {
    if (Object.hasOwn(before, key) && before[key] !== undefined) continue;
    const inner = none();
    compareValues(typeOfKey(type, key), undefined, after[key], inner);
    parts.part(`f:${key}`, inner);
  }
  parts.into(changes);
}

function compareLists(type: ListType, before: unknown[], after: unknown[], changes: Changes): void {
  const left = groups(type, before);
  const right = groups(type, after);
  const parts = new ChangesBuilder();
  for (const key of new Set([...left.keys(), ...right.keys()])) {
    const l = left.get(key) ?? [];
    const r = right.get(key) ?? [];
    const inner = none();
    if (l.length <= 1 && r.length <= 1) compareValues(elementType(type), l[0], r[0], inner);
    else if (l.length > 1 && r.length > 1) inner.modified = equalJson(l, r) ? undefined : asMember(undefined);
    else {
      // Elements that share a key are owned as one; becoming that, or ceasing to be it, is a change of the whole.
      if (l.length > 1) compareValues(elementType(type), undefined, r[0], inner);
      else compareValues(elementType(type), l[0], undefined, inner);
      if (l.length > 1) inner.removed = asMember(inner.removed);
      else inner.added = asMember(inner.added);
    }
    parts.part(key, inner);
  }
  parts.into(changes);
}

/** Lays a configuration over an object: what it names wins, lists are merged by key, in the configuration's order where both have one. Shares parts. */
export function merge(type: ApplyType, live: unknown, applied: unknown): unknown {
  if (applied === undefined) return live;
  if (live === undefined) return applied;
  const known = resolve(type, applied);
  if (known.kind === 'map' && isObject(live)) {
    const map = applied as JsonObject;
    const result: JsonObject = {};
    for (const key of Object.keys(live)) put(result, key, merge(typeOfKey(known, key), live[key], own(map, key)));
    for (const key of Object.keys(map)) if (!Object.hasOwn(live, key)) put(result, key, map[key]);
    return result;
  }
  if ((known.kind === 'list' || known.kind === 'set') && Array.isArray(live)) return mergeLists(known, live, applied as unknown[]);
  return sameScalar(type, live, applied) ? live : applied;
}

const sameScalar = (type: ApplyType, a: unknown, b: unknown): boolean => type.kind === 'scalar' && type.same?.(a, b) === true;

function mergeLists(type: ListType, live: readonly unknown[], applied: readonly unknown[]): unknown[] {
  const mine = applied.map((element) => looseKey(type, element));
  const theirs = live.map((element) => looseKey(type, element));
  const wanted = new Map(mine.map((key, i) => [key, applied[i]]));
  const present = groups(type, live);
  const combined = (key: string) => {
    const same = present.get(key) ?? [];
    return merge(elementType(type), same.length === 1 ? same[0] : undefined, wanted.get(key));
  };
  const shared = mine.filter((key) => present.has(key));
  const done = new Set<string>();
  const result: unknown[] = [];
  let next = 0;
  let l = 0;
  let r = 0;
  // structured-merge-diff typed/merge.go, visitListItems: elements of both stay in the configuration's order, those of one keep their neighbours.
  while (l < theirs.length || r < mine.length) {
    const left = theirs[l];
    const right = mine[r];
    if (left !== undefined && right !== undefined) {
      if (left === right) {
        done.add(left);
        result.push(combined(left));
        l++;
        r++;
        next++;
        continue;
      }
      if (wanted.has(left) && next < shared.length && shared[next] !== left) {
        l++;
        continue;
      }
    }
    if (left !== undefined) {
      if (!wanted.has(left)) {
        result.push(live[l]);
        l++;
        continue;
      }
      if (done.has(left)) l++;
    }
    if (right !== undefined) {
      done.add(right);
      result.push(combined(right));
      r++;
      if (shared[next] === right) next++;
    }
  }
  return result;
}

/**
 * What stands where everything inside a map or list was removed. Upstream has a null there: the field itself is not removed, so whoever owns it keeps it,
 * but it is gone from the object in the end (`withoutEmptied`).
 */
const EMPTIED_MAP: JsonObject = Object.freeze({});
const EMPTIED_LIST: readonly unknown[] = Object.freeze([]);
const isEmptied = (value: unknown): boolean => value === EMPTIED_MAP || value === EMPTIED_LIST;

/** A private deep copy without what `remove` emptied. */
export function withoutEmptied(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmptied);
  if (!isObject(value)) return value;
  const result: JsonObject = {};
  for (const key of Object.keys(value)) if (!isEmptied(value[key])) put(result, key, withoutEmptied(value[key]));
  return result;
}

/** The object without the fields in the set, and what is below them. Shares parts. */
export function remove(type: ApplyType, value: unknown, fields: FieldSet): unknown {
  const known = resolve(type, value);
  if (known.kind === 'map') {
    const result: JsonObject = {};
    let kept = 0;
    for (const [key, inner] of Object.entries(value as JsonObject)) {
      if (has(fields, `f:${key}`)) continue;
      const inside = below(fields, `f:${key}`);
      put(result, key, inside ? remove(typeOfKey(known, key), inner, inside) : inner);
      kept++;
    }
    return kept > 0 ? result : EMPTIED_MAP;
  }
  if (known.kind === 'list' || known.kind === 'set') {
    const result: unknown[] = [];
    for (const element of value as unknown[]) {
      const key = looseKey(known, element);
      if (has(fields, key)) continue;
      const inner = below(fields, key);
      const left = inner ? remove(elementType(known), element, inner) : element;
      if (!isEmptied(left)) result.push(left);
    }
    return result.length > 0 ? result : EMPTIED_LIST;
  }
  return value;
}

/** The set with every declared field on the way to a member being a member too (fieldpath's EnsureNamedFieldsAreMembers). */
export function withNamedFields(type: ApplyType | undefined, set: FieldSet): FieldSet {
  const result: Record<string, FieldSet> = {};
  for (const key of Object.keys(set)) {
    const node = set[key]!;
    if (key === '.') {
      result[key] = node;
      continue;
    }
    const named = key.startsWith('f:') && type?.kind === 'map' ? type.field(key.slice(2)) : undefined;
    const inner = named ?? (type?.kind === 'map' ? type.element?.() : type?.kind === 'list' ? type.element() : undefined);
    const children = Object.keys(node).length === 0 ? node : withNamedFields(inner, node);
    result[key] = named ? asMember(children) : children;
  }
  return result;
}

/** Where a value stands; printed only when there is something to say about it. */
interface Place {
  readonly parent: Place | undefined;
  readonly element: string;
}

const printPlace = (place: Place | undefined): string => (place ? printPlace(place.parent) + printElement(place.element) : '');

/** Complaints about a configuration that does not fit its type: unknown fields, list elements without or with the same key. Texts as upstream's. */
export function typeProblems(type: ApplyType, value: unknown): string[] {
  const problems: string[] = [];
  checkType(type, value, undefined, problems);
  return problems;
}

function checkType(type: ApplyType, value: unknown, place: Place | undefined, problems: string[]): void {
  if (value === null || value === undefined) return;
  const known = resolve(type, value);
  if (known.kind === 'map') {
    for (const key of Object.keys(value as JsonObject)) {
      const declared = known.field(key) ?? known.element?.();
      const inner = { parent: place, element: `f:${key}` };
      if (declared) checkType(declared, (value as JsonObject)[key], inner, problems);
      else problems.push(`${printPlace(inner)}: field not declared in schema`);
    }
  } else if (known.kind === 'list' || known.kind === 'set') checkElements(known, value as unknown[], place, problems);
  else if (type.kind === 'map' || type.kind === 'list' || type.kind === 'set') problems.push(`${printPlace(place)}: expected ${type.kind === 'map' ? 'map' : 'list'}, got &{${JSON.stringify(value)}}`);
}

function checkElements(type: ListType, list: readonly unknown[], place: Place | undefined, problems: string[]): void {
  const seen = new Set<string>();
  for (const [i, element] of list.entries()) {
    let key: string;
    try {
      key = elementKey(type, element);
    } catch (error) {
      problems.push(`${printPlace(place)}: element ${i}: ${(error as Error).message}`);
      continue;
    }
    if (seen.has(key)) problems.push(`${printPlace(place)}: duplicate entries for key ${printElement(key)}`);
    else checkType(elementType(type), element, { parent: place, element: key }, problems);
    seen.add(key);
  }
}
