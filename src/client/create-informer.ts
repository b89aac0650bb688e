import { groupResource, type KubeObject, type ResourceType } from '../api/object.ts';
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { Client } from './client.ts';
import { type Change, type IndexFunction, indexer } from './indexer.ts';
import type { ChangeHandler, Informer, InformerOptions } from './informer.ts';
import { reflect } from './reflector.ts';

/** An informer that several parts share: each may declare the indices it needs. */
export interface SharedInformer<T extends KubeObject> extends Informer<T> {
  /** Declares an index, before or after start. Declaring the same function again does nothing; another one under the same name throws. */
  addIndex(name: string, values: IndexFunction<T>): void;
}

/** A local copy of a resource, kept current by list and watch. `start` rejects only when it is stopped before its first list is complete; until then it tries for ever. */
export function createInformer<T extends KubeObject>(client: Client, clock: Clock, random: Random, type: ResourceType<T>, options: InformerOptions<T> = {}): SharedInformer<T> {
  const { resyncMs = 0, indices = {}, namespace, labelSelector, fieldSelector } = options;
  const onError = options.onError ?? ((error: Error) => console.error(`informer of ${groupResource(type)}: ${error.message}`));
  const objects = indexer<T>();
  for (const [name, values] of Object.entries(indices)) objects.addIndex(name, values);
  const aborter = new AbortController();
  const handlers = dispatcher<T>();
  let synced = false;
  let started: Promise<void> | undefined;

  const resyncForever = async () => {
    while (!aborter.signal.aborted) {
      await clock.sleep(resyncMs, aborter.signal).catch(() => undefined);
      if (!aborter.signal.aborted) handlers.tell(objects.list().map((object) => ({ kind: 'updated', old: object, next: object })));
    }
  };
  const start = () =>
    new Promise<void>((resolve, reject) => {
      aborter.signal.addEventListener('abort', () => reject(new Error(`the informer of ${type.plural} was stopped before its first list was complete`)), { once: true });
      const mirror = {
        replace(items: readonly T[]) {
          handlers.tell(objects.replace(items));
          synced = true;
          resolve();
        },
        failed: onError,
        apply(kind: 'ADDED' | 'MODIFIED' | 'DELETED', object: T) {
          const change = objects.apply(kind, object);
          if (change) handlers.tell([change]);
        },
      };
      void reflect({ client, clock, random }, type, { namespace, labelSelector, fieldSelector }, mirror, aborter.signal);
      if (resyncMs > 0) void resyncForever();
    });

  const startOnce = () => {
    if (started) return started;
    started = start();
    // Whoever awaits it hears of a stop that came first; where nobody does, that is no failure of the process.
    started.catch(() => undefined);
    return started;
  };

  return {
    start: startOnce,
    stop: () => aborter.abort(),
    get synced() {
      return synced;
    },
    get: objects.get,
    list: objects.list,
    byIndex: objects.byIndex,
    addIndex: objects.addIndex,
    onChange: (handler) => handlers.add(handler, objects.list()),
  };
}

/** Tells handlers of changes: all handlers in the order in which they came, each of every change since it came, in order, even when a handler causes the next change. */
function dispatcher<T extends KubeObject>() {
  let handlers: readonly ChangeHandler<T>[] = [];
  const queue: { readonly change: Change<T>; readonly to: readonly ChangeHandler<T>[] }[] = [];
  let busy = false;

  const drain = () => {
    if (busy) return;
    busy = true;
    for (let next = queue.shift(); next; next = queue.shift()) {
      for (const handler of next.to) if (handlers.includes(handler)) call(handler, next.change);
    }
    busy = false;
  };
  return {
    tell(changes: readonly Change<T>[]) {
      for (const change of changes) queue.push({ change, to: handlers });
      drain();
    },
    add(handler: ChangeHandler<T>, present: readonly T[]) {
      // A handler of its own, so that adding the same one twice makes two, each removed on its own.
      const own: ChangeHandler<T> = { added: handler.added?.bind(handler), updated: handler.updated?.bind(handler), deleted: handler.deleted?.bind(handler) };
      handlers = [...handlers, own];
      for (const next of present) queue.push({ change: { kind: 'added', next }, to: [own] });
      drain();
      return () => {
        handlers = handlers.filter((other) => other !== own);
      };
    },
  };
}

/** A handler's failure is a bug of the handler; it surfaces as an uncaught exception, and the others still hear of the change. */
function call<T extends KubeObject>(handler: ChangeHandler<T>, change: Change<T>): void {
  try {
    if (change.kind === 'added') handler.added?.(change.next);
    else if (change.kind === 'updated') handler.updated?.(change.old, change.next);
    else handler.deleted?.(change.old);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
