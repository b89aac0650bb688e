import { table } from '../table.ts';

/** Messages of autoscaling/v2beta1; field numbers and markers are those of k8s.io/api 1.33. */
export default table('autoscaling/v2beta1', `
HorizontalPodAutoscaler kind # Changes the number of pods with the load.
  1 metadata meta/v1.ObjectMeta
  2 spec HorizontalPodAutoscalerSpec
  3 status HorizontalPodAutoscalerStatus

HorizontalPodAutoscalerSpec
  1 scaleTargetRef CrossVersionObjectReference = # What is scaled.
  2 minReplicas ?int32 # Fewest pods. Default 1.
  3 maxReplicas int32 = # Most pods.
  4 metrics []MetricSpec atomic # What to go by; the metric that asks for most pods wins.

CrossVersionObjectReference
  1 kind string = # Kind of the target.
  2 name string = # Name of the target.
  3 apiVersion string # Version of the target.

MetricSpec
  1 type string =
  2 object ?ObjectMetricSource
  3 pods ?PodsMetricSource
  4 resource ?ResourceMetricSource
  7 containerResource ?ContainerResourceMetricSource
  5 external ?ExternalMetricSource

ObjectMetricSource
  1 target CrossVersionObjectReference =
  2 metricName string =
  3 targetValue Quantity =
  4 selector ?meta/v1.LabelSelector
  5 averageValue ?Quantity

PodsMetricSource
  1 metricName string =
  2 targetAverageValue Quantity =
  3 selector ?meta/v1.LabelSelector

ResourceMetricSource
  1 name string =
  2 targetAverageUtilization ?int32
  3 targetAverageValue ?Quantity

ContainerResourceMetricSource
  1 name string =
  2 targetAverageUtilization ?int32
  3 targetAverageValue ?Quantity
  4 container string =

ExternalMetricSource
  1 metricName string =
  2 metricSelector ?meta/v1.LabelSelector
  3 targetValue ?Quantity
  4 targetAverageValue ?Quantity

HorizontalPodAutoscalerStatus
  1 observedGeneration ?int64
  2 lastScaleTime ?Time
  3 currentReplicas int32 =
  4 desiredReplicas int32 =
  5 currentMetrics []MetricStatus = atomic
  6 conditions []HorizontalPodAutoscalerCondition = atomic

MetricStatus
  1 type string =
  2 object ?ObjectMetricStatus
  3 pods ?PodsMetricStatus
  4 resource ?ResourceMetricStatus
  7 containerResource ?ContainerResourceMetricStatus
  5 external ?ExternalMetricStatus

ObjectMetricStatus
  1 target CrossVersionObjectReference =
  2 metricName string =
  3 currentValue Quantity =
  4 selector ?meta/v1.LabelSelector
  5 averageValue ?Quantity

PodsMetricStatus
  1 metricName string =
  2 currentAverageValue Quantity =
  3 selector ?meta/v1.LabelSelector

ResourceMetricStatus
  1 name string =
  2 currentAverageUtilization ?int32
  3 currentAverageValue Quantity =

ContainerResourceMetricStatus
  1 name string =
  2 currentAverageUtilization ?int32
  3 currentAverageValue Quantity =
  4 container string =

ExternalMetricStatus
  1 metricName string =
  2 metricSelector ?meta/v1.LabelSelector
  3 currentValue Quantity =
  4 currentAverageValue ?Quantity

HorizontalPodAutoscalerCondition
  1 type string =
  2 status string =
  3 lastTransitionTime Time
  4 reason string
  5 message string
`);
