import { groupResource, type KubeObject, type ResourceType } from '../api/object.ts';
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { Client } from './client.ts';
import { createInformer, type SharedInformer } from './create-informer.ts';

/** One informer a resource, shared by all who need it (client-go's SharedInformerFactory). */
export interface InformerFactory {
  /** The informer of the whole resource; the same one for every call. Whoever needs it calls `start`. */
  informer<T extends KubeObject>(type: ResourceType<T>): SharedInformer<T>;
  /** Stops the informer of a resource that is not served any more; should it come back, it gets a new one. */
  forget(type: ResourceType): void;
  /** Stops all of them. */
  stop(): void;
}

export function informerFactory(client: Client, clock: Clock, random: Random): InformerFactory {
  const informers = new Map<string, { stop(): void }>();
  const keyOf = (type: ResourceType) => `${groupResource(type)}/${type.version}`;
  return {
    informer<T extends KubeObject>(type: ResourceType<T>) {
      const key = keyOf(type);
      const known = informers.get(key);
      // Sound: the key names the resource and version, and with them T.
      if (known) return known as SharedInformer<T>;
      const made = createInformer(client, clock, random, type);
      informers.set(key, made);
      return made;
    },
    forget(type) {
      informers.get(keyOf(type))?.stop();
      informers.delete(keyOf(type));
    },
    stop: () => {
      for (const informer of informers.values()) informer.stop();
    },
  };
}
