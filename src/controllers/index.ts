/** The controllers, one factory each. All take a ControllerContext and give a Component that whoever made the context starts and stops. */
export type { ControllerContext, ControllerOptions } from './context.ts';
export { cronJobController } from './cronjob/controller.ts';
export { daemonSetController } from './daemonset/controller.ts';
export { deploymentController } from './deployment/controller.ts';
export { horizontalPodAutoscalerController, type Autoscaler, type AutoscalerOptions } from './horizontalpodautoscaler/controller.ts';
export type { MetricsClient } from './horizontalpodautoscaler/metrics-client.ts';
export { explain as explainDecision } from './horizontalpodautoscaler/explain.ts';
export type { DecisionRecord, MetricRecord } from './horizontalpodautoscaler/record.ts';
export { FAST as FAST_AUTOSCALING, STANDARD as STANDARD_AUTOSCALING, type AutoscalerSettings } from './horizontalpodautoscaler/settings.ts';
export type { ServingSince } from './horizontalpodautoscaler/serving.ts';
export { decisionObjects } from './horizontalpodautoscaler/source.ts';
export { jobController } from './job/controller.ts';
export { ttlAfterFinishedController } from './job/ttl.ts';
export { replicaSetController } from './replicaset/controller.ts';
export { replicationControllerController } from './replicationcontroller/controller.ts';
export { statefulSetController } from './statefulset/controller.ts';
