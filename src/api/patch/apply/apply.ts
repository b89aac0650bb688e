import { badRequest, StatusError } from '../../errors.ts';
import { copyJson, equalJson, isObject } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import type { KubeObject } from '../../object.ts';
import { parseApiVersion } from '../../object.ts';
import { normalize } from '../../schema/normalize.ts';
import { difference, EMPTY, intersection, isEmpty, paths, union, without } from './fieldset.ts';
import type { FieldSet } from './fieldset.ts';
import { allFields, capManagers, managerId, readManagers, takeFrom, writeManagers } from './managers.ts';
import type { Manager, Managers } from './managers.ts';
import { applyType } from './type.ts';
import type { ApplyType } from './type.ts';
import { compare, fieldSetOf, merge, remove, typeProblems, withNamedFields, withoutEmptied } from './typed.ts';

interface Common {
  /** Message of the schema tables; for custom resources their type (`applyTypeOf` of structural.ts). */
  readonly messageId: string | ApplyType;
  /** As `live` is now; undefined on create. */
  readonly live: KubeObject | undefined;
  readonly manager: string;
  /** The version of the request; live and the new object are in it as well. */
  readonly apiVersion: string;
  /** '' or undefined for the object itself. */
  readonly subresource?: string | undefined;
  /** RFC 3339, whole seconds. */
  readonly now: string;
  /** Fields that this request cannot change (`status` on the object itself, `spec` on its status), so that nobody owns them through it. */
  readonly reset?: readonly string[];
}

export interface ApplyRequest extends Common {
  readonly applied: object;
  readonly force: boolean;
}

export interface UpdateRequest extends Common {
  readonly next: KubeObject;
  readonly operation: 'Update';
}

/**
 * Server-side apply: the live object with the configuration laid over it, fields that the manager applied before and now leaves out removed, and
 * metadata.managedFields kept. Returns a private object without defaults. Throws StatusError: 409 with a cause for each field that someone else owns
 * (unless `force`), 400 for a wrong version or managedFields in the configuration, 500 (as upstream) for what does not fit the schema.
 */
export function applyServerSide(request: ApplyRequest): KubeObject {
  const type = typeof request.messageId === 'string' ? applyType(request.messageId) : request.messageId;
  const applied = checkApplied(type, request);
  const { object: live, managers: known } = separate(request.live);
  let managers: Managers = known ?? new Map();
  // An object that nobody's fields are known of belongs to everybody that wrote it before.
  if (managers.size === 0 && request.live) managers = updated(type, undefined, live, managers, { ...request, manager: 'before-first-apply' });
  const id = managerId({ manager: request.manager || 'unknown', operation: 'Apply', apiVersion: request.apiVersion, subresource: request.subresource ?? '' });
  const last = managers.get(id)?.fields ?? EMPTY;
  const set = without(fieldSetOf(type, applied), request.reset ?? []);
  const mine = entry(request, 'Apply', set);
  const next = pruned(type, merge(type, live, applied), new Map(managers).set(id, mine), last, set) as JsonObject;
  const changed = compareWithout(type, live, next, request.reset);
  const taken = union(changed.modified, changed.added);
  if (!request.force) {
    const conflicts = conflictsOf(managers, id, taken, request, live, type);
    if (conflicts.length > 0) throw conflictError(conflicts);
  }
  const left = takeFrom(new Map(managers).set(id, mine), id, [taken, changed.removed]);
  const before = managers.get(id);
  const stripped = stripMeta(set);
  if (isEmpty(stripped)) left.delete(id);
  else left.set(id, { ...mine, fields: stripped, time: before?.time !== undefined && equalJson(live, next) ? before.time : request.now });
  return finish(withLastApplied(withoutEmptied(next) as JsonObject, applied, request.manager), left);
}

/** Keeps metadata.managedFields after a create, update or patch: what changed between `live` and `next` is now the manager's. The result shares everything but its metadata with `next`. */
export function trackUpdate(request: UpdateRequest): KubeObject {
  const type = typeof request.messageId === 'string' ? applyType(request.messageId) : request.messageId;
  const { object: live, managers: liveManagers } = separate(request.live);
  const { object: next, managers: nextManagers, reset } = separate(request.next);
  // Whoever sends managedFields may change them, but only on the object itself; `[{}]` throws them away.
  let managers: Managers = liveManagers ?? new Map();
  if (!request.subresource) managers = reset ? new Map() : nextManagers && nextManagers.size > 0 ? nextManagers : managers;
  // Owners are kept from an object's beginning, or not at all.
  if (managers.size === 0 && request.live?.metadata.uid) return finish(next, managers);
  return finish(next, capManagers(updated(type, request.live && live, next, managers, request)));
}

