import { table } from '../table.ts';

/** Messages of apiregistration/v1beta1; field numbers and markers are those of k8s.io/api 1.33. */
export default table('apiregistration/v1beta1', `
APIService kind
  1 metadata meta/v1.ObjectMeta
  2 spec APIServiceSpec
  3 status APIServiceStatus

APIServiceSpec
  1 service ?ServiceReference
  2 group string
  3 version string
  4 insecureSkipTLSVerify bool
  5 caBundle bytes atomic
  7 groupPriorityMinimum int32 =
  8 versionPriority int32 =

ServiceReference
  1 namespace string
  2 name string
  3 port ?int32

APIServiceStatus
  1 conditions []APIServiceCondition map(type) merge(type)

APIServiceCondition
  1 type string =
  2 status string =
  3 lastTransitionTime Time
  4 reason string
  5 message string
`);
