import { CustomResourceDefinitions } from '../../api/kinds/apiextensions/custom-resource-definition.ts';
import { apiVersionOf, groupResource, parseApiVersion, type KubeObject, type ResourceType } from '../../api/object.ts';
import type { OwnerReference } from '../../api/types/meta.v1.ts';
import type { Component } from '../../client/controller.ts';
import type { WorkQueue } from '../../client/workqueue.ts';
import { controllerIn, type ControllerContext } from '../context.ts';
import { unlessGone } from '../gone.ts';
import { decide, FOREGROUND, ORPHAN, type Action, type OwnerState } from './decide.ts';
import { graphNode, ownerGraph, type GraphNode } from './graph.ts';

/** How soon an object is looked at again whose owner is of a kind that is not served. */
const UNKNOWN_KIND_MS = 60_000;

/**
 * Removes what nobody owns any more, and carries out `orphan` and `foregroundDeletion` (pkg/controller/garbagecollector). The graph is only a hint of what to look at: before anything is deleted, each
 * missing owner is asked for at the API. `resources` lists all resources that can be listed, watched and deleted, custom ones included.
 */
export function garbageCollector(context: ControllerContext, resources: () => Promise<readonly ResourceType[]>): Component {
  const { client, informers, options, events } = context;
  const recorder = events('garbage-collector-controller');
  const graph = ownerGraph();
  const watched = new Map<string, ResourceType>();
  const kinds = new Map<string, ResourceType>();
  const definitions = informers.informer(CustomResourceDefinitions);

  const reconcile = async (uid: string) => {
    const node = graph.get(uid);
    if (!node) return;
    if (node.deleting && node.finalizers.includes(ORPHAN)) return orphanDependents(node);
    if (node.deleting && node.finalizers.includes(FOREGROUND)) return finishForeground(node);
    if (node.deleting || node.owners.length === 0) return;
    const owners = await Promise.all(node.owners.map(async (reference) => ({ reference, state: await stateOf(reference, node) })));
    const action = decide(node, owners, graph.dependentsOf(uid));
    if (action.kind === 'release') await release(node, action.uids);
    if (action.kind === 'delete') await remove(node, action);
    // Its definition may come.
    if (owners.some(({ state }) => state === 'unknown')) return { afterMs: UNKNOWN_KIND_MS };
  };

  async function stateOf(reference: OwnerReference, node: GraphNode): Promise<OwnerState> {
    const known = graph.get(reference.uid);
    if (known && isMeant(known, reference, node.namespace)) return known.deleting && known.finalizers.includes(FOREGROUND) ? 'waiting' : 'solid';
    const type = kinds.get(kindKey(reference.apiVersion, reference.kind));
    // Nothing of a namespace owns what is outside of it; such a reference is a mistake that nobody may pay for.
    if (!type || (type.namespaced && !node.type.namespaced)) return 'unknown';
    const live = await client.get(type, reference.name, type.namespaced ? { namespace: node.namespace } : {}).catch(unlessGone);
    if (live?.metadata.uid === reference.uid) return 'solid';
    if (known?.type.namespaced && known.namespace !== node.namespace) tellOfNamespace(node, reference);
    return 'dangling';
  }

  /** An owner that is there, but in another namespace, is none (graph_builder.go reportInvalidNamespaceOwnerRef). */
  function tellOfNamespace({ type, namespace, name, uid }: GraphNode, owner: OwnerReference): void {
    const about = { apiVersion: apiVersionOf(type), kind: type.kind, metadata: { name, namespace, uid } };
    const text = `[${owner.apiVersion}/${owner.kind}, namespace: ${namespace}, name: ${owner.name}, uid: ${owner.uid}]`;
    recorder.event(about, 'Warning', 'OwnerRefInvalidNamespace', `ownerRef ${text} does not exist in namespace "${namespace}"`);
  }

  /** Deletes an object whose owners are gone, unless it has others by now. */
  async function remove(node: GraphNode, { policy, unblock }: Action & { kind: 'delete' }): Promise<void> {
    const live = await client.get(node.type, node.name, inNamespace(node)).catch(unlessGone);
    if (live?.metadata.uid !== node.uid || !sameNames((live.metadata.ownerReferences ?? []).map(ownerKey), node.owners.map(ownerKey))) return;
    if (unblock) await changed(node, (object) => ({ ...object, metadata: { ...object.metadata, ownerReferences: object.metadata.ownerReferences?.map((o) => ({ ...o, blockOwnerDeletion: false })) } }));
    await client.delete(node.type, node.name, { ...inNamespace(node), propagationPolicy: policy, preconditions: { uid: node.uid } }).catch(unlessGone);
  }

  /** Dependents lose their reference first; then the owner may go. */
  async function orphanDependents(owner: GraphNode): Promise<void> {
    await Promise.all(graph.dependentsOf(owner.uid).map((dependent) => release(dependent, [owner.uid])));
    await dropFinalizer(owner, ORPHAN);
  }

  /** Dependents that block are deleted; once none is left the owner may go. */
  async function finishForeground(owner: GraphNode): Promise<void> {
    const blocking = graph.dependentsOf(owner.uid).filter((d) => d.owners.some((o) => o.uid === owner.uid && o.blockOwnerDeletion));
    if (blocking.length === 0) return dropFinalizer(owner, FOREGROUND);
    for (const dependent of blocking) if (!dependent.deleting) queue?.add(dependent.uid);
  }

  async function release(node: GraphNode, uids: readonly string[]): Promise<void> {
    await changed(node, (object) => {
      const ownerReferences = (object.metadata.ownerReferences ?? []).filter((o) => !uids.includes(o.uid));
      return { ...object, metadata: { ...object.metadata, ownerReferences } };
    });
  }

  async function dropFinalizer(node: GraphNode, finalizer: string): Promise<void> {
    await changed(node, (object) => ({ ...object, metadata: { ...object.metadata, finalizers: (object.metadata.finalizers ?? []).filter((f) => f !== finalizer) } }));
  }

  async function changed(node: GraphNode, change: (object: KubeObject) => KubeObject): Promise<void> {
    try {
      const object = await client.get(node.type, node.name, inNamespace(node));
      if (object.metadata.uid === node.uid) await client.update(node.type, change(object));
    } catch (error) {
      unlessGone(error);
    }
  }

  let queue: WorkQueue | undefined;
  const look = (node: GraphNode) => {
    if (node.owners.length > 0 || (node.deleting && node.finalizers.some((f) => f === ORPHAN || f === FOREGROUND))) queue?.add(node.uid);
    // An owner that began to wait, or a blocker that left: the others hear of it.
    if (node.deleting) for (const { uid } of node.owners) if (graph.get(uid)?.deleting) queue?.add(uid);
  };

  async function watchAll(): Promise<void> {
    const types = await resources();
    for (const [resource, type] of watched) {
      const served = types.find((other) => groupResource(other) === resource);
      if (served?.version !== type.version) leave(type, served !== undefined);
    }
    await Promise.all(types.filter((type) => !watched.has(groupResource(type))).map(async (type) => {
      const informer = informers.informer(type);
      watched.set(groupResource(type), type);
      kinds.set(kindKey(apiVersionOf(type), type.kind), type);
      await informer.start();
      informer.onChange({
        added: (object) => seen(type, object),
        updated: (_, object) => seen(type, object),
        deleted: gone,
      });
    }));
  }

  /** A resource is not served any more, or only in another version, in which its objects will be seen anew. */
  function leave(type: ResourceType, elsewhere: boolean): void {
    const last = informers.informer(type).list();
    informers.forget(type);
    watched.delete(groupResource(type));
    for (const object of last) {
      if (elsewhere) graph.remove(object.metadata.uid ?? '');
      else gone(object);
    }
  }

  function gone({ metadata: { uid = '' } }: KubeObject): void {
    const owners = graph.get(uid)?.owners ?? [];
    graph.remove(uid);
    for (const dependent of graph.dependentsOf(uid)) queue?.add(dependent.uid);
    for (const owner of owners) if (graph.get(owner.uid)?.deleting) queue?.add(owner.uid);
  }

  function seen(type: ResourceType, object: KubeObject): void {
    const node = graphNode(type, object);
    const old = graph.get(node.uid);
    if (old && old.deleting === node.deleting && sameNames(old.finalizers, node.finalizers) && sameNames(old.owners.map(ownerKey), node.owners.map(ownerKey))) return;
    graph.set(node);
    look(node);
    // An owner that this object holds up no more may go.
    for (const { uid, blockOwnerDeletion } of old?.owners ?? []) if (blockOwnerDeletion && !node.owners.some((o) => o.uid === uid && o.blockOwnerDeletion) && graph.get(uid)?.deleting) queue?.add(uid);
    if (node.deleting && !old?.deleting && node.finalizers.includes(FOREGROUND)) for (const dependent of graph.dependentsOf(node.uid)) queue?.add(dependent.uid);
  }

  return controllerIn(context, {
    name: 'garbage-collector',
    workers: { default: 10 },
    reconcile,
    setup: (work) => {
      queue = work;
      const refresh = () => void watchAll().catch((error: unknown) => options.onError?.('garbage-collector', 'resources', error));
      definitions.onChange({ added: refresh, updated: refresh, deleted: refresh });
      return [definitions, { start: watchAll }];
    },
  });
}

/** Whether a node is what a reference from this namespace names. */
function isMeant({ type, name, namespace }: GraphNode, reference: OwnerReference, from: string): boolean {
  return name === reference.name && kindKey(apiVersionOf(type), type.kind) === kindKey(reference.apiVersion, reference.kind) && (!type.namespaced || namespace === from);
}

const ownerKey = (o: OwnerReference) => `${o.uid}/${o.blockOwnerDeletion ?? false}`;
const sameNames = (a: readonly string[], b: readonly string[]) => a.length === b.length && a.every((name, i) => name === b[i]);
const inNamespace = (node: GraphNode) => (node.type.namespaced ? { namespace: node.namespace } : {});

/** Kinds are the same across a group's versions. */
function kindKey(apiVersion: string, kind: string): string {
  return `${parseApiVersion(apiVersion).group}/${kind}`;
}
