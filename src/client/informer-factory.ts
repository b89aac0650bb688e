import { groupResource, type KubeObject, type ResourceType } from '../api/object.ts';
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { Client } from './client.ts';
import { createInformer, type SharedInformer } from './create-informer.ts';

/** One informer a resource, shared by all who need it (client-go's SharedInformerFactory). */
export interface InformerFactory {
  /** The informer of the whole resource; the same one for every call. Whoever needs it calls `start`. */
  informer<T extends KubeObject>(type: ResourceType<T>): SharedInformer<T>;
  /** Stops all of them. */
  stop(): void;
}

export function informerFactory(client: Client, clock: Clock, random: Random): InformerFactory {
  const informers = new Map<string, unknown>();
  const stops: (() => void)[] = [];
  return {
    informer<T extends KubeObject>(type: ResourceType<T>) {
      const key = `${groupResource(type)}/${type.version}`;
      const known = informers.get(key);
      // Sound: the key names the resource and version, and with them T.
      if (known) return known as SharedInformer<T>;
      const made = createInformer(client, clock, random, type);
      informers.set(key, made);
      stops.push(made.stop);
      return made;
    },
    stop: () => {
      for (const stop of stops) stop();
    },
  };
}
