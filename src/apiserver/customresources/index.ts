import type { Clock } from '../../base/clock.ts';
import { isReason } from '../../api/errors.ts';
import { equalJson, isObject, type JsonObject } from '../../api/json.ts';
import type { Kind } from '../../api/kind.ts';
import { CLEANUP_FINALIZER } from '../../api/kinds/apiextensions/crd-deletion.ts';
import { CustomResourceDefinitions } from '../../api/kinds/apiextensions/custom-resource-definition.ts';
import type { CustomSchema } from '../../api/schema/openapi-resources.ts';
import type { CustomResourceDefinition } from '../../api/types/apiextensions.v1.ts';
import type { Client } from '../../client/client.ts';
import type { Store, StoreEvent } from '../../store/store.ts';
import { timestamp } from '../registry/core.ts';
import type { Scheme } from '../scheme.ts';
import { emptied, type Cleanup } from './cleanup.ts';
import { kindOf } from './kind-of.ts';
import { definitionStatus, isEstablished, withCondition } from './names.ts';

/** How long a definition that is deleted leaves its instances: `kubectl delete -f` of both together finds both. */
const DELETION_DELAY_MS = 300;
const PREFIX = 'customresourcedefinitions.apiextensions.k8s.io/';

export interface CustomResourcesOptions {
  readonly store: Store;
  readonly scheme: Scheme;
  readonly clock: Clock;
  readonly client: Client;
  readonly cleanup: Cleanup;
  /** Told that other resources are served than before. */
  readonly changed: () => void;
  /** Told what could not be written. */
  readonly failed: (error: unknown) => void;
}

/** Custom resources of a server. */
export interface CustomResources {
  /** For OpenAPI: every served version. */
  schemas(): readonly CustomSchema[];
  /** Waits until every status is written that has to be. */
  settle(): Promise<void>;
  stop(): void;
}

/**
 * Serves what CustomResourceDefinitions define. A definition is installed in the very turn in which it is written, so that the next request can use it; its status (names, Established) follows. Deletion takes
 * the instances first. Upstream: apiextensions-apiserver pkg/apiserver/customresource_handler.go and pkg/controller/{status,establish,finalizer}.
 */
