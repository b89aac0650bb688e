import type { KubeObject, ResourceType } from '../../api/object.ts';
import type { OwnerReference } from '../../api/types/meta.v1.ts';

/** An object as the garbage collector sees it. */
export interface GraphNode {
  readonly uid: string;
  readonly type: ResourceType;
  readonly namespace: string;
  readonly name: string;
  readonly owners: readonly OwnerReference[];
  readonly deleting: boolean;
  readonly finalizers: readonly string[];
}

/** Who owns whom, by uid, over every resource. An owner that was never seen has dependents, but no node. */
export interface OwnerGraph {
  get(uid: string): GraphNode | undefined;
  set(node: GraphNode): void;
  remove(uid: string): void;
  dependentsOf(uid: string): readonly GraphNode[];
}

export function ownerGraph(): OwnerGraph {
  const nodes = new Map<string, GraphNode>();
  const dependents = new Map<string, Set<string>>();
  const unlink = (node: GraphNode) => {
    for (const { uid } of node.owners) {
      const set = dependents.get(uid);
      set?.delete(node.uid);
      if (set?.size === 0) dependents.delete(uid);
    }
  };
  return {
    get: (uid) => nodes.get(uid),
    set(node) {
      const old = nodes.get(node.uid);
      if (old) unlink(old);
      nodes.set(node.uid, node);
      for (const { uid } of node.owners) {
        const set = dependents.get(uid);
        if (set) set.add(node.uid);
        else dependents.set(uid, new Set([node.uid]));
      }
    },
    remove(uid) {
      const node = nodes.get(uid);
      if (node) unlink(node);
      nodes.delete(uid);
    },
    dependentsOf: (uid) => [...(dependents.get(uid) ?? [])].flatMap((dependent) => nodes.get(dependent) ?? []),
  };
}

export function graphNode(type: ResourceType, { metadata }: KubeObject): GraphNode {
  return {
    uid: metadata.uid ?? '', type, namespace: metadata.namespace ?? '', name: metadata.name ?? '', owners: metadata.ownerReferences ?? [],
    deleting: metadata.deletionTimestamp !== undefined, finalizers: metadata.finalizers ?? [],
  };
}
