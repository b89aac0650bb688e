import { copyJson, equalJson, isObject, put } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { DELETE_FROM, ELEMENT_ORDER, PATCH, PatchError, patchSchema, RETAIN_KEYS } from './directives.ts';
import type { PatchSchema } from './directives.ts';
import { elementKind, identity, mergePatches, sortedBy, unique } from './strategic.ts';
import { patchesConflict } from './conflict.ts';

/** The strategic merge patch that turns `original` into `modified`. Throws PatchError. */
export function createTwoWayMergePatch(messageId: string, original: object, modified: object): JsonObject {
  return twoWayBy(patchSchema(messageId), original, modified);
}

/** As `createTwoWayMergePatch`, for any schema. */
function twoWayBy(schema: PatchSchema, original: object, modified: object): JsonObject {
  return diffObjects(copyJson(original) as JsonObject, copyJson(modified) as JsonObject, schema, { order: true });
}

/**
 * The strategic merge patch that takes `current` (live) to `modified` (wanted), deleting only what `original` (last applied) had: what `kubectl apply` and
 * Helm send. Unless `overwrite`, throws PatchError when someone else changed the same fields otherwise.
 */
export function createThreeWayMergePatch(messageId: string, original: object, modified: object, current: object, overwrite = true): JsonObject {
  return threeWayBy(patchSchema(messageId), original, modified, current, overwrite);
}

/** As `createThreeWayMergePatch`, for any schema. */
function threeWayBy(schema: PatchSchema, original: object, modified: object, current: object, overwrite = true): JsonObject {
  const [first, wanted, live] = [original, modified, current].map((o) => copyJson(o) as JsonObject) as [JsonObject, JsonObject, JsonObject];
  const delta = copyJson(diffObjects(live, wanted, schema, { order: true, keepDeletions: false }));
  const deletions = copyJson(diffObjects(first, wanted, schema, { order: true, keepChanges: false }));
  const patch = mergePatches(deletions, delta, schema);
  if (!overwrite) {
    const changed = diffObjects(first, live, schema, {});
    if (patchesConflict(patch, changed, schema)) throw new PatchError(`patch:\n${JSON.stringify(patch)}\nconflicts with changes made from original to current:\n${JSON.stringify(changed)}\n`);
  }
  return patch;
}

interface Options {
  /** Write `$setElementOrder`. */
  readonly order?: boolean;
  readonly keepChanges?: boolean;
  readonly keepDeletions?: boolean;
  readonly retainKeys?: boolean;
}

function diffObjects(original: JsonObject, modified: JsonObject, schema: PatchSchema, options: Options): JsonObject {
  const { keepChanges = true, keepDeletions = true } = options;
  const patch: JsonObject = {};
  for (const key of Object.keys(modified)) {
    const after = modified[key];
    if (!Object.hasOwn(original, key)) {
      if (keepChanges) put(patch, key, after);
      continue;
    }
    const before = original[key];
    if (equalJson(before, after) && !(isObject(after) || Array.isArray(after))) continue;
    if (isObject(before) && isObject(after)) diffObjectField(key, before, after, patch, schema, options);
    else if (Array.isArray(before) && Array.isArray(after)) diffListField(key, before, after, patch, schema, options);
    else if (keepChanges) put(patch, key, after);
  }
  if (keepDeletions) for (const key of Object.keys(original)) if (!Object.hasOwn(modified, key)) put(patch, key, null);
  if (options.retainKeys) {
    const retained = Object.keys(modified).filter((key) => modified[key] !== null).sort();
    const clears = Object.keys(original).some((key) => original[key] !== null && !Object.hasOwn(modified, key));
    if (retained.length > 0 && (clears || Object.keys(patch).length > 0)) patch[RETAIN_KEYS] = retained;
  }
  return patch;
}

