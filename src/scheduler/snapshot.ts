import type { LabelMatcher } from '../api/selectors.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../api/types/core.v1.ts';
import type { StorageClass } from '../api/types/storage.v1.ts';
import type { NodeInfo } from './node-info.ts';
import { hasPodAffinity, type PodInfo } from './pod-info.ts';

/** What a scheduling decision is made from. */
export interface Snapshot {
  readonly nodes: readonly NodeInfo[];
  readonly node: (name: string) => NodeInfo | undefined;
  /** Pods that have yet to come to this node: their victims are still there, or their volumes are not. */
  readonly nominated: (node: string) => readonly PodInfo[];
  /** The node that a pod waits for in this way. */
  readonly nomination: (uid: string) => string | undefined;
  readonly claim: (namespace: string, name: string) => PersistentVolumeClaim | undefined;
  readonly volume: (name: string) => PersistentVolume | undefined;
  readonly volumes: () => readonly PersistentVolume[];
  readonly storageClass: (name: string) => StorageClass | undefined;
  /** Labels of a namespace, for affinity's namespaceSelector. */
  readonly namespaceLabels: (name: string) => Readonly<Record<string, string>>;
  /** Pods with required or preferred (anti-)affinity, with their node: the only existing pods inter-pod affinity must ask. */
  readonly podsWithAffinity: () => readonly { readonly pod: PodInfo; readonly node: NodeInfo }[];
  /** Selectors of the Services, ReplicaSets, … that own this pod, for the default topology spread. */
  readonly ownerSelector: (pod: PodInfo) => LabelMatcher | undefined;
}

/** The same with one node in another state. */
export function withNode(snapshot: Snapshot, info: NodeInfo): Snapshot {
  return {
    ...snapshot,
    nodes: snapshot.nodes.map((node) => (node.name === info.name ? info : node)),
    node: (name) => (name === info.name ? info : snapshot.node(name)),
    podsWithAffinity: () => [
      ...snapshot.podsWithAffinity().filter(({ node }) => node.name !== info.name),
      ...[...info.pods.values()].filter(({ pod }) => hasPodAffinity(pod)).map((pod) => ({ pod, node: info })),
    ],
  };
}
