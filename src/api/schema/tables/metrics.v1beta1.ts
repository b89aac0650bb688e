import { table } from '../table.ts';

/** Messages of metrics/v1beta1; field numbers and markers are those of k8s.io/api 1.33. */
export default table('metrics/v1beta1', `
NodeMetrics kind
  1 metadata meta/v1.ObjectMeta
  2 timestamp Time =
  3 window Duration =
  4 usage {Quantity} =

PodMetrics kind
  1 metadata meta/v1.ObjectMeta
  2 timestamp Time =
  3 window Duration =
  4 containers []ContainerMetrics = atomic

ContainerMetrics
  1 name string =
  2 usage {Quantity} =
`);