function updated(type: ApplyType, live: JsonObject | undefined, next: JsonObject, managers: Managers, request: Common): Managers {
  const { removed, modified, added } = compareWithout(type, live ?? (typeof request.messageId === 'string' ? zeroObject(request.messageId) : {}), next, request.reset);
  const changed = union(modified, added);
  const left = takeFrom(managers, '', [changed, removed]);
  const mine = stripMeta(changed);
  if (isEmpty(mine)) return left;
  const own = entry(request, 'Update', mine);
  const id = managerId(own);
  const before = left.get(id);
  return left.set(id, before ? { ...own, fields: union(mine, before.fields) } : own);
}

const zeroObjects = new Map<string, JsonObject>();

/** An object before anybody wrote to it: the structs that Go writes even when empty are there, and so nobody's (upstream compares with `scope.Creater.New`). */
function zeroObject(messageId: string): JsonObject {
  let zero = zeroObjects.get(messageId);
  if (!zero) {
    zeroObjects.set(messageId, zero = {});
    normalize(messageId, zero);
  }
  return zero;
}

function entry(request: Common, operation: 'Apply' | 'Update', fields: FieldSet): Manager {
  return { manager: request.manager || 'unknown', operation, apiVersion: request.apiVersion, subresource: request.subresource ?? '', time: request.now, fields };
}

function compareWithout(type: ApplyType, before: JsonObject, after: JsonObject, reset: readonly string[] = []): ReturnType<typeof compare> {
  const { removed, modified, added } = compare(type, before, after);
  return { removed: without(removed, reset), modified: without(modified, reset), added: without(added, reset) };
}

/** The object without managedFields, and those apart. Shares everything else. */
function separate(object: KubeObject | undefined): { object: JsonObject; managers: Managers | undefined; reset: boolean } {
  if (!object) return { object: {}, managers: new Map(), reset: false };
  const { managedFields, ...metadata } = object.metadata ?? {};
  const reset = managedFields !== undefined && (managedFields.length === 0 || (managedFields.length === 1 && Object.keys(managedFields[0]!).length === 0));
  return { object: { ...object, metadata }, managers: reset ? undefined : readManagers(managedFields), reset };
}

function finish(object: JsonObject, managers: Managers): KubeObject {
  const managedFields = writeManagers(managers);
  const metadata = { ...(object['metadata'] as object), ...(managedFields && { managedFields }) };
  return { ...object, metadata } as unknown as KubeObject;
}

/** What identifies an object, and what the server writes, is nobody's (managedfields/internal/stripmeta.go). */
const NOBODYS: FieldSet = Object.fromEntries([
  ['f:apiVersion', {}], ['f:kind', {}],
  ['f:metadata', { '.': {}, ...Object.fromEntries(['name', 'namespace', 'creationTimestamp', 'selfLink', 'uid', 'clusterName', 'generation', 'managedFields', 'resourceVersion'].map((name) => [`f:${name}`, {}])) }],
]) as FieldSet;

const stripMeta = (set: FieldSet): FieldSet => difference(set, NOBODYS);

/**
 * Takes away what the manager applied before (`last`) and does not apply now, unless someone else owns it. With `mine` covering all of `last` there is nothing to take.
 */
function pruned(type: ApplyType, merged: unknown, managers: Managers, last: FieldSet, mine: FieldSet): unknown {
  if (isEmpty(difference(last, stripMeta(mine)))) return merged;
  const named = (set: FieldSet) => withNamedFields(type, set);
  const lastNamed = named(last);
  const mergedSet = named(fieldSetOf(type, merged));
  const first = remove(type, merged, lastNamed);
  const owned = named(allFields(managers));
  const second = remove(type, merged, difference(mergedSet, union(named(fieldSetOf(type, first)), owned)));
  return remove(type, merged, intersection(difference(mergedSet, named(fieldSetOf(type, second))), lastNamed));
}

