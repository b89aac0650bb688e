// Generated from src/api/schema/tables by `npm run generate`. Do not edit.
import type * as metaV1 from './meta.v1.ts';

/** Changes the number of pods with the load. */
export interface HorizontalPodAutoscaler {
  apiVersion: string;
  kind: string;
  metadata: metaV1.ObjectMeta;
  spec: HorizontalPodAutoscalerSpec;
  status?: HorizontalPodAutoscalerStatus;
}

export interface HorizontalPodAutoscalerSpec {
  /** What is scaled. */
  scaleTargetRef: CrossVersionObjectReference;
  /** Fewest pods. Default 1. */
  minReplicas?: number;
  /** Most pods. */
  maxReplicas: number;
  /** CPU use to aim at, in percent of requests. */
  targetCPUUtilizationPercentage?: number;
}

export interface CrossVersionObjectReference {
  /** Kind of the target. */
  kind: string;
  /** Name of the target. */
  name: string;
  /** Version of the target. */
  apiVersion?: string;
}

export interface HorizontalPodAutoscalerStatus {
  observedGeneration?: number;
  lastScaleTime?: string;
  currentReplicas: number;
  desiredReplicas: number;
  currentCPUUtilizationPercentage?: number;
}

/** The number of replicas of an object. */
export interface Scale {
  apiVersion: string;
  kind: string;
  metadata: metaV1.ObjectMeta;
  spec: ScaleSpec;
  status?: ScaleStatus;
}

export interface ScaleSpec {
  /** Number wanted. */
  replicas?: number;
}

export interface ScaleStatus {
  replicas: number;
  selector?: string;
}
