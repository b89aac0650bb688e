import { StatusError, alreadyExists, badRequest, invalid } from '../../api/errors.ts';
import type { KubeObject } from '../../api/object.ts';
import { WriteConflict, type Entry } from '../../store/store.ts';
import { mutate, validate } from '../admission/plugin.ts';
import { admissionRequest, keyOf, timestamp, unstored, type Core, type WriteRequest } from './core.ts';
import { runHooks } from './hooks.ts';
import { claimFields } from './managed-fields.ts';
import { validateMetadata } from '../../api/validation/metadata.ts';
import { emptyStatus } from './intake.ts';
import { ensureMetadata } from './metadata.ts';

const MAX_GENERATED = 58;
const GENERATE_ATTEMPTS = 8;

/**
 * Stores a new object. `object` is in stored form, defaulted, and the server's own from here on. Upstream: registry/rest/create.go BeforeCreate and registry/generic/registry/store.go
 * Create. `applied`: server-side apply has settled the managed fields. Rejects with AlreadyExists, Invalid, or what admission says.
 */
export async function create(core: Core, request: WriteRequest, object: KubeObject, options: { readonly applied?: boolean } = {}): Promise<Entry> {
  const { resource, namespace } = request;
  const { kind } = resource;
  ensureMetadata(object);
  const meta = object.metadata;
  alignNamespace(object, kind.namespaced ? namespace : '');
  if (meta.resourceVersion !== undefined && meta.resourceVersion !== '' && meta.resourceVersion !== '0') throw badRequest('resourceVersion should not be set on objects to be created');
  const now = timestamp(core.clock.now());
  // Before admission and the kind fill in their own: what the server makes up belongs to nobody (endpoints/handlers/create.go).
  if (!options.applied) claimFields(request, object, undefined, now, '');
  const admission = admissionRequest(core, request, { operation: 'CREATE', name: meta.name ?? '', object });
  await mutate(core.admission, admission);

  meta.uid = core.random.uuid();
  meta.creationTimestamp = now;
  delete meta.resourceVersion;
  delete meta.deletionTimestamp;
  delete meta.deletionGracePeriodSeconds;
  delete meta.selfLink;
  delete meta.generation;
  if (kind.generation) meta.generation = 1;
  const generated = !meta.name && !!meta.generateName;
  if (generated) meta.name = generateName(core, meta.generateName!);
  if (kind.status && !kind.statusOnCreate) emptyStatus(kind, object);
  kind.prepareCreate?.(object, now);

  const release = runHooks(core.hooks, object, undefined, resource);
  try {
    const problems = [...validateMetadata(object, kind), ...(kind.validate?.(object) ?? []), ...(kind.validateCreate?.(object) ?? [])];
    if (problems.length > 0) throw invalid({ group: resource.group, kind: kind.kind }, meta.name ?? '', problems);
    await validate(core.admission, { ...admission, name: meta.name! });
    for (const text of kind.warnings?.(object, undefined) ?? []) request.warnings.push(text);
    return await write(core, request, object, generated);
  } finally {
    release();
  }
}

async function write(core: Core, request: WriteRequest, object: KubeObject, generated: boolean): Promise<Entry> {
  const { resource } = request;
  const namespace = object.metadata.namespace ?? '';
  for (let attempt = 1; ; attempt++) {
    const name = object.metadata.name!;
    const key = keyOf(resource, namespace, name);
    try {
      if (!request.dryRun) return await core.store.create(key, object);
      if (core.store.get(key)) throw new WriteConflict('exists', key);
      return unstored(key, core.store.revision, object);
    } catch (error) {
      if (!(error instanceof WriteConflict) || error.why !== 'exists') throw error;
      if (!generated) throw alreadyExists(resource, name);
      if (attempt === GENERATE_ATTEMPTS) throw generateExhausted(alreadyExists(resource, name));
      object.metadata.name = generateName(core, object.metadata.generateName!);
    }
  }
}

function generateExhausted(error: StatusError): StatusError {
  return new StatusError({ ...error.status, message: `${error.status.message}, the server was not able to generate a unique name for the object` });
}

function generateName(core: Core, base: string): string {
  return `${base.slice(0, MAX_GENERATED)}${core.random.suffix(5)}`;
}

/** A body may leave its namespace out, but not name another than the path's (rest.EnsureObjectNamespaceMatchesRequestNamespace). */
export function alignNamespace(object: KubeObject, namespace: string): void {
  if (namespace === '') delete object.metadata.namespace;
  else if (!object.metadata.namespace) object.metadata.namespace = namespace;
  else if (object.metadata.namespace !== namespace) throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
}