function checkApplied(type: ApplyType, request: ApplyRequest): JsonObject {
  const applied = request.applied as JsonObject;
  if (applied['apiVersion'] !== request.apiVersion) {
    throw badRequest(`Incorrect version specified in apply patch. Specified patch version: ${String(applied['apiVersion'])}, expected: ${request.apiVersion}`);
  }
  const metadata = isObject(applied['metadata']) ? applied['metadata'] : {};
  if (metadata['managedFields'] !== undefined && metadata['managedFields'] !== null) throw badRequest('metadata.managedFields must be nil');
  const problems = typeProblems(type, applied);
  if (problems.length > 0) {
    const { group, version } = parseApiVersion(request.apiVersion);
    const what = `${String(metadata['namespace'] ?? '')}/${String(metadata['name'] ?? '')}; ${group === '' ? `/${version}` : `${group}/${version}`}, Kind=${String(applied['kind'])}`;
    const shown = problems.length === 1 ? problems[0]! : `errors:\n${problems.slice(0, 20).map((problem) => `  ${problem}\n`).join('')}`;
    throw new StatusError({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message: `failed to create typed patch object (${what}): ${shown}`, code: 500 });
  }
  return applied;
}

interface Conflict {
  readonly owner: Manager;
  readonly path: string;
}

function conflictsOf(managers: Managers, me: string, taken: FieldSet, request: ApplyRequest, live: JsonObject, type: ApplyType): Conflict[] {
  const conflicts = [...managers].filter(([id]) => id !== me).flatMap(([, owner]) => paths(intersection(owner.fields, taken)).map((path) => ({ owner, path })));
  if (conflicts.length === 0) return conflicts;
  const allowed = allowedByLastApplied(type, request, live);
  return conflicts.filter(({ path }) => !allowed.has(path)).sort((a, b) => (a.owner.manager < b.owner.manager ? -1 : a.owner.manager > b.owner.manager ? 1 : a.path < b.path ? -1 : 1));
}

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** What kubectl applied on the client's side before, and nobody changed since, kubectl may take over (lastappliedmanager.go). */
function allowedByLastApplied(type: ApplyType, request: ApplyRequest, live: JsonObject): Set<string> {
  const text = lastApplied(live);
  if (request.manager !== 'kubectl' || text === undefined) return new Set();
  let before: unknown;
  try {
    before = JSON.parse(text);
  } catch {
    return new Set();
  }
  if (!isObject(before) || before['apiVersion'] !== request.apiVersion) return new Set();
  const { removed, modified, added } = compare(type, before, live);
  return new Set(paths([modified, added, removed].reduce(difference, fieldSetOf(type, before))));
}

function lastApplied(object: JsonObject): string | undefined {
  const metadata = object['metadata'];
  const annotations = isObject(metadata) ? metadata['annotations'] : undefined;
  const text = isObject(annotations) ? annotations[LAST_APPLIED] : undefined;
  return typeof text === 'string' && text !== '' ? text : undefined;
}

/** kubectl's own record of what it applied follows, where there is one (lastappliedupdater.go). Changes `next`. */
function withLastApplied(next: JsonObject, applied: JsonObject, manager: string): JsonObject {
  if (manager !== 'kubectl' || lastApplied(next) === undefined) return next;
  const record = copyJson(applied);
  const recorded = (record['metadata'] as JsonObject | undefined)?.['annotations'];
  if (isObject(recorded)) delete recorded[LAST_APPLIED];
  ((next['metadata'] as JsonObject)['annotations'] as JsonObject)[LAST_APPLIED] = `${JSON.stringify(record)}\n`;
  return next;
}

function conflictError(conflicts: readonly Conflict[]): StatusError {
  const byOwner = new Map<string, string[]>();
  for (const { owner, path } of conflicts) byOwner.set(printOwner(owner), [...(byOwner.get(printOwner(owner)) ?? []), path]);
  const [only] = conflicts;
  const message = conflicts.length === 1 && only
    ? `Apply failed with 1 conflict: conflict with ${printOwner(only.owner)}: ${only.path}`
    : `Apply failed with ${conflicts.length} conflicts: ${[...byOwner].map(([owner, list]) => [`conflicts with ${owner}:`, ...list.map((path) => `- ${path}`)].join('\n')).join('\n')}`;
  const causes = conflicts.map(({ owner, path }) => ({ reason: 'FieldManagerConflict', message: `conflict with ${printOwner(owner)}`, field: path }));
  return new StatusError({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason: 'Conflict', details: { causes }, code: 409 });
}

function printOwner({ manager, subresource, operation, apiVersion }: Manager): string {
  const name = JSON.stringify(manager) + (subresource === '' ? '' : ` with subresource ${JSON.stringify(subresource)}`);
  return operation === 'Update' ? `${name} using ${apiVersion}` : name;
}
