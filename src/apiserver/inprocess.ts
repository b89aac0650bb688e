import { badRequest, invalid } from '../api/errors.ts';
import { apiVersionOf, type KubeObject, type ObjectList, type ResourceType, type WatchEvent } from '../api/object.ts';
import type { Status } from '../api/types/meta.v1.ts';
import type { Client, DeleteOptions, ListOptions, RawRequest, RawResponse, WatchHandler, WatchOptions, WriteOptions } from '../client/client.ts';
import { StatusError } from '../api/errors.ts';
import type { Attributes } from './authz/attributes.ts';
import { copyJson } from '../api/json.ts';
import { createObject, deleteCollection, deleteObject, noSuchResource, patchObject, readObject, updateObject, type Outcome, type Target, type WriteCall } from './operations.ts';
import type { Core } from './registry/core.ts';
import { list } from './registry/read.ts';
import { selectedName, selection } from './registry/selection.ts';
import { inVersion } from './registry/versions.ts';
import { watch } from './registry/watch.ts';
import { listKindOf, type Resource } from './scheme.ts';
import type { UserInfo } from './user.ts';

export interface InProcessOptions {
  readonly core: Core;
  readonly user: UserInfo;
  /** Throws Forbidden when the user may not. */
  authorize(attributes: Attributes): void;
  raw(request: RawRequest, user: UserInfo): Promise<RawResponse>;
}

