import { own } from '../../json.ts';

/**
 * A set of fields in the form it is stored and sent in (FieldsV1), so that nothing is encoded or decoded: a tree whose keys are `f:name`, `k:{"key":1}`,
 * `v:"value"` or `i:0`. A node is a member when it is empty or has a key `.`. Sets are never changed; operations return new ones and share what they can.
 */
export interface FieldSet {
  readonly [element: string]: FieldSet;
}

const MEMBER: FieldSet = Object.freeze({});
/** The empty set: at the root, no key means no member. */
export const EMPTY: FieldSet = MEMBER;

export const isEmpty = (set: FieldSet): boolean => {
  for (const key in set) if (key !== '.') return false;
  return true;
};

const isMember = (node: FieldSet): boolean => Object.hasOwn(node, '.') || isEmpty(node);
const child = (node: FieldSet, key: string): FieldSet | undefined => own(node as Record<string, unknown>, key) as FieldSet | undefined;

/** Collects the children of one node. */
export class SetBuilder {
  #children: Record<string, FieldSet> | undefined;

  add(key: string, node: FieldSet | undefined): void {
    if (node) (this.#children ??= {})[key] = node;
  }

  /** The node; undefined when it is no member and has no children. */
  node(member: boolean): FieldSet | undefined {
    if (!this.#children) return member ? MEMBER : undefined;
    return member ? { '.': MEMBER, ...this.#children } : this.#children;
  }
}

/** A node that is a member, whatever it was. */
export function asMember(node: FieldSet | undefined): FieldSet {
  return !node || isMember(node) ? (node ?? MEMBER) : { '.': MEMBER, ...node };
}

export function union(a: FieldSet, b: FieldSet): FieldSet {
  return unionNodes(a, b, false, false) ?? EMPTY;
}

function unionNodes(a: FieldSet, b: FieldSet, aMember: boolean, bMember: boolean): FieldSet | undefined {
  if (a === b) return a;
  const result = new SetBuilder();
  for (const key of Object.keys(a)) {
    if (key === '.') continue;
    const other = child(b, key);
    result.add(key, other ? unionNodes(a[key]!, other, isMember(a[key]!), isMember(other)) : a[key]);
  }
  for (const key of Object.keys(b)) if (key !== '.' && !Object.hasOwn(a, key)) result.add(key, b[key]);
  return result.node(aMember || bMember);
}

/** What is in a and not in b; members one by one, not with what is below them. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  return isEmpty(b) ? a : (differenceNodes(a, b, false, false) ?? EMPTY);
}

function differenceNodes(a: FieldSet, b: FieldSet, aMember: boolean, bMember: boolean): FieldSet | undefined {
  const result = new SetBuilder();
  for (const key of Object.keys(a)) {
    if (key === '.') continue;
    const other = child(b, key);
    result.add(key, other ? differenceNodes(a[key]!, other, isMember(a[key]!), isMember(other)) : a[key]);
  }
  return result.node(aMember && !bMember);
}

export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  return intersectionNodes(a, b, false) ?? EMPTY;
}

function intersectionNodes(a: FieldSet, b: FieldSet, member: boolean): FieldSet | undefined {
  const result = new SetBuilder();
  for (const key of Object.keys(a)) {
    const other = key === '.' ? undefined : child(b, key);
    if (other) result.add(key, intersectionNodes(a[key]!, other, isMember(a[key]!) && isMember(other)));
  }
  return result.node(member);
}

/** Without the given fields and everything below them (`status`, `metadata.labels`). */
export function without(set: FieldSet, paths: readonly string[]): FieldSet {
  return paths.reduce((left, path) => withoutPath(left, path.split('.').map((name) => `f:${name}`)), set);
}

function withoutPath(set: FieldSet, [first, ...rest]: readonly string[]): FieldSet {
  const inner = child(set, first!);
  if (!inner) return set;
  const { [first!]: _, ...others } = set;
  if (rest.length === 0) return others;
  const left = withoutPath(inner, rest);
  return isEmpty(left) && !isMember(inner) ? others : { ...others, [first!]: left };
}

export function equalSets(a: FieldSet, b: FieldSet): boolean {
  if (a === b) return true;
  const keys = Object.keys(a).filter((key) => key !== '.');
  if (keys.length !== Object.keys(b).filter((key) => key !== '.').length) return false;
  return keys.every((key) => {
    const other = child(b, key);
    return other !== undefined && isMember(a[key]!) === isMember(other) && equalSets(a[key]!, other);
  });
}

const ordered = new WeakMap<FieldSet, FieldSet>();

/** The same set with its elements in the order in which upstream writes them: names, keys, values, indices (structured-merge-diff fieldpath/element.go Compare). */
export function inOrder(set: FieldSet): FieldSet {
  let known = ordered.get(set);
  if (known) return known;
  const keys = Object.keys(set);
  const sorted = keys.every((key, i) => i === 0 || compareElements(keys[i - 1]!, key) < 0) ? keys : [...keys].sort(compareElements);
  const children = sorted.map((key) => [key, inOrder(set[key]!)] as const);
  known = sorted === keys && children.every(([key, node]) => node === set[key]) ? set : Object.fromEntries(children);
  ordered.set(set, known);
  ordered.set(known, known);
  return known;
}

const RANKS = '.fkvi';

function compareElements(a: string, b: string): number {
  if (a[0] !== b[0]) return RANKS.indexOf(a[0]!) - RANKS.indexOf(b[0]!);
  return a[0] === 'f' || a[0] === '.' ? order(a, b) : compareValues(JSON.parse(a.slice(2)), JSON.parse(b.slice(2)));
}

/** Objects by their first name or value that differs, numbers by size. */
function compareValues(a: unknown, b: unknown): number {
  if (typeof a === 'object' && typeof b === 'object' && a !== null && b !== null) return compareLists(Object.entries(a).flat(), Object.entries(b).flat());
  return typeof a === 'number' && typeof b === 'number' ? a - b : order(String(a), String(b));
}

function compareLists(a: readonly unknown[], b: readonly unknown[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const difference = compareValues(a[i], b[i]);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Whether the element itself is in the set. */
export function has(set: FieldSet, key: string): boolean {
  const node = child(set, key);
  return node !== undefined && isMember(node);
}

/** What is below an element, or undefined. */
export function below(set: FieldSet, key: string): FieldSet | undefined {
  const node = child(set, key);
  return node && !isEmpty(node) ? node : undefined;
}

/** The paths of all members, as conflicts print them: `.spec.containers[name="c"].image`. */
export function paths(set: FieldSet, prefix = ''): string[] {
  return Object.keys(set).filter((key) => key !== '.').sort().flatMap((key) => {
    const path = prefix + printElement(key);
    const inner = paths(set[key]!, path);
    return isMember(set[key]!) ? [path, ...inner] : inner;
  });
}

/** `f:a` → `.a`, `k:{"name":"c"}` → `[name="c"]`, `v:"x"` → `[="x"]`, `i:0` → `[0]`. */
export function printElement(element: string): string {
  const body = element.slice(2);
  switch (element[0]) {
    case 'f': return `.${body}`;
    case 'v': return `[=${body}]`;
    case 'i': return `[${body}]`;
    default: return `[${Object.entries(JSON.parse(body) as object).map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',')}]`;
  }
}

/** Whether a value that came from outside is a set of fields. */
export function isFieldSet(value: unknown): value is FieldSet {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.keys(value).every((key) => (key === '.' || isElement(key)) && isFieldSet((value as Record<string, unknown>)[key]));
}

function isElement(key: string): boolean {
  if (key.startsWith('f:')) return true;
  if (key.startsWith('i:')) return /^\d+$/.test(key.slice(2));
  if (!/^[kv]:/.test(key)) return false;
  if (good.has(key)) return true;
  try {
    const body: unknown = JSON.parse(key.slice(2));
    if (key[0] === 'k' && (typeof body !== 'object' || body === null || Array.isArray(body))) return false;
  } catch {
    return false;
  }
  if (good.size >= MAX_GOOD) good.clear();
  if (key.length <= 200) good.add(key);
  return true;
}

/** Elements that were found good: the same few come again and again. */
const good = new Set<string>();
const MAX_GOOD = 10_000;
