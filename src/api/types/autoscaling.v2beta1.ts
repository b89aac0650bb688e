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
  scaleTargetRef?: CrossVersionObjectReference;
  /** Fewest pods. Default 1. */
  minReplicas?: number;
  /** Most pods. */
  maxReplicas?: number;
  /** What to go by; the metric that asks for most pods wins. */
  metrics?: MetricSpec[];
}

export interface CrossVersionObjectReference {
  /** Kind of the target. */
  kind?: string;
  /** Name of the target. */
  name?: string;
  /** Version of the target. */
  apiVersion?: string;
}

export interface MetricSpec {
  type?: string;
  object?: ObjectMetricSource;
  pods?: PodsMetricSource;
  resource?: ResourceMetricSource;
  containerResource?: ContainerResourceMetricSource;
  external?: ExternalMetricSource;
}

export interface ObjectMetricSource {
  target?: CrossVersionObjectReference;
  metricName?: string;
  targetValue?: string;
  selector?: metaV1.LabelSelector;
  averageValue?: string;
}

export interface PodsMetricSource {
  metricName?: string;
  targetAverageValue?: string;
  selector?: metaV1.LabelSelector;
}

export interface ResourceMetricSource {
  name?: string;
  targetAverageUtilization?: number;
  targetAverageValue?: string;
}

export interface ContainerResourceMetricSource {
  name?: string;
  targetAverageUtilization?: number;
  targetAverageValue?: string;
  container?: string;
}

export interface ExternalMetricSource {
  metricName?: string;
  metricSelector?: metaV1.LabelSelector;
  targetValue?: string;
  targetAverageValue?: string;
}

export interface HorizontalPodAutoscalerStatus {
  observedGeneration?: number;
  lastScaleTime?: string;
  currentReplicas?: number;
  desiredReplicas?: number;
  currentMetrics?: MetricStatus[];
  conditions?: HorizontalPodAutoscalerCondition[];
}

export interface MetricStatus {
  type?: string;
  object?: ObjectMetricStatus;
  pods?: PodsMetricStatus;
  resource?: ResourceMetricStatus;
  containerResource?: ContainerResourceMetricStatus;
  external?: ExternalMetricStatus;
}

export interface ObjectMetricStatus {
  target?: CrossVersionObjectReference;
  metricName?: string;
  currentValue?: string;
  selector?: metaV1.LabelSelector;
  averageValue?: string;
}

export interface PodsMetricStatus {
  metricName?: string;
  currentAverageValue?: string;
  selector?: metaV1.LabelSelector;
}

export interface ResourceMetricStatus {
  name?: string;
  currentAverageUtilization?: number;
  currentAverageValue?: string;
}

export interface ContainerResourceMetricStatus {
  name?: string;
  currentAverageUtilization?: number;
  currentAverageValue?: string;
  container?: string;
}

export interface ExternalMetricStatus {
  metricName?: string;
  metricSelector?: metaV1.LabelSelector;
  currentValue?: string;
  currentAverageValue?: string;
}

export interface HorizontalPodAutoscalerCondition {
  type?: string;
  status?: string;
  lastTransitionTime?: string | null;
  reason?: string;
  message?: string;
}
