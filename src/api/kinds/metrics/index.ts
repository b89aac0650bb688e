import { erase } from '../../kind.ts';
import { nodeMetrics } from './node-metrics.ts';
import { podMetrics } from './pod-metrics.ts';

/** The kinds of metrics.k8s.io. */
export const metricsKinds = [
  erase(nodeMetrics),
  erase(podMetrics),
];
