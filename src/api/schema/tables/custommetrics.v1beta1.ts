import { table } from '../table.ts';

/** Messages of custommetrics/v1beta1; field numbers and markers are those of k8s.io/api 1.33. */
export default table('custommetrics/v1beta1', `
MetricValue kind
  1 describedObject core/v1.ObjectReference =
  2 metricName string =
  3 timestamp Time =
  4 window ?int64
  5 value Quantity =
  6 selector ?meta/v1.LabelSelector
`);
