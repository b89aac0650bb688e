import { table } from '../table.ts';

/** Messages of externalmetrics/v1beta1; field numbers and markers are those of k8s.io/api 1.33. */
export default table('externalmetrics/v1beta1', `
ExternalMetricValue kind
  1 metricName string =
  2 metricLabels {string} =
  3 timestamp Time =
  4 window ?int64
  5 value Quantity =
`);