export function serveCustomResources({ store, scheme, clock, client, cleanup, changed: reinstalled, failed }: CustomResourcesOptions): CustomResources {
  /** What is known of each definition, its status as it should be. */
  const definitions = new Map<string, CustomResourceDefinition>();
  const installed = new Map<string, { readonly kind: Kind; readonly definition: CustomResourceDefinition }>();
  let schemas: readonly CustomSchema[] | undefined;

  const install = (name: string, definition: CustomResourceDefinition | undefined) => {
    const before = installed.get(name);
    const kind = definition && isEstablished(definition.status) && !isBuiltin(definition) ? kindOf(definition) : undefined;
    if (before && kind && sameService(before.definition, definition!)) return;
    if (!before && !kind) return;
    scheme.replace(before?.kind, kind);
    schemas = undefined;
    reinstalled();
    if (kind) installed.set(name, { kind, definition: definition! });
    else installed.delete(name);
  };
  const isBuiltin = ({ spec }: CustomResourceDefinition) => {
    const taken = scheme.stored(spec.group, spec.names.plural);
    return taken !== undefined && !taken.custom;
  };
  const take = (stored: CustomResourceDefinition) => {
    const name = stored.metadata.name!;
    const status = definitionStatus(stored, [...definitions.values()], timestamp(clock.now()));
    const definition = status === stored.status ? stored : { ...stored, status };
    definitions.set(name, definition);
    install(name, definition);
  };

  const changed = ({ type, entry }: StoreEvent) => {
    const definition = entry.object as CustomResourceDefinition;
    const name = definition.metadata.name!;
    if (type === 'DELETED') {
      definitions.delete(name);
      ripe.delete(definition.metadata.uid!);
      install(name, undefined);
      // Its names are free for those that wanted them.
      for (const other of definitions.values()) if (other.spec.group === definition.spec.group) take(other);
    } else take(definition);
    dirty.add(name);
    for (const [other, known] of definitions) if (known.spec.group === definition.spec.group) dirty.add(other);
    run();
  };

  const dirty = new Set<string>();
  /** Definitions (by uid) whose deletion was waited for. */
  const ripe = new Map<string, { cancel(): void }>();
  let running: Promise<void> | undefined;
  let stopped = false;
  const run = () => {
    running ??= (async () => {
      // After the event's turn: the store has then shown the write to everybody.
      await Promise.resolve();
      for (let [name] = dirty; name !== undefined; [name] = dirty) {
        if (stopped) break;
        dirty.delete(name);
        await reconcile(name).catch((error: unknown) => {
          if (!isReason(error, 'Conflict') && !isReason(error, 'NotFound')) failed(error);
        });
      }
      running = undefined;
    })();
  };
  const reconcile = async (name: string): Promise<void> => {
    const stored = store.get(`${PREFIX}/${name}`)?.object as CustomResourceDefinition | undefined;
    const wanted = definitions.get(name);
    if (!stored || !wanted) return;
    if (wanted.metadata.resourceVersion === stored.metadata.resourceVersion && !equalJson(wanted.status, stored.status)) {
      await client.update(CustomResourceDefinitions, wanted, { subresource: 'status' });
      return;
    }
    if (stored.metadata.deletionTimestamp === undefined || !stored.metadata.finalizers?.includes(CLEANUP_FINALIZER)) return;
    await terminate(stored);
  };
  /** Says what it is about to do, takes the instances, and lets go once there are none. */
  const terminate = async (definition: CustomResourceDefinition): Promise<void> => {
    const name = definition.metadata.name!;
    const said = (status: string, reason: string, message: string) => withCondition(definition.status?.conditions ?? [], { type: 'Terminating', status, reason, message }, timestamp(clock.now()));
    const progress = definition.status?.conditions?.find((c) => c.type === 'Terminating')?.reason;
    if (!ripe.has(definition.metadata.uid!)) {
      ripe.set(definition.metadata.uid!, clock.after(DELETION_DELAY_MS, () => {
        dirty.add(name);
        run();
      }));
      return;
    }
    if (progress !== 'InstanceDeletionInProgress' && progress !== 'InstanceDeletionCompleted') {
      await client.update(CustomResourceDefinitions, { ...definition, status: { ...definition.status, conditions: said('True', 'InstanceDeletionInProgress', 'CustomResource deletion is in progress') } }, { subresource: 'status' });
      return;
    }
    if (!(await emptied(cleanup, definition, () => {
      dirty.add(name);
      run();
    }))) return;
    if (progress === 'InstanceDeletionInProgress') {
      await client.update(CustomResourceDefinitions, { ...definition, status: { ...definition.status, conditions: said('False', 'InstanceDeletionCompleted', 'removed all instances') } }, { subresource: 'status' });
      return;
    }
    const finalizers = definition.metadata.finalizers?.filter((finalizer) => finalizer !== CLEANUP_FINALIZER);
    await client.update(CustomResourceDefinitions, { ...definition, metadata: { ...definition.metadata, finalizers } });
  };

  const from = store.revision;
  for (const { object } of store.list(PREFIX).entries) take(object as CustomResourceDefinition);
  const unwatch = store.watch(PREFIX, from, changed);
  for (const name of definitions.keys()) dirty.add(name);
  if (dirty.size > 0) run();

  return {
    schemas: () => (schemas ??= [...installed.values()].flatMap(({ kind, definition }) => schemasOf(kind, definition))),
    async settle() {
      for (let work = running; work; work = running) await work;
    },
    stop() {
      stopped = true;
      unwatch();
      for (const wait of ripe.values()) wait.cancel();
    },
  };
}

/** Whether two states of a definition are served alike: only its own status moved. */
function sameService(a: CustomResourceDefinition, b: CustomResourceDefinition): boolean {
  return a.metadata.uid === b.metadata.uid && (a.metadata.deletionTimestamp === undefined) === (b.metadata.deletionTimestamp === undefined) && JSON.stringify([a.spec, a.status?.acceptedNames]) === JSON.stringify([b.spec, b.status?.acceptedNames]);
}

function schemasOf(kind: Kind, { spec }: CustomResourceDefinition): CustomSchema[] {
  return spec.versions.filter((version) => version.served).map(({ name, schema, subresources }) => ({
    group: spec.group, version: name, kind: kind.kind, plural: kind.plural, namespaced: kind.namespaced,
    schema: isObject(schema?.openAPIV3Schema) ? (schema.openAPIV3Schema as JsonObject) : undefined,
    status: subresources?.status !== undefined, scale: subresources?.scale !== undefined,
  }));
}
