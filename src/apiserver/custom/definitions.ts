import { isReason } from '../../api/errors.ts';
import type { Kind } from '../../api/kind.ts';
import { CustomResourceDefinitions } from '../../api/kinds/apiextensions/custom-resource-definition.ts';
import type { CustomSchema } from '../../api/schema/openapi-resources.ts';
import type { CustomResourceDefinition, CustomResourceDefinitionCondition } from '../../api/types/apiextensions.v1.ts';
import type { Client } from '../../client/client.ts';
import type { Clock } from '../../base/clock.ts';
import { WriteConflict, type Store } from '../../store/store.ts';
import { timestamp } from '../registry/core.ts';
import type { Scheme } from '../scheme.ts';
import { equalJson } from '../../api/json.ts';
import { customKind, customSchemas } from './kind.ts';

const PREFIX = 'customresourcedefinitions.apiextensions.k8s.io/';

export interface CustomResources {
  schemas(): readonly CustomSchema[];
  /** Resolves when all that was begun is written. */
  settle(): Promise<void>;
  stop(): void;
}

/**
 * Serves the kinds that CustomResourceDefinitions define, from the turn in which a definition is stored, and says so in its status. With a definition its objects go. `failed` is told what
 * could not be written.
 */
export function serveCustomResources(options: { readonly store: Store; readonly scheme: Scheme; readonly client: Client; readonly clock: Clock; readonly failed: (error: unknown) => void }): CustomResources {
  const { store, scheme, client, clock, failed } = options;
  const installed = new Map<string, { readonly kind: Kind; readonly definition: CustomResourceDefinition }>();
  const pending = new Set<Promise<void>>();
  const begin = (work: Promise<void>) => {
    const tracked = work.catch(failed).finally(() => pending.delete(tracked));
    pending.add(tracked);
  };
  const remove = (key: string) => {
    const known = installed.get(key);
    if (known) scheme.uninstall(known.kind);
    installed.delete(key);
    return known;
  };
  const install = (key: string, definition: CustomResourceDefinition) => {
    const known = installed.get(key);
    if (known && equalJson(known.definition.spec, definition.spec)) return;
    remove(key);
    const kind = customKind(definition);
    installed.set(key, { kind, definition });
    scheme.install(kind);
    begin(establish(client, definition.metadata.name!, timestamp(clock.now())));
  };

  for (const { key, object } of store.list(PREFIX).entries) install(key, object as CustomResourceDefinition);
  const stop = store.watch(PREFIX, store.revision, ({ type, entry }) => {
    if (type !== 'DELETED') return install(entry.key, entry.object as CustomResourceDefinition);
    const known = remove(entry.key);
    if (known) begin(clear(store, `${known.kind.plural}.${known.kind.storage.group}/`));
  });
  return {
    schemas: () => [...installed.values()].flatMap(({ definition }) => customSchemas(definition)),
    async settle() {
      while (pending.size > 0) await Promise.all(pending);
    },
    stop,
  };
}

/** Says in a definition's status that it is served (apiextensions-apiserver pkg/controller/{status,establish}). */
async function establish(client: Client, name: string, now: string): Promise<void> {
  for (;;) {
    try {
      const definition = await client.get(CustomResourceDefinitions, name);
      const conditions: CustomResourceDefinitionCondition[] = [
        { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found', lastTransitionTime: now },
        { type: 'Established', status: 'True', reason: 'InitialNamesAccepted', message: 'the initial names have been accepted', lastTransitionTime: now },
      ];
      const before = definition.status?.conditions ?? [];
      const merged = conditions.map((condition) => before.find(({ type, status }) => type === condition.type && status === condition.status) ?? condition);
      const { names, versions } = definition.spec;
      const storedVersions = [...new Set([...(definition.status?.storedVersions ?? []), ...versions.filter(({ storage }) => storage).map((version) => version.name)])];
      await client.update(CustomResourceDefinitions, { ...definition, status: { ...definition.status, conditions: merged, acceptedNames: names, storedVersions } }, { subresource: 'status' });
      return;
    } catch (error) {
      if (isReason(error, 'NotFound')) return;
      if (!isReason(error, 'Conflict')) throw error;
    }
  }
}

/** Deletes everything under a prefix. */
async function clear(store: Store, prefix: string): Promise<void> {
  await Promise.all(store.list(prefix).entries.map(async ({ key }) => {
    try {
      await store.delete(key);
    } catch (error) {
      if (!(error instanceof WriteConflict)) throw error;
    }
  }));
}