/** A Client without HTTP: the same verbs, the same checks, no encoding. Objects that come back are the store's own. */
export function inProcessClient({ core, user, authorize, raw }: InProcessOptions): Client {
  const resourceOf = (type: ResourceType): Resource => {
    const found = core.scheme.find(type.group, type.version, type.plural);
    if (!found) throw noSuchResource();
    return found;
  };
  const target = (type: ResourceType, verb: string, namespace: string | undefined, name: string, subresource = '', selected = name): Target => {
    const resource = resourceOf(type);
    const needsOne = verb !== 'list' && verb !== 'watch' && verb !== 'deletecollection';
    if (resource.kind.namespaced && needsOne && !namespace) throw badRequest(`an empty namespace may not be set when a resource name is provided`);
    if (needsOne && verb !== 'create' && name === '') throw badRequest('resource name may not be empty');
    const where = resource.kind.namespaced ? namespace ?? '' : '';
    const aboutNamespace = resource.plural === 'namespaces' && resource.group === '' ? name : where;
    authorize({ user, verb, isResource: true, group: type.group, version: type.version, resource: type.plural, subresource, namespace: aboutNamespace, name: selected, path: '' });
    return { resource, namespace: where, name, subresource };
  };
  const call = (options: WriteOptions & { force?: boolean } = {}): WriteCall => ({
    user, dryRun: options.dryRun ?? false, fieldManager: options.fieldManager ?? managerOf(user), fieldValidation: options.fieldValidation ?? 'Ignore', force: options.force ?? false, duplicates: [], warnings: [],
  });
  const show = <T extends KubeObject>(outcome: Outcome, resource: Resource): T => ('entry' in outcome ? inVersion(resource, outcome.entry.object) : outcome.object) as T;
  const own = <T extends KubeObject>(type: ResourceType<T>, object: T): KubeObject => {
    const copy = copyJson<KubeObject>(object);
    if (!copy.metadata) copy.metadata = {};
    // A subresource's body is of another kind and says so itself.
    copy.apiVersion ??= apiVersionOf(type);
    copy.kind ??= type.kind;
    return copy;
  };

  return {
    async get(type, name, options = {}) {
      const at = target(type, 'get', options.namespace, name, options.subresource);
      return show(await readObject(core, at), at.resource);
    },
    async list<T extends KubeObject>(type: ResourceType<T>, options: ListOptions = {}): Promise<ObjectList<T>> {
      const { resource, namespace } = target(type, 'list', options.namespace, '', '', selectedName(options.fieldSelector));
      const page = await list(core, resource, namespace, selection(resource, options.labelSelector, options.fieldSelector), options);
      return {
        apiVersion: resource.apiVersion,
        kind: listKindOf(resource),
        metadata: { resourceVersion: String(page.revision), ...(page.continue !== undefined && { continue: page.continue }), ...(page.remaining !== undefined && { remainingItemCount: page.remaining }) },
        items: page.entries.map((entry) => inVersion(resource, entry.object)) as T[],
      };
    },
    watch<T extends KubeObject>(type: ResourceType<T>, options: WatchOptions, handler: WatchHandler<T>) {
      // Its handler must not be called before the caller has the Watch in its hands.
      let stop = () => {};
      let stopped = false;
      queueMicrotask(() => {
        if (stopped) return;
        try {
          stop = openWatch(type, options, handler, () => stopped);
          if (stopped) stop();
        } catch (error) {
          handler.closed(error instanceof Error ? error : new Error(String(error)));
        }
      });
      return {
        stop() {
          stopped = true;
          stop();
        },
      };
    },
    async create<T extends KubeObject>(type: ResourceType<T>, object: T, options: WriteOptions = {}): Promise<T> {
      const namespace = options.namespace ?? object.metadata?.namespace;
      const at = target(type, 'create', namespace, options.subresource === undefined ? '' : options.name ?? object.metadata?.name ?? '', options.subresource);
      return show<T>(await createObject(core, at, own(type, object), call(options)), at.resource);
    },
    async update<T extends KubeObject>(type: ResourceType<T>, object: T, options: WriteOptions = {}): Promise<T> {
      const at = target(type, 'update', options.namespace ?? object.metadata?.namespace, object.metadata?.name ?? '', options.subresource);
      return show<T>(await updateObject(core, at, own(type, object), call(options)), at.resource);
    },
    async patch(type, name, patch, options = {}) {
      const at = target(type, 'patch', options.namespace, name, options.subresource);
      if (patch.type === 'apply' && options.fieldManager === undefined) {
        throw invalid({ group: 'meta.k8s.io', kind: 'PatchOptions' }, '', [{ type: 'FieldValueRequired', field: 'fieldManager', detail: 'Required value: is required for apply patch' }]);
      }
      return show(await patchObject(core, at, copyJson(patch), call(options)), at.resource);
    },
    async delete<T extends KubeObject>(type: ResourceType<T>, name: string, options: DeleteOptions = {}): Promise<T | Status> {
      const at = target(type, 'delete', options.namespace, name);
      const outcome = await deleteObject(core, at, options, call(options));
      return 'entry' in outcome ? show<T>(outcome, at.resource) : (outcome.object as Status);
    },
    async deleteCollection(type, options = {}) {
      const at = target(type, 'deletecollection', options.namespace, '');
      await deleteCollection(core, at, selection(at.resource, options.labelSelector, options.fieldSelector), options, options, call(options));
    },
    raw: (request) => raw(request, user),
  };

  function openWatch<T extends KubeObject>(type: ResourceType<T>, options: WatchOptions, handler: WatchHandler<T>, isStopped: () => boolean): () => void {
    const { resource, namespace } = target(type, 'watch', options.namespace, '', '', selectedName(options.fieldSelector));
    const object = (stored: KubeObject) => inVersion(resource, stored) as T;
    return watch(core, resource, namespace, selection(resource, options.labelSelector, options.fieldSelector), options, {
      event(kind, entry) {
        if (!isStopped()) handler.event({ type: kind, object: object(entry.object) });
      },
      bookmark(revision, initialEventsEnd) {
        const metadata = { resourceVersion: String(revision), ...(initialEventsEnd && { annotations: { 'k8s.io/initial-events-end': 'true' } }) };
        const event = { type: 'BOOKMARK', object: { apiVersion: resource.apiVersion, kind: resource.kind.kind, metadata } } as unknown as WatchEvent<T>;
        if (!isStopped()) handler.event(event);
      },
      end(error?: StatusError) {
        if (isStopped()) return;
        if (error) handler.event({ type: 'ERROR', object: error.status });
        handler.closed(error);
      },
    });
  }
}

function managerOf(user: UserInfo): string {
  return user.name.split(':').at(-1) ?? user.name;
}
