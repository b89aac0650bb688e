import { table } from '../table.ts';

/** Messages of apps/v1; field numbers and markers are those of k8s.io/api 1.33. */
export default table('apps/v1', `
enum DaemonSetUpdateStrategyType RollingUpdate OnDelete
enum DeploymentStrategyType Recreate RollingUpdate
enum PodManagementPolicyType OrderedReady Parallel
enum StatefulSetUpdateStrategyType RollingUpdate OnDelete

Deployment kind
  1 metadata meta/v1.ObjectMeta
  2 spec DeploymentSpec
  3 status DeploymentStatus

DeploymentSpec
  1 replicas ?int32
  2 selector ?meta/v1.LabelSelector !
  3 template core/v1.PodTemplateSpec !
  4 strategy DeploymentStrategy retainKeys
  5 minReadySeconds int32
  6 revisionHistoryLimit ?int32
  7 paused bool
  9 progressDeadlineSeconds ?int32

DeploymentStrategy
  1 type DeploymentStrategyType
  2 rollingUpdate ?RollingUpdateDeployment

RollingUpdateDeployment
  1 maxUnavailable ?IntOrString
  2 maxSurge ?IntOrString

DeploymentStatus
  1 observedGeneration int64
  2 replicas int32
  3 updatedReplicas int32
  7 readyReplicas int32
  4 availableReplicas int32
  5 unavailableReplicas int32
  9 terminatingReplicas ?int32
  6 conditions []DeploymentCondition map(type) merge(type)
  8 collisionCount ?int32

DeploymentCondition
  1 type string !
  2 status string !
  6 lastUpdateTime Time
  7 lastTransitionTime Time
  4 reason string
  5 message string

ReplicaSet kind
  1 metadata meta/v1.ObjectMeta
  2 spec ReplicaSetSpec
  3 status ReplicaSetStatus

ReplicaSetSpec
  1 replicas ?int32
  4 minReadySeconds int32
  2 selector ?meta/v1.LabelSelector !
  3 template core/v1.PodTemplateSpec

ReplicaSetStatus
  1 replicas int32 !
  2 fullyLabeledReplicas int32
  4 readyReplicas int32
  5 availableReplicas int32
  7 terminatingReplicas ?int32
  3 observedGeneration int64
  6 conditions []ReplicaSetCondition map(type) merge(type)

ReplicaSetCondition
  1 type string !
  2 status string !
  3 lastTransitionTime Time
  4 reason string
  5 message string

StatefulSet kind
  1 metadata meta/v1.ObjectMeta
  2 spec StatefulSetSpec
  3 status StatefulSetStatus

StatefulSetSpec
  1 replicas ?int32
  2 selector ?meta/v1.LabelSelector !
  3 template core/v1.PodTemplateSpec !
  4 volumeClaimTemplates []core/v1.PersistentVolumeClaim atomic
  5 serviceName string =
  6 podManagementPolicy PodManagementPolicyType
  7 updateStrategy StatefulSetUpdateStrategy
  8 revisionHistoryLimit ?int32
  9 minReadySeconds int32
  10 persistentVolumeClaimRetentionPolicy ?StatefulSetPersistentVolumeClaimRetentionPolicy
  11 ordinals ?StatefulSetOrdinals

StatefulSetUpdateStrategy
  1 type StatefulSetUpdateStrategyType
  2 rollingUpdate ?RollingUpdateStatefulSetStrategy

RollingUpdateStatefulSetStrategy
  1 partition ?int32
  2 maxUnavailable ?IntOrString

StatefulSetPersistentVolumeClaimRetentionPolicy
  1 whenDeleted string
  2 whenScaled string

StatefulSetOrdinals
  1 start int32 =

StatefulSetStatus
  1 observedGeneration int64
  2 replicas int32 !
  3 readyReplicas int32
  4 currentReplicas int32
  5 updatedReplicas int32
  6 currentRevision string
  7 updateRevision string
  9 collisionCount ?int32
  10 conditions []StatefulSetCondition map(type) merge(type)
  11 availableReplicas int32 =

StatefulSetCondition
  1 type string !
  2 status string !
  3 lastTransitionTime Time
  4 reason string
  5 message string

DaemonSet kind
  1 metadata meta/v1.ObjectMeta
  2 spec DaemonSetSpec
  3 status DaemonSetStatus

DaemonSetSpec
  1 selector ?meta/v1.LabelSelector !
  2 template core/v1.PodTemplateSpec !
  3 updateStrategy DaemonSetUpdateStrategy
  4 minReadySeconds int32
  6 revisionHistoryLimit ?int32

DaemonSetUpdateStrategy
  1 type DaemonSetUpdateStrategyType
  2 rollingUpdate ?RollingUpdateDaemonSet

RollingUpdateDaemonSet
  1 maxUnavailable ?IntOrString
  2 maxSurge ?IntOrString

DaemonSetStatus
  1 currentNumberScheduled int32 !
  2 numberMisscheduled int32 !
  3 desiredNumberScheduled int32 !
  4 numberReady int32 !
  5 observedGeneration int64
  6 updatedNumberScheduled int32
  7 numberAvailable int32
  8 numberUnavailable int32
  9 collisionCount ?int32
  10 conditions []DaemonSetCondition map(type) merge(type)

DaemonSetCondition
  1 type string !
  2 status string !
  3 lastTransitionTime Time
  4 reason string
  5 message string

ControllerRevision kind
  1 metadata meta/v1.ObjectMeta
  2 data Raw
  3 revision int64 !
`);
