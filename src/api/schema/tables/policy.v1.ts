import { table } from '../table.ts';

/** Messages of policy/v1; field numbers and markers are those of k8s.io/api 1.33. */
export default table('policy/v1', `
enum UnhealthyPodEvictionPolicyType IfHealthyBudget AlwaysAllow

PodDisruptionBudget kind # How many pods of a set may be missing for voluntary reasons.
  1 metadata meta/v1.ObjectMeta
  2 spec PodDisruptionBudgetSpec
  3 status PodDisruptionBudgetStatus

PodDisruptionBudgetSpec
  1 minAvailable ?IntOrString # Pods that must stay, a number or a percentage.
  2 selector ?meta/v1.LabelSelector replace # Which pods.
  3 maxUnavailable ?IntOrString # Pods that may be missing, a number or a percentage.
  4 unhealthyPodEvictionPolicy ?UnhealthyPodEvictionPolicyType

PodDisruptionBudgetStatus
  1 observedGeneration int64
  2 disruptedPods {Time}
  3 disruptionsAllowed int32 !
  4 currentHealthy int32 !
  5 desiredHealthy int32 !
  6 expectedPods int32 !
  7 conditions []meta/v1.Condition map(type) merge(type)

Eviction kind
  1 metadata meta/v1.ObjectMeta
  2 deleteOptions ?meta/v1.DeleteOptions
`);
