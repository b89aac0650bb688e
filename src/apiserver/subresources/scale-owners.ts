import { has, isEmpty, below, without, type FieldSet } from '../../api/patch/apply/fieldset.ts';
import { managerId, readManagers, writeManagers, type Manager } from '../../api/patch/apply/managers.ts';
import type { ManagedFieldsEntry } from '../../api/types/meta.v1.ts';

/**
 * Who owns `spec.replicas` of a Scale is who owns the replicas of the object behind it; what a Scale's owners become, the object's do (apimachinery pkg/util/managedfields/scalehandler.go).
 * `path` is where the object keeps its replicas: `spec.replicas`.
 */
const REPLICAS: FieldSet = { 'f:spec': { 'f:replicas': {} } };
const SCALE_VERSION = 'autoscaling/v1';

const inScale = (manager: Manager): Manager => ({ ...manager, apiVersion: SCALE_VERSION, fields: REPLICAS });

/** The owners of a Scale, of those of its object. */
export function scaleOwners(entries: readonly ManagedFieldsEntry[] | undefined, path: string): ManagedFieldsEntry[] | undefined {
  const owners = [...(readManagers(entries)?.values() ?? [])].filter(({ fields }) => owns(fields, path)).map(inScale);
  return writeManagers(new Map(owners.map((manager) => [managerId(manager), manager])));
}

/** The owners of the object, after those of its Scale changed. `apiVersion` is the version that the request speaks of the object. */
export function ownersBehind(entries: readonly ManagedFieldsEntry[] | undefined, scaled: readonly ManagedFieldsEntry[] | undefined, path: string, apiVersion: string): ManagedFieldsEntry[] | undefined {
  const left = new Map(readManagers(scaled) ?? []);
  const next = new Map<string, Manager>();
  for (const [id, manager] of readManagers(entries) ?? []) {
    // Who still owns the replicas, and who never did, stays as it is.
    if (!owns(manager.fields, path) || left.delete(managerId(inScale(manager)))) next.set(id, manager);
    else {
      const fields = without(manager.fields, [path]);
      if (!isEmpty(fields)) next.set(id, { ...manager, fields });
    }
  }
  for (const manager of left.values()) {
    if (!owns(manager.fields, 'spec.replicas')) continue;
    const taken: Manager = { ...manager, apiVersion, fields: asSet(path) };
    next.set(managerId(taken), taken);
  }
  return writeManagers(next);
}

function owns(set: FieldSet, path: string): boolean {
  const names = path.split('.').map((name) => `f:${name}`);
  const last = names.pop()!;
  let at: FieldSet | undefined = set;
  for (const name of names) at = at && below(at, name);
  return at !== undefined && has(at, last);
}

const asSet = (path: string): FieldSet => path.split('.').reduceRight<FieldSet>((inner, name) => ({ [`f:${name}`]: inner }), {});
