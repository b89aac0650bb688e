/**
 * ConfigMaps, Secrets and other objects that pods name, each watched by itself while any pod needs it (util/manager/watch_based_manager.go), so that a node never holds what is
 * not its pods' own.
 */
import type { KubeObject, ResourceType } from '../../api/object.ts';
import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import { createInformer, type Client, type SharedInformer } from '../../client/index.ts';

export interface ObjectCache {
  /** The object now, watched from here on for `owner`; undefined = there is none. Rejects when the API does not answer. */
  get<T extends KubeObject>(owner: string, type: ResourceType<T>, namespace: string, name: string): Promise<T | undefined>;
  /** `owner` needs nothing any more. */
  release(owner: string): void;
  /** Calls back with the owners whenever an object that they got changes. Returns the function that ends it. */
  onChange(handler: (owners: ReadonlySet<string>) => void): () => void;
  stop(): void;
}

interface Watched {
  readonly informer: SharedInformer<KubeObject>;
  readonly owners: Set<string>;
  ready: Promise<void>;
}

export function objectCache(client: Client, clock: Clock, random: Random): ObjectCache {
  const watched = new Map<string, Watched>();
  const handlers = new Set<(owners: ReadonlySet<string>) => void>();

  const watch = (type: ResourceType, namespace: string, name: string): Watched => {
    const key = `${type.plural}/${namespace}/${name}`;
    const known = watched.get(key);
    if (known) return known;
    const informer = createInformer(client, clock, random, type, { ...(namespace !== '' && { namespace }), fieldSelector: `metadata.name=${name}` });
    const owners = new Set<string>();
    const changed = () => {
      if (informer.synced) for (const handler of handlers) handler(owners);
    };
    informer.onChange({ added: changed, updated: changed, deleted: changed });
    const entry: Watched = { informer, owners, ready: informer.start() };
    watched.set(key, entry);
    return entry;
  };

  return {
    async get<T extends KubeObject>(owner: string, type: ResourceType<T>, namespace: string, name: string) {
      const entry = watch(type, namespace, name);
      entry.owners.add(owner);
      await entry.ready;
      // Sound: the informer lists `type` alone.
      return entry.informer.get(namespace, name) as T | undefined;
    },
    release(owner) {
      for (const [key, entry] of watched) {
        if (!entry.owners.delete(owner) || entry.owners.size > 0) continue;
        entry.informer.stop();
        watched.delete(key);
      }
    },
    onChange(handler) {
      handlers.add(handler);
      return () => void handlers.delete(handler);
    },
    stop() {
      for (const entry of watched.values()) entry.informer.stop();
      watched.clear();
    },
  };
}
