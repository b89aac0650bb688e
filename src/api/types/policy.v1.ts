// Generated from src/api/schema/tables by `npm run generate`. Do not edit.
import type * as metaV1 from './meta.v1.ts';

export type UnhealthyPodEvictionPolicyType = 'IfHealthyBudget' | 'AlwaysAllow';

/** How many pods of a set may be missing for voluntary reasons. */
export interface PodDisruptionBudget {
  apiVersion: string;
  kind: string;
  metadata: metaV1.ObjectMeta;
  spec: PodDisruptionBudgetSpec;
  status?: PodDisruptionBudgetStatus;
}

export interface PodDisruptionBudgetSpec {
  /** Pods that must stay, a number or a percentage. */
  minAvailable?: number | string;
  /** Which pods. */
  selector?: metaV1.LabelSelector;
  /** Pods that may be missing, a number or a percentage. */
  maxUnavailable?: number | string;
  unhealthyPodEvictionPolicy?: UnhealthyPodEvictionPolicyType;
}

export interface PodDisruptionBudgetStatus {
  observedGeneration?: number;
  disruptedPods?: Record<string, string>;
  disruptionsAllowed: number;
  currentHealthy: number;
  desiredHealthy: number;
  expectedPods: number;
  conditions?: metaV1.Condition[];
}

export interface Eviction {
  apiVersion: string;
  kind: string;
  metadata: metaV1.ObjectMeta;
  deleteOptions?: metaV1.DeleteOptions;
}
