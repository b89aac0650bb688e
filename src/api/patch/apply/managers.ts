import type { ManagedFieldsEntry } from '../../types/meta.v1.ts';
import { difference, EMPTY, equalSets, inOrder, isEmpty, isFieldSet, union } from './fieldset.ts';
import type { FieldSet } from './fieldset.ts';

/** One owner of fields: who, by which operation, in which version, through which subresource. */
export interface Manager {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly subresource: string;
  readonly time: string | undefined;
  readonly fields: FieldSet;
}

/** Owners by identity. Never changed once handed out. */
export type Managers = ReadonlyMap<string, Manager>;

/** Tells owners apart; an applier keeps its entry when it changes the version. */
export function managerId(of: Omit<Manager, 'time' | 'fields'>): string {
  return JSON.stringify([of.operation, of.manager, of.subresource, of.operation === 'Apply' ? '' : of.apiVersion]);
}

/** Reads metadata.managedFields; undefined when an entry is not as the server writes it. */
export function readManagers(entries: readonly ManagedFieldsEntry[] | undefined): Managers | undefined {
  const managers = new Map<string, Manager>();
  for (const entry of entries ?? []) {
    if ((entry.operation !== 'Apply' && entry.operation !== 'Update') || !entry.apiVersion || entry.fieldsType !== 'FieldsV1') return undefined;
    const fields = entry.fieldsV1 ?? {};
    if (!isKnown(fields)) return undefined;
    const manager: Manager = { manager: entry.manager ?? '', operation: entry.operation, apiVersion: entry.apiVersion, subresource: entry.subresource ?? '', time: entry.time, fields };
    managers.set(managerId(manager), manager);
  }
  return managers;
}

const checked = new WeakSet<object>();

/** Sets are shared between the versions of an object, so each is checked once. */
function isKnown(fields: object): fields is FieldSet {
  if (checked.has(fields)) return true;
  const good = isFieldSet(fields);
  if (good && Object.isFrozen(fields)) checked.add(fields);
  return good;
}

/** What metadata.managedFields says, in upstream's order: appliers first, then by time, name, version, subresource. undefined when nobody owns anything. */
export function writeManagers(managers: Managers): ManagedFieldsEntry[] | undefined {
  if (managers.size === 0) return undefined;
  const key = (m: Manager) => [m.operation, m.time ?? '', m.manager, m.apiVersion, m.subresource].join('\0');
  return [...managers.values()].sort((a, b) => (key(a) < key(b) ? -1 : 1)).map((m) => ({
    manager: m.manager, operation: m.operation, apiVersion: m.apiVersion, ...(m.time !== undefined && { time: m.time }), fieldsType: 'FieldsV1', fieldsV1: inOrder(m.fields),
    ...(m.subresource !== '' && { subresource: m.subresource }),
  }));
}

/** The owners with some of their fields taken away; those left with nothing are gone. `except` keeps what it has. */
export function takeFrom(managers: Managers, except: string, taken: readonly FieldSet[]): Map<string, Manager> {
  const left = new Map<string, Manager>();
  for (const [id, manager] of managers) {
    const fields = id === except ? manager.fields : taken.reduce(difference, manager.fields);
    if (!isEmpty(fields)) left.set(id, equalSets(fields, manager.fields) ? manager : { ...manager, fields });
  }
  return left;
}

/** Everything that anyone owns. */
export function allFields(managers: Managers): FieldSet {
  let all = EMPTY;
  for (const manager of managers.values()) all = union(all, manager.fields);
  return all;
}

/** apimachinery managedfields/internal: DefaultMaxUpdateManagers. */
const MAX_UPDATE_MANAGERS = 10;

/** At most ten updaters: the oldest of a version are put together as `ancient-changes`. */
export function capManagers(managers: Managers): Managers {
  const updaters = [...managers].filter(([, m]) => m.operation === 'Update').sort(([a, x], [b, y]) => ((x.time ?? '') < (y.time ?? '') ? -1 : (x.time ?? '') > (y.time ?? '') ? 1 : a < b ? -1 : 1));
  if (updaters.length <= MAX_UPDATE_MANAGERS) return managers;
  const capped = new Map(managers);
  const first = new Map<string, string>();
  let count = updaters.length;
  for (const [id, manager] of updaters) {
    if (count <= MAX_UPDATE_MANAGERS) break;
    const bucket: Manager = { ...manager, manager: 'ancient-changes', subresource: '' };
    const bucketId = managerId(bucket);
    const before = first.get(manager.apiVersion);
    if (before === undefined) {
      first.set(manager.apiVersion, id);
      continue;
    }
    const old = capped.get(bucketId) ?? capped.get(before)!;
    if (before !== bucketId) capped.delete(before);
    first.set(manager.apiVersion, bucketId);
    capped.delete(id);
    capped.set(bucketId, { ...bucket, fields: union(old.fields, manager.fields) });
    count--;
  }
  return capped;
}
