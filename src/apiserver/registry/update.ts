import { conflict, invalid, modified, notFound, badRequest } from '../../api/errors.ts';
import type { FieldError } from '../../api/errors.ts';
import type { Kind } from '../../api/kind.ts';
import type { KubeObject } from '../../api/object.ts';
import { WriteConflict, type Entry } from '../../store/store.ts';
import { mutate, validate } from '../admission/plugin.ts';
import { copyJson, equalJson } from '../../api/json.ts';
import { validateMetadataUpdate } from '../../api/validation/metadata.ts';
import { admissionRequest, keyOf, timestamp, unstored, type Core, type WriteRequest } from './core.ts';
import { alignNamespace, create } from './create.ts';
import { runHooks } from './hooks.ts';
import { claimFields } from './managed-fields.ts';
import { ensureMetadata, specDiffers } from './metadata.ts';

/** How one update differs from another. */
export interface Change {
  readonly name: string;
  /** '' for the object itself; `status`, or another subresource that lets only its part through (see `keep`). */
  readonly subresource: string;
  /** The new object in stored form, defaulted. `current` is shared: it must be copied. Called again when the write is retried. */
  next(current: Entry | undefined): KubeObject | Promise<KubeObject>;
  /** For subresources other than status: the stored object with only that part taken from `next`. */
  readonly keep?: (next: KubeObject, old: KubeObject, nowMs: number) => KubeObject;
  /** Whether a lost race is tried again (patches, and updates that name no resourceVersion). */
  readonly retry: boolean;
  /** Whether a missing object is created. */
  readonly createMissing?: boolean;
  /** A patch: an absent resourceVersion is taken from the current object, so it is never "unconditional". */
  readonly patch?: boolean;
  /** Managed fields already settled by server-side apply. */
  readonly applied?: boolean;
}

const RETRIES = 32;

/** Changes an object (registry/rest/update.go BeforeUpdate, registry/generic/registry/store.go Update). Rejects with NotFound, Conflict, Invalid, or what admission says. */
export async function update(core: Core, request: WriteRequest, change: Change): Promise<{ entry: Entry; created: boolean }> {
  const { resource } = request;
  const key = keyOf(resource, request.namespace, change.name);
  for (let attempt = 1; ; attempt++) {
    const current = core.store.get(key);
    if (!current) {
      if (!change.createMissing) throw notFound(resource, change.name);
      const fresh = await change.next(undefined);
      return { entry: await create(core, request, fresh, { applied: change.applied ?? false }), created: true };
    }
    try {
      return { entry: await attemptUpdate(core, request, change, current), created: false };
    } catch (error) {
      if (!(error instanceof WriteConflict)) throw error;
      if (error.why === 'missing' && !change.createMissing) throw notFound(resource, change.name);
      if (!change.retry || attempt === RETRIES) throw modified(resource, change.name);
    }
  }
}

async function attemptUpdate(core: Core, request: WriteRequest, change: Change, current: Entry): Promise<Entry> {
  const { resource } = request;
  const { kind } = resource;
  const old = current.object;
  let next = await change.next(current);
  ensureMetadata(next);
  checkIdentity(request, change, next, old);
  const now = timestamp(core.clock.now());
  if (!change.applied) claimFields(request, next, old, now, change.subresource);
  const admission = admissionRequest(core, request, { operation: 'UPDATE', name: change.name, subresource: change.subresource, object: next, oldObject: old });
  await mutate(core.admission, admission);

  next = prepare(request, change, next, old, core.clock.now());
  const release = change.subresource === '' ? runHooks(core.hooks, next, old, resource) : () => {};
  try {
    const problems = [
      ...validateMetadataUpdate(next, old, kind),
      ...complaints(kind, change, next, old),
    ];
    if (problems.length > 0) throw invalid({ group: resource.group, kind: kind.kind }, change.name, problems);
    await validate(core.admission, { ...admission, object: next });
    if (change.subresource === '') for (const text of kind.warnings?.(next, old) ?? []) if (!request.warnings.includes(text)) request.warnings.push(text);
    return await commit(core, request, current, next);
  } finally {
    release();
  }
}

/** What the kind says to the change. A subresource other than status lets through what an update of the object itself may not touch. */
function complaints(kind: Kind, { subresource }: Change, next: KubeObject, old: KubeObject): readonly FieldError[] {
  if (subresource === 'status') return kind.validateStatus?.(next, old) ?? [];
  const whole = kind.validate?.(next) ?? [];
  return [...whole, ...((subresource === '' ? kind.validateUpdate : kind.validateSubresource?.[subresource])?.(next, old) ?? [])];
}

