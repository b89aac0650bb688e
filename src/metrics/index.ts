export { createMetrics, type Metrics, type MetricsOptions, type NodeSource, type PodSample } from './metrics.ts';
