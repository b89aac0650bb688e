import { StatusError, conflict, modified, notFound } from '../../api/errors.ts';
import type { KubeObject } from '../../api/object.ts';
import type { Status } from '../../api/types/meta.v1.ts';
import { WriteConflict, type Entry } from '../../store/store.ts';
import { mutate, validate } from '../admission/plugin.ts';
import { copyJson, equalJson } from '../../api/json.ts';
import type { Resource } from '../scheme.ts';
import { admissionRequest, keyOf, timestamp, unstored, type Core, type WriteRequest } from './core.ts';
import { shouldEnd } from './update.ts';

export interface DeleteParams {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: string;
  readonly orphanDependents?: boolean;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
}

const ATTEMPTS = 32;

/** Whose delete answers with the object that has gone instead of a Status: ReturnDeletedObject in the storage.go of each in pkg/registry. */
const RETURN_DELETED = new Set([
  '/namespaces', '/persistentvolumeclaims', '/persistentvolumes', '/pods', '/podtemplates', '/resourcequotas', '/serviceaccounts', '/services',
  'storage.k8s.io/csidrivers', 'storage.k8s.io/csinodes', 'storage.k8s.io/storageclasses', 'storage.k8s.io/volumeattachments',
]);

/** Whether a delete of this resource answers with the deleted object. */
export function returnsDeleted({ group, plural }: Resource): boolean {
  return RETURN_DELETED.has(`${group}/${plural}`);
}

/**
 * Deletes, or marks for deletion (registry/rest/delete.go BeforeDelete, registry/generic/registry/store.go Delete). `gone`: whether it is no longer stored.
 * Rejects with NotFound, Conflict (preconditions), or what admission says.
 */
export async function remove(core: Core, request: WriteRequest, name: string, params: DeleteParams): Promise<{ entry: Entry; gone: boolean }> {
  const key = keyOf(request.resource, request.namespace, name);
  let admitted = false;
  for (let attempt = 1; ; attempt++) {
    const current = core.store.get(key);
    if (!current) throw notFound(request.resource, name);
    checkPreconditions(request.resource, name, params, current);
    if (!admitted) {
      const admission = admissionRequest(core, request, { operation: 'DELETE', name, oldObject: current.object });
      await mutate(core.admission, admission);
      await validate(core.admission, admission);
      admitted = true;
      continue;
    }
    try {
      return await step(core, request, current, params);
    } catch (error) {
      if (!(error instanceof WriteConflict)) throw error;
      if (error.why === 'missing') throw notFound(request.resource, name);
      if (attempt >= ATTEMPTS) throw modified(request.resource, name);
    }
  }
}

function checkPreconditions(resource: Resource, name: string, { preconditions }: DeleteParams, current: Entry): void {
  const { uid, resourceVersion } = current.object.metadata;
  // Here upstream names the kind where other conflicts name the resource (registry/rest/delete.go).
  const about = { group: resource.group, plural: resource.kind.kind };
  if (preconditions?.uid !== undefined && preconditions.uid !== uid) {
    throw conflict(about, name, `the UID in the precondition (${preconditions.uid}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`);
  }
  if (preconditions?.resourceVersion !== undefined && preconditions.resourceVersion !== resourceVersion) {
    throw conflict(about, name, `the ResourceVersion in the precondition (${preconditions.resourceVersion}) does not match the ResourceVersion in record (${resourceVersion}). The object might have been modified`);
  }
}

async function step(core: Core, request: WriteRequest, current: Entry, params: DeleteParams): Promise<{ entry: Entry; gone: boolean }> {
  const { resource, dryRun } = request;
  const marked = mark(resource, current.object, params, core.clock.now());
  if (marked === undefined) return { entry: current, gone: false };
  const { object, ends } = marked;
  // What goes gracefully is shown with the mark that it went by; its kubelet may not have a grace to wait for.
  const graceful = resource.kind.graceSeconds !== undefined;
  if (!ends) {
    if (equalJson(object, current.object)) return { entry: current, gone: false };
    return { entry: dryRun ? unstored(current.key, current.revision, object) : await core.store.update(current.key, object, current.revision), gone: false };
  }
  const gone = dryRun ? current : await core.store.delete(current.key, current.revision);
  if (!graceful) return { entry: gone, gone: true };
  return { entry: unstored(gone.key, gone.revision, { ...object, metadata: { ...object.metadata, resourceVersion: String(gone.revision) } }), gone: true };
}