function diffObjectField(key: string, before: JsonObject, after: JsonObject, patch: JsonObject, schema: PatchSchema, options: Options): void {
  // Equal maps need no rule; unknown fields are refused only where they differ.
  const same = equalJson(before, after);
  let rule;
  try {
    rule = schema.rule(key);
  } catch (error) {
    if (same) return;
    throw error;
  }
  if (rule.strategy === 'replace') {
    if (options.keepChanges !== false) put(patch, key, after);
    return;
  }
  const inner = diffObjects(before, after, rule.inner, { ...options, retainKeys: rule.retainKeys });
  if (Object.keys(inner).length > 0) put(patch, key, inner);
}

function diffListField(key: string, before: unknown[], after: unknown[], patch: JsonObject, schema: PatchSchema, options: Options): void {
  const same = equalJson(before, after);
  if (same) return;
  const rule = schema.rule(key);
  if (rule.strategy !== 'merge') {
    if (options.keepChanges !== false) put(patch, key, after);
    return;
  }
  const { changes, deletions, order } = diffLists(before, after, rule.inner, rule.mergeKey, { ...options, retainKeys: rule.retainKeys });
  if (changes.length > 0) put(patch, key, changes);
  if (deletions.length > 0) put(patch, DELETE_FROM + key, deletions);
  if (order.length > 0) put(patch, ELEMENT_ORDER + key, order);
}

interface ListDiff {
  readonly changes: unknown[];
  readonly deletions: unknown[];
  readonly order: unknown[];
}

function diffLists(original: unknown[], modified: unknown[], schema: PatchSchema, mergeKey: string, options: Options): ListDiff {
  const { keepChanges = true, keepDeletions = true } = options;
  if (original.length === 0) return { changes: keepChanges ? modified : [], deletions: [], order: [] };
  if (elementKind(original, modified) === 'scalar') {
    const { added, removed } = diffScalars(original, modified);
    const deletions = keepDeletions ? unique(removed) : [];
    const ordered = options.order && (deletions.length > 0 || (keepChanges && !equalJson(original, modified)));
    return { changes: keepChanges ? sortedBy(added, modified, '') : [], deletions, order: ordered ? modified : [] };
  }
  const patch = diffElements(original as JsonObject[], modified as JsonObject[], schema, mergeKey, options);
  const sameOrder = original.length === modified.length && original.every((item, i) => identity(item, mergeKey) === identity(modified[i], mergeKey));
  const ordered = options.order && ((keepChanges && (patch.length > 0 || !sameOrder)) || (keepDeletions && patch.length > 0));
  return { changes: sortedBy(patch, modified, mergeKey), deletions: [], order: ordered ? modified.map((item) => ({ [mergeKey]: identity(item, mergeKey) })) : [] };
}

/** What must be added and taken away, as multisets. */
function diffScalars(original: readonly unknown[], modified: readonly unknown[]): { added: unknown[]; removed: unknown[] } {
  const removed = [...original].sort(byText);
  const added: unknown[] = [];
  for (const item of [...modified].sort(byText)) {
    const at = removed.findIndex((other) => String(other) === String(item));
    if (at < 0) added.push(item);
    else removed.splice(at, 1);
  }
  return { added, removed };
}

const byText = (a: unknown, b: unknown) => (String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0);

function diffElements(original: readonly JsonObject[], modified: readonly JsonObject[], schema: PatchSchema, mergeKey: string, options: Options): JsonObject[] {
  const { keepChanges = true, keepDeletions = true } = options;
  const byKey = (list: readonly JsonObject[]) => new Map(list.map((item) => [String(identity(item, mergeKey)), item]));
  const before = byKey(original);
  const after = byKey(modified);
  const patch: JsonObject[] = [];
  const deletions: JsonObject[] = [];
  for (const key of [...new Set([...before.keys(), ...after.keys()])].sort()) {
    const [old, wanted] = [before.get(key), after.get(key)];
    if (!wanted) {
      if (keepDeletions) deletions.push({ [mergeKey]: old![mergeKey], [PATCH]: 'delete' });
    } else if (!old) {
      if (keepChanges) patch.push(wanted);
    } else {
      const inner = diffObjects(old, wanted, schema, options);
      if (Object.keys(inner).length > 0) patch.push({ ...inner, [mergeKey]: wanted[mergeKey] });
    }
  }
  return [...patch, ...deletions];
}
