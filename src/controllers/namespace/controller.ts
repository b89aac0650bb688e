import { Namespaces } from '../../api/kinds/core/namespace.ts';
import { groupResource, type KubeObject, type ResourceType } from '../../api/object.ts';
import type { Namespace, NamespaceCondition } from '../../api/types/core.v1.ts';
import type { Component } from '../../client/controller.ts';
import { controllerIn, type ControllerContext } from '../context.ts';
import { unlessGone } from '../gone.ts';
import { textOf } from '../podcontrol.ts';
import { rfc3339 } from '../../base/time.ts';

const FINALIZER = 'kubernetes';
/** How soon a namespace is looked at again while objects in it are still leaving: soon at first, and ever less often in one that is held for long. */
const pollMs = (waitedMs: number) => Math.min(8_000, Math.max(500, waitedMs / 20));

/** What is still in a namespace, and what went wrong. */
interface Rest {
  readonly left: ReadonlyMap<ResourceType, readonly KubeObject[]>;
  readonly errors: readonly unknown[];
}

const merged = (a: Rest, b: Rest): Rest => ({ left: new Map([...a.left, ...b.left]), errors: [...a.errors, ...b.errors] });

/** Empties namespaces that are being deleted, then lets them go (pkg/controller/namespace). `resources` lists every resource that can be deleted, custom ones included; only namespaced ones are touched. */
export function namespaceController(context: ControllerContext, resources: () => Promise<readonly ResourceType[]>): Component {
  const { client, clock, informers } = context;
  const namespaces = informers.informer(Namespaces);

  const reconcile = async (name: string) => {
    const namespace = namespaces.get('', name);
    if (!namespace?.metadata.deletionTimestamp || !namespace.spec.finalizers?.includes(FINALIZER)) return;
    if (namespace.status?.phase !== 'Terminating') {
      await client.update(Namespaces, { ...namespace, status: { ...namespace.status, phase: 'Terminating' } }, { subresource: 'status' });
      return;
    }
    const types = (await resources()).filter((type) => type.namespaced);
    const isPods = (type: ResourceType) => groupResource(type) === 'pods';
    // Pods first: what protects them, and what they stand on, outlasts them (OrderedNamespaceDeletion).
    let rest = await empty(name, types.filter(isPods));
    if (rest.left.size === 0) rest = merged(rest, await empty(name, types.filter((type) => !isPods(type))));
    if (rest.left.size > 0 || rest.errors.length > 0) {
      await writeConditions(namespace, rest);
      if (rest.errors.length > 0) throw rest.errors[0];
      return { afterMs: pollMs(clock.now() - Date.parse(namespace.metadata.deletionTimestamp)) };
    }
    const finalizers = namespace.spec.finalizers.filter((f) => f !== FINALIZER);
    await client.update(Namespaces, { ...namespace, spec: { ...namespace.spec, finalizers } }, { subresource: 'finalize' }).catch(unlessGone);
  };

  /** Deletes everything in it; what is still there afterwards, by resource, with the finalizers that hold it. A resource that fails does not keep the others. */
  async function empty(namespace: string, types: readonly ResourceType[]): Promise<Rest> {
    const left = new Map<ResourceType, readonly KubeObject[]>();
    const errors: unknown[] = [];
    await Promise.all(types.map(async (type) => {
      try {
        const before = await client.list(type, { namespace, limit: 1 });
        if (before.items.length === 0) return;
        await client.deleteCollection(type, { namespace, propagationPolicy: 'Background' });
        const after = await client.list(type, { namespace });
        if (after.items.length > 0) left.set(type, after.items);
      } catch (error) {
        errors.push(error);
      }
    }));
    return { left, errors };
  }

  async function writeConditions(namespace: Namespace, { left, errors }: Rest): Promise<void> {
    const counts = [...left].map(([type, items]) => `${type.plural}.${type.group} has ${items.length} resource instances`).sort().join(', ');
    const held = new Map<string, number>();
    for (const finalizer of [...left.values()].flat().flatMap((o) => o.metadata.finalizers ?? [])) held.set(finalizer, (held.get(finalizer) ?? 0) + 1);
    const holders = [...held].map(([finalizer, count]) => `${finalizer} in ${count} resource instances`).sort().join(', ');
    const condition = (type: string, status: boolean, reason: string, message: string): NamespaceCondition => {
      const old = namespace.status?.conditions?.find((c) => c.type === type);
      const value = status ? 'True' : 'False';
      return { type, status: value, reason, message, lastTransitionTime: old?.status === value ? old.lastTransitionTime : rfc3339(clock.now()) };
    };
    const conditions = [
      condition('NamespaceDeletionDiscoveryFailure', false, 'ResourcesDiscovered', 'All resources successfully discovered'),
      condition('NamespaceDeletionGroupVersionParsingFailure', false, 'ParsedGroupVersions', 'All legacy kube types successfully parsed'),
      errors.length > 0
        ? condition('NamespaceDeletionContentFailure', true, 'ContentDeletionFailed', `Failed to delete all resource types, ${errors.length} remaining: ${errors.map(textOf).sort().join(', ')}`)
        : condition('NamespaceDeletionContentFailure', false, 'ContentDeleted', 'All content successfully deleted, may be waiting on finalization'),
      left.size > 0
        ? condition('NamespaceContentRemaining', true, 'SomeResourcesRemain', `Some resources are remaining: ${counts}`)
        : condition('NamespaceContentRemaining', false, 'ContentRemoved', 'All content successfully removed'),
      held.size > 0
        ? condition('NamespaceFinalizersRemaining', true, 'SomeFinalizersRemain', `Some content in the namespace has finalizers remaining: ${holders}`)
        : condition('NamespaceFinalizersRemaining', false, 'ContentHasNoFinalizers', 'All content-preserving finalizers finished'),
    ];
    if (JSON.stringify(conditions) === JSON.stringify(namespace.status?.conditions)) return;
    await client.update(Namespaces, { ...namespace, status: { ...namespace.status, conditions } }, { subresource: 'status' });
  }

  return controllerIn(context, {
    name: 'namespace-controller',
    workers: { default: 5 },
    reconcile,
    setup: (queue) => {
      namespaces.onChange({ added: (n) => queue.add(n.metadata.name ?? ''), updated: (_, n) => queue.add(n.metadata.name ?? '') });
      return [namespaces];
    },
  });
}
