import { table } from '../table.ts';

/** Messages of autoscaling/v1; field numbers and markers are those of k8s.io/api 1.33. */
export default table('autoscaling/v1', `
HorizontalPodAutoscaler kind
  1 metadata meta/v1.ObjectMeta
  2 spec HorizontalPodAutoscalerSpec
  3 status HorizontalPodAutoscalerStatus

HorizontalPodAutoscalerSpec
  1 scaleTargetRef CrossVersionObjectReference !
  2 minReplicas ?int32
  3 maxReplicas int32 !
  4 targetCPUUtilizationPercentage ?int32

CrossVersionObjectReference atomic
  1 kind string !
  2 name string !
  3 apiVersion string

HorizontalPodAutoscalerStatus
  1 observedGeneration ?int64
  2 lastScaleTime ?Time
  3 currentReplicas int32 !
  4 desiredReplicas int32 !
  5 currentCPUUtilizationPercentage ?int32

Scale kind
  1 metadata meta/v1.ObjectMeta
  2 spec ScaleSpec
  3 status ScaleStatus

ScaleSpec
  1 replicas int32

ScaleStatus
  1 replicas int32 !
  2 selector string
`);
