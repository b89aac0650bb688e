import { groupResource, type KubeObject, type ResourceType } from '../api/object.ts';
import type { Informer, InformerOptions } from './informer.ts';

/** One informer a resource for everybody in the process (client-go's SharedInformerFactory). */
export interface Informers {
  /** The shared informer for all objects of a type. `indices` are added to it, and must be asked for before it is started. */
  for<T extends KubeObject>(type: ResourceType<T>, indices?: InformerOptions<T>['indices']): Informer<T>;
  /** Stops every informer it made. */
  stop(): void;
}

/** `create` makes one informer, given what its watchers need to find it by. */
export function sharedInformers(create: <T extends KubeObject>(type: ResourceType<T>, options: InformerOptions<T>) => Informer<T>): Informers {
  const known = new Map<string, { informer: Informer<KubeObject>; indices: Record<string, (object: KubeObject) => readonly string[]> }>();
  return {
    for<T extends KubeObject>(type: ResourceType<T>, indices: InformerOptions<T>['indices'] = {}): Informer<T> {
      const key = `${groupResource(type)}/${type.version}`;
      let shared = known.get(key);
      if (!shared) {
        // The table of indices is handed over by reference, so that a later asker's index is there when the first list arrives.
        const table: Record<string, (object: T) => readonly string[]> = {};
        const informer = create(type, { indices: table });
        known.set(key, shared = { informer: informer as unknown as Informer<KubeObject>, indices: table as unknown as Record<string, (object: KubeObject) => readonly string[]> });
      }
      for (const [name, index] of Object.entries(indices)) shared.indices[name] ??= index as unknown as (object: KubeObject) => readonly string[];
      return shared.informer as unknown as Informer<T>;
    },
    stop() {
      for (const { informer } of known.values()) informer.stop();
    },
  };
}
