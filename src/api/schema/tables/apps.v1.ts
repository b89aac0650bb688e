import { table } from '../table.ts';

/** Messages of apps/v1; field numbers and markers are those of k8s.io/api 1.33. */
export default table('apps/v1', `
enum DaemonSetUpdateStrategyType RollingUpdate OnDelete
enum DeploymentStrategyType Recreate RollingUpdate
enum PodManagementPolicyType OrderedReady Parallel
enum StatefulSetUpdateStrategyType RollingUpdate OnDelete

Deployment kind # Keeps a number of equal pods running and rolls out changes.
  1 metadata meta/v1.ObjectMeta
  2 spec DeploymentSpec # What should run.
  3 status DeploymentStatus # How far it is.

DeploymentSpec # What a deployment keeps running.
  1 replicas ?int32 # Number of pods. Default 1.
  2 selector ?meta/v1.LabelSelector ! # Which pods belong to it; must match the template's labels.
  3 template core/v1.PodTemplateSpec ! # The pods to create.
  4 strategy DeploymentStrategy retainKeys # How old pods give way to new ones.
  5 minReadySeconds int32 # Seconds a pod must be ready to count as available. Default 0.
  6 revisionHistoryLimit ?int32 # Old ReplicaSets kept for rollback. Default 10.
  7 paused bool # Whether changes wait.
  9 progressDeadlineSeconds ?int32 # Seconds without progress that count as failure. Default 600.

DeploymentStrategy # How old pods give way to new ones.
  1 type DeploymentStrategyType # RollingUpdate (default) or Recreate.
  2 rollingUpdate ?RollingUpdateDeployment # Numbers for RollingUpdate.

RollingUpdateDeployment # Numbers of a rolling update.
  1 maxUnavailable ?IntOrString # Pods that may be missing, a number or a percentage. Default 25%.
  2 maxSurge ?IntOrString # Pods that may be too many, a number or a percentage. Default 25%.

DeploymentStatus
  1 observedGeneration int64
  2 replicas int32 # Pods there are.
  3 updatedReplicas int32 # Pods of the newest template.
  7 readyReplicas int32 # Pods that are ready.
  4 availableReplicas int32 # Pods that have been ready for minReadySeconds.
  5 unavailableReplicas int32 # Pods still missing.
  9 terminatingReplicas ?int32
  6 conditions []DeploymentCondition map(type) merge(type) # Available, Progressing, ReplicaFailure.
  8 collisionCount ?int32

DeploymentCondition
  1 type string !
  2 status string !
  6 lastUpdateTime Time
  7 lastTransitionTime Time
  4 reason string
  5 message string

ReplicaSet kind # Keeps a number of equal pods running.
  1 metadata meta/v1.ObjectMeta
  2 spec ReplicaSetSpec
  3 status ReplicaSetStatus

ReplicaSetSpec
  1 replicas ?int32 # Number of pods. Default 1.
  4 minReadySeconds int32
  2 selector ?meta/v1.LabelSelector ! # Which pods belong to it.
  3 template core/v1.PodTemplateSpec # The pods to create.

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

StatefulSet kind # Pods with stable names and storage, started in order.
  1 metadata meta/v1.ObjectMeta
  2 spec StatefulSetSpec
  3 status StatefulSetStatus

StatefulSetSpec
  1 replicas ?int32 # Number of pods. Default 1.
  2 selector ?meta/v1.LabelSelector ! # Which pods belong to it.
  3 template core/v1.PodTemplateSpec ! # The pods to create.
  4 volumeClaimTemplates []core/v1.PersistentVolumeClaim atomic # Claims made for each pod.
  5 serviceName string = # Headless service that names the pods.
  6 podManagementPolicy PodManagementPolicyType # OrderedReady (default) or Parallel.
  7 updateStrategy StatefulSetUpdateStrategy # How changes are rolled out.
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

DaemonSet kind # One pod on every matching node.
  1 metadata meta/v1.ObjectMeta
  2 spec DaemonSetSpec
  3 status DaemonSetStatus

DaemonSetSpec
  1 selector ?meta/v1.LabelSelector ! # Which pods belong to it.
  2 template core/v1.PodTemplateSpec ! # The pod to create.
  3 updateStrategy DaemonSetUpdateStrategy # How changes are rolled out.
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
