import { alreadyExists, modified, notFound } from '../../api/errors.ts';
import { groupResource, type KubeObject, type ObjectList, type ResourceType } from '../../api/object.ts';
import type { Client, Watch, WatchHandler, WatchOptions } from '../../client/index.ts';
import { memoryStore, WriteConflict, type Store } from '../../store/index.ts';

/** As much of an API as the network's tests need, on a real store: no defaults, no validation, no admission. */
export function testClient(store: Store = memoryStore()): Client {
  const prefix = (type: ResourceType, namespace?: string) => `${groupResource(type)}/${namespace === undefined ? '' : `${namespace}/`}`;
  const keyOf = (type: ResourceType, namespace: string | undefined, name: string) => `${groupResource(type)}/${type.namespaced ? (namespace ?? '') : ''}/${name}`;
  const failed = (type: ResourceType, name: string) => (error: unknown) => {
    if (!(error instanceof WriteConflict)) throw error;
    throw error.why === 'exists' ? alreadyExists(type, name) : error.why === 'missing' ? notFound(type, name) : modified(type, name);
  };
  let uids = 0;
  const client: Client = {
    async get<T extends KubeObject>(type: ResourceType<T>, name: string, options = {} as { namespace?: string }) {
      const entry = store.get(keyOf(type, options.namespace, name));
      if (!entry) throw notFound(type, name);
      return entry.object as T;
    },
    async list<T extends KubeObject>(type: ResourceType<T>, options = {} as { namespace?: string }) {
      const range = store.list(prefix(type, options.namespace));
      return { apiVersion: 'v1', kind: `${type.kind}List`, metadata: { resourceVersion: String(range.revision) }, items: range.entries.map((e) => e.object as T) } satisfies ObjectList<T>;
    },
    watch<T extends KubeObject>(type: ResourceType<T>, options: WatchOptions, handler: WatchHandler<T>): Watch {
      const stop = store.watch(prefix(type, options.namespace), Number(options.resourceVersion ?? 0), (event) => handler.event({ type: event.type, object: event.entry.object as T }));
      return { stop };
    },
    async create<T extends KubeObject>(type: ResourceType<T>, object: T) {
      const { name = '', namespace } = object.metadata;
      const made = structuredClone(object);
      made.metadata.uid ??= `uid-${++uids}`;
      made.metadata.creationTimestamp ??= new Date(1.7e12 + uids * 1000).toISOString();
      const entry = await store.create(keyOf(type, namespace, name), made).catch(failed(type, name));
      return entry!.object as T;
    },
    async update<T extends KubeObject>(type: ResourceType<T>, object: T) {
      const { name = '', namespace } = object.metadata;
      const entry = await store.update(keyOf(type, namespace, name), structuredClone(object), undefined).catch(failed(type, name));
      return entry!.object as T;
    },
    async patch<T extends KubeObject>(type: ResourceType<T>, name: string, patch: Parameters<Client['patch']>[2], options = {} as { namespace?: string }) {
      if (patch.type !== 'merge') throw new Error(`${patch.type} patches are not for tests`);
      const object = structuredClone(await client.get(type, name, options));
      merge(object as unknown as Record<string, unknown>, patch.body as Record<string, unknown>);
      return client.update(type, object);
    },
    async delete<T extends KubeObject>(type: ResourceType<T>, name: string, options = {} as { namespace?: string }) {
      const entry = await store.delete(keyOf(type, options.namespace, name)).catch(failed(type, name));
      return entry!.object as T;
    },
    deleteCollection: () => Promise.reject(new Error('not for tests')),
    raw: () => Promise.reject(new Error('not for tests')),
  };
  return client;
}

function merge(into: Record<string, unknown>, patch: Record<string, unknown>): void {
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete into[key];
    else if (typeof value === 'object' && !Array.isArray(value)) {
      if (typeof into[key] !== 'object') into[key] = {};
      merge(into[key] as Record<string, unknown>, value as Record<string, unknown>);
    } else into[key] = value;
  }
}
