import { table } from '../table.ts';

/** Messages of custommetrics/v1beta2; field numbers and markers are those of k8s.io/api 1.33. */
export default table('custommetrics/v1beta2', `
MetricValue kind
  1 describedObject core/v1.ObjectReference =
  2 metric MetricIdentifier =
  3 timestamp Time =
  4 windowSeconds ?int64
  5 value Quantity =

MetricIdentifier
  1 name string =
  2 selector ?meta/v1.LabelSelector
`);