function checkIdentity(request: WriteRequest, change: Change, next: KubeObject, old: KubeObject): void {
  const { resource } = request;
  const { kind } = resource;
  const meta = next.metadata;
  if (!meta.name) {
    if (change.applied) meta.name = change.name;
    else throw badRequest(`the name of the object (${change.name} based on URL) was undeterminable: name must be provided`);
  }
  if (meta.name !== change.name) throw badRequest(`the name of the object (${meta.name}) does not match the name on the URL (${change.name})`);
  alignNamespace(next, kind.namespaced ? request.namespace : '');
  if (meta.uid && meta.uid !== old.metadata.uid) throw conflict(resource, change.name, `Precondition failed: UID in precondition: ${meta.uid}, UID in object meta: ${old.metadata.uid}`);
  const version = meta.resourceVersion;
  if (!version || version === '0') {
    if (kind.unconditionalUpdate === false && !change.patch) {
      throw invalid({ group: resource.group, kind: resource.plural }, change.name, [{ type: 'FieldValueInvalid', field: 'metadata.resourceVersion', detail: 'Invalid value: 0x0: must be specified for an update' }]);
    }
  } else if (!/^\d+$/.test(version)) {
    throw badRequest(`invalid resource version: strconv.ParseUint: parsing ${JSON.stringify(version)}: invalid syntax`);
  } else if (version !== old.metadata.resourceVersion) throw modified(resource, change.name);
}

/** Puts back what this request may not change, and counts generations. */
function prepare(request: WriteRequest, change: Change, proposed: KubeObject, old: KubeObject, nowMs: number): KubeObject {
  const { kind } = request.resource;
  let next = proposed as KubeObject & { status?: unknown };
  const was = old as KubeObject & { status?: unknown };
  const meta = { ...next.metadata };
  meta.uid = old.metadata.uid;
  meta.creationTimestamp = old.metadata.creationTimestamp;
  for (const field of ['deletionTimestamp', 'deletionGracePeriodSeconds', 'generation', 'selfLink'] as const) {
    if (old.metadata[field] === undefined) delete meta[field];
    else (meta as Record<string, unknown>)[field] = old.metadata[field];
  }
  meta.resourceVersion = old.metadata.resourceVersion;
  if (change.subresource === 'status') {
    const { managedFields } = meta;
    next = { ...copyJson(was), metadata: { ...copyJson(old.metadata), ...(managedFields && { managedFields }) }, status: next.status };
    // Upstream lets labels and annotations through `/status` for most kinds: they belong to nobody's half.
    if (meta.labels) next.metadata.labels = meta.labels;
    if (meta.annotations) next.metadata.annotations = meta.annotations;
    if (next.status === undefined) delete next.status;
    kind.prepareStatus?.(next, old, timestamp(nowMs));
    return next;
  }
  next.metadata = meta;
  if (change.keep) {
    const kept = change.keep(next, old, nowMs);
    // A binding is no change of what was asked for.
    if (kind.generation && change.subresource !== 'binding' && specDiffers(kind, kept, old)) kept.metadata.generation = (old.metadata.generation ?? 0) + 1;
    return kept;
  }
  if (kind.status) {
    if (was.status === undefined) delete next.status;
    else next.status = copyJson(was.status);
  }
  kind.prepareUpdate?.(next, old);
  if (kind.generation && specDiffers(kind, next, old)) next.metadata.generation = (old.metadata.generation ?? 0) + 1;
  return next;
}

async function commit(core: Core, request: WriteRequest, current: Entry, next: KubeObject): Promise<Entry> {
  if (equalJson(next, current.object)) return current;
  const ending = shouldEnd(next);
  if (request.dryRun) return unstored(current.key, current.revision, next);
  // What only waited for its last finalizer goes with the update that takes it away (ShouldDeleteDuringUpdate); the answer is the object as it was asked to be.
  if (ending) {
    const gone = await core.store.delete(current.key, current.revision);
    return unstored(current.key, gone.revision, { ...next, metadata: { ...next.metadata, resourceVersion: String(gone.revision) } });
  }
  return core.store.update(current.key, next, current.revision);
}

/** Whether an object has nothing left to wait for. */
export function shouldEnd(object: KubeObject): boolean {
  const { deletionTimestamp, finalizers, deletionGracePeriodSeconds } = object.metadata;
  if (deletionTimestamp === undefined || (finalizers?.length ?? 0) > 0 || (deletionGracePeriodSeconds ?? 0) > 0) return false;
  const spec = (object as { spec?: { finalizers?: readonly string[] } }).spec;
  return !(object.kind === 'Namespace' && object.apiVersion === 'v1') || (spec?.finalizers?.length ?? 0) === 0;
}