/** What a delete makes of an object, and whether nothing keeps it then; undefined: it is already on its way. */
export function mark(resource: Resource, object: KubeObject, params: DeleteParams, nowMs: number): { readonly object: KubeObject; readonly ends: boolean } | undefined {
  const { kind } = resource;
  const { metadata } = object;
  const next = copyJson(object);
  if (metadata.deletionTimestamp !== undefined && (metadata.deletionGracePeriodSeconds ?? 0) > 0) {
    const left = metadata.deletionGracePeriodSeconds!;
    // Only a shorter wait may be asked for.
    if (params.gracePeriodSeconds === undefined || params.gracePeriodSeconds >= left) return undefined;
    const began = Date.parse(metadata.deletionTimestamp) - left * 1000;
    next.metadata.deletionTimestamp = timestamp(Math.max(began + params.gracePeriodSeconds * 1000, nowMs));
    next.metadata.deletionGracePeriodSeconds = params.gracePeriodSeconds;
    return { object: next, ends: shouldEnd(next) };
  }
  next.metadata.finalizers = finalizersFor(metadata.finalizers ?? [], params, resource);
  if (next.metadata.finalizers.length === 0) delete next.metadata.finalizers;
  const isNamespace = kind.kind === 'Namespace' && kind.storage.group === '';
  const grace = metadata.deletionTimestamp === undefined ? (kind.graceSeconds?.(object, params.gracePeriodSeconds) ?? 0) : 0;
  if (metadata.deletionTimestamp === undefined) {
    next.metadata.deletionTimestamp = timestamp(nowMs + grace * 1000);
    next.metadata.deletionGracePeriodSeconds = grace;
    if ((next.metadata.generation ?? 0) > 0) next.metadata.generation!++;
    kind.prepareDelete?.(next, timestamp(nowMs));
    // pkg/registry/core/namespace/storage Delete: the namespace controller empties it, then takes spec.finalizers away.
    if (isNamespace) {
      (next as { status?: { phase?: string } }).status = { ...(next as { status?: object }).status, phase: 'Terminating' };
      delete next.metadata.deletionGracePeriodSeconds;
    }
  }
  return { object: next, ends: shouldEnd(next) };
}

/** What leaves its dependents when a delete does not say what becomes of them: DefaultGarbageCollectionPolicy of each strategy.go in pkg/registry. */
const ORPHANING = new Set(['v1/replicationcontrollers', 'batch/v1/jobs', 'batch/v1beta1/cronjobs']);

/** Finalizers that carry the propagation policy to the garbage collector. */
function finalizersFor(finalizers: readonly string[], params: DeleteParams, { apiVersion, plural }: Resource): string[] {
  const chosen = finalizers.some((name) => name === 'orphan' || name === 'foregroundDeletion');
  const byDefault = !chosen && ORPHANING.has(`${apiVersion}/${plural}`) ? 'Orphan' : undefined;
  const policy = params.propagationPolicy ?? (params.orphanDependents === undefined ? byDefault : params.orphanDependents ? 'Orphan' : 'Background');
  if (policy === undefined) return [...finalizers];
  const rest = finalizers.filter((name) => name !== 'orphan' && name !== 'foregroundDeletion');
  if (policy === 'Orphan') return [...rest, 'orphan'];
  return policy === 'Foreground' ? [...rest, 'foregroundDeletion'] : rest;
}

/** What a client is told when the object is gone. */
export function deletedStatus(resource: Resource, entry: Entry): Status {
  const { name, uid } = entry.object.metadata;
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: { name: name ?? '', ...(resource.group !== '' && { group: resource.group }), kind: resource.plural, uid: uid ?? '' },
  };
}

/** Whether an error only says that somebody else was faster. */
export function alreadyGone(error: unknown): boolean {
  return error instanceof StatusError && error.reason === 'NotFound';
}
