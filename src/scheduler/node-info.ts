import type { Node } from '../api/types/core.v1.ts';
import { add, amounts, subtract, type Amounts } from './amounts.ts';
import type { PodInfo } from './pod-info.ts';

/** A node and what stands on it. Immutable: `withPod` and `withoutPod` give a new one, so a snapshot is only a map. */
export interface NodeInfo {
  readonly name: string;
  readonly node: Node;
  readonly allocatable: Amounts;
  readonly requested: Amounts;
  readonly scoring: Amounts;
  readonly pods: ReadonlyMap<string, PodInfo>;
}

export function nodeInfo(node: Node, pods: Iterable<PodInfo> = []): NodeInfo {
  let info: NodeInfo = {
    name: node.metadata.name ?? '', node, allocatable: amounts(node.status?.allocatable ?? node.status?.capacity),
    requested: new Map(), scoring: new Map(), pods: new Map(),
  };
  for (const pod of pods) info = withPod(info, pod);
  return info;
}

export function withPod(info: NodeInfo, pod: PodInfo): NodeInfo {
  return { ...info, requested: add(info.requested, pod.requests), scoring: add(info.scoring, pod.scoring), pods: new Map(info.pods).set(pod.uid, pod) };
}

export function withoutPod(info: NodeInfo, uid: string): NodeInfo {
  const pod = info.pods.get(uid);
  if (!pod) return info;
  const pods = new Map(info.pods);
  pods.delete(uid);
  return { ...info, requested: subtract(info.requested, pod.requests), scoring: subtract(info.scoring, pod.scoring), pods };
}
