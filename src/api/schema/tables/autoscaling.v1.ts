import { table } from '../table.ts';

/** Messages of autoscaling/v1; field numbers and markers are those of k8s.io/api 1.33. */
export default table('autoscaling/v1', `
HorizontalPodAutoscaler kind # Changes the number of pods with the load.
  1 metadata meta/v1.ObjectMeta
  2 spec HorizontalPodAutoscalerSpec
  3 status HorizontalPodAutoscalerStatus

HorizontalPodAutoscalerSpec
  1 scaleTargetRef CrossVersionObjectReference ! # What is scaled.
  2 minReplicas ?int32 # Fewest pods. Default 1.
  3 maxReplicas int32 ! # Most pods.
  4 targetCPUUtilizationPercentage ?int32 # CPU use to aim at, in percent of requests.

CrossVersionObjectReference atomic
  1 kind string ! # Kind of the target.
  2 name string ! # Name of the target.
  3 apiVersion string # Version of the target.

HorizontalPodAutoscalerStatus
  1 observedGeneration ?int64
  2 lastScaleTime ?Time
  3 currentReplicas int32 !
  4 desiredReplicas int32 !
  5 currentCPUUtilizationPercentage ?int32

Scale kind # The number of replicas of an object.
  1 metadata meta/v1.ObjectMeta
  2 spec ScaleSpec
  3 status ScaleStatus

ScaleSpec
  1 replicas int32 # Number wanted.

ScaleStatus
  1 replicas int32 !
  2 selector string
`);
