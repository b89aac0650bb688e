import type { Node, Pod } from '../api/types/core.v1.ts';
import { isTerminal } from './framework.ts';
import { nodeInfo, withoutPod, withPod, type NodeInfo } from './node-info.ts';
import { hasPodAffinity, podInfo, type PodInfo } from './pod-info.ts';

/** Nodes with their pods, kept current by events; pods that were just bound are assumed to be there before their event comes (upstream backend/cache). */
export interface Cache {
  setNode(node: Node): void;
  removeNode(name: string): void;
  /** A pod that has a node, or just got one. */
  setPod(pod: Pod): void;
  removePod(pod: Pod): void;
  /** A pod without a node waits for room on this one; undefined = on none any more. Ends when it gets a node or goes. */
  nominate(pod: Pod, node: string | undefined): void;
  nominated(node: string): readonly PodInfo[];
  /** The node that a pod waits for. */
  nomination(uid: string): string | undefined;
  nodes(): readonly NodeInfo[];
  node(name: string): NodeInfo | undefined;
  podsWithAffinity(): readonly { readonly pod: PodInfo; readonly node: NodeInfo }[];
}

const NOBODY: readonly PodInfo[] = [];

export function cache(): Cache {
  const nodes = new Map<string, NodeInfo>();
  // Pods of nodes that are not known (yet), and the way back from a pod to its node.
  const homeless = new Map<string, Map<string, PodInfo>>();
  const home = new Map<string, string>();
  const withAffinity = new Map<string, PodInfo>();
  const nominations = new Map<string, { readonly pod: PodInfo; readonly node: string }>();
  let list: readonly NodeInfo[] | undefined;

  const remove = (uid: string) => {
    nominations.delete(uid);
    const name = home.get(uid);
    if (name === undefined) return;
    home.delete(uid);
    withAffinity.delete(uid);
    homeless.get(name)?.delete(uid);
    const node = nodes.get(name);
    if (node) nodes.set(name, withoutPod(node, uid));
    list = undefined;
  };
  return {
    setNode(node) {
      const name = node.metadata.name ?? '';
      nodes.set(name, nodeInfo(node, nodes.get(name)?.pods.values() ?? homeless.get(name)?.values() ?? []));
      homeless.delete(name);
      list = undefined;
    },
    removeNode(name) {
      const node = nodes.get(name);
      if (!node) return;
      homeless.set(name, new Map(node.pods));
      nodes.delete(name);
      list = undefined;
    },
    setPod(pod) {
      const uid = pod.metadata.uid ?? '';
      const name = pod.spec.nodeName ?? '';
      remove(uid);
      if (name === '' || isTerminal(pod)) return;
      const info = podInfo(pod);
      home.set(uid, name);
      if (hasPodAffinity(pod)) withAffinity.set(uid, info);
      const node = nodes.get(name);
      if (node) nodes.set(name, withPod(node, info));
      else homeless.set(name, (homeless.get(name) ?? new Map()).set(uid, info));
      list = undefined;
    },
    removePod: (pod) => remove(pod.metadata.uid ?? ''),
    nominate(pod, node) {
      const uid = pod.metadata.uid ?? '';
      if (node) nominations.set(uid, { pod: podInfo(pod), node });
      else nominations.delete(uid);
    },
    nomination: (uid) => nominations.get(uid)?.node,
    nominated: (node) => (nominations.size === 0 ? NOBODY : [...nominations.values()].filter((n) => n.node === node).map((n) => n.pod)),
    nodes: () => (list ??= [...nodes.values()]),
    node: (name) => nodes.get(name),
    podsWithAffinity: () => [...withAffinity].flatMap(([uid, pod]) => {
      const node = nodes.get(home.get(uid) ?? '');
      return node ? [{ pod, node }] : [];
    }),
  };
}
