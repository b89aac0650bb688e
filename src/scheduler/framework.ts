import type { Pod } from '../api/types/core.v1.ts';
import type { NodeInfo } from './node-info.ts';
import type { PodInfo } from './pod-info.ts';
import type { Snapshot } from './snapshot.ts';

/**
 * The scheduling framework (upstream pkg/scheduler/framework), cut to what a decision is: each plugin looks at the pod once and answers with a function of one node.
 * Plugins are pure; they see a snapshot and never write.
 */
export interface Plugin {
  readonly name: string;
  /** Refuses the pod before any node is looked at, with the message for the event. */
  readonly preFilter?: (pod: PodInfo, snapshot: Snapshot) => Refusal | undefined;
  /** Undefined = has nothing to say about this pod. */
  readonly filter?: (pod: PodInfo, snapshot: Snapshot) => NodeFilter | undefined;
  readonly score?: Score;
}

export type NodeFilter = (node: NodeInfo) => Refusal | undefined;

/** Why a node does not take a pod. */
export interface Refusal {
  readonly reasons: readonly string[];
  /** Whether evicting pods from the node could change it (upstream: Unschedulable, as against UnschedulableAndUnresolvable). */
  readonly preemptible: boolean;
}

export interface Score {
  readonly weight: number;
  /** How raw scores become 0…100: `none` they are already; `max` scaled to the highest; `reverse` the same, the lowest best; `minmax` between the lowest and the highest. */
  readonly normalize: 'none' | 'max' | 'reverse' | 'minmax' | 'minmax-reverse';
  /** A node without a score has 0 in the end, and does not move the others'. */
  readonly of: (pod: PodInfo, snapshot: Snapshot, nodes: readonly NodeInfo[]) => ((node: NodeInfo) => number | undefined) | undefined;
}

export const refuse = (...reasons: string[]): Refusal => ({ reasons, preemptible: true });
export const refuseForGood = (...reasons: string[]): Refusal => ({ reasons, preemptible: false });

/** Pods that are neither finished nor being removed for good count on a node. */
export function isTerminal(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}
