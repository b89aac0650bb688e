import { table } from '../table.ts';

/** Messages of apps/v1beta1; field numbers and markers are those of k8s.io/api 1.33. */
export default table('apps/v1beta1', `
Deployment kind
  1 metadata meta/v1.ObjectMeta
  2 spec DeploymentSpec
  3 status DeploymentStatus

DeploymentSpec
  1 replicas ?int32
  2 selector ?meta/v1.LabelSelector
  3 template core/v1.PodTemplateSpec =
  4 strategy DeploymentStrategy retainKeys
  5 minReadySeconds int32
  6 revisionHistoryLimit ?int32
  7 paused bool
  8 rollbackTo ?RollbackConfig
  9 progressDeadlineSeconds ?int32

DeploymentStrategy
  1 type string
  2 rollingUpdate ?RollingUpdateDeployment

RollingUpdateDeployment
  1 maxUnavailable ?IntOrString
  2 maxSurge ?IntOrString

RollbackConfig
  1 revision int64

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
  1 type string =
  2 status string =
  6 lastUpdateTime Time
  7 lastTransitionTime Time
  4 reason string
  5 message string

StatefulSet kind
  1 metadata meta/v1.ObjectMeta
  2 spec StatefulSetSpec
  3 status StatefulSetStatus

StatefulSetSpec
  1 replicas ?int32
  2 selector ?meta/v1.LabelSelector
  3 template core/v1.PodTemplateSpec =
  4 volumeClaimTemplates []core/v1.PersistentVolumeClaim atomic
  5 serviceName string =
  6 podManagementPolicy string
  7 updateStrategy StatefulSetUpdateStrategy
  8 revisionHistoryLimit ?int32
  9 minReadySeconds int32
  10 persistentVolumeClaimRetentionPolicy ?StatefulSetPersistentVolumeClaimRetentionPolicy
  11 ordinals ?StatefulSetOrdinals

StatefulSetUpdateStrategy
  1 type string
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
  1 observedGeneration ?int64
  2 replicas int32 =
  3 readyReplicas int32
  4 currentReplicas int32
  5 updatedReplicas int32
  6 currentRevision string
  7 updateRevision string
  9 collisionCount ?int32
  10 conditions []StatefulSetCondition map(type) merge(type)
  11 availableReplicas int32 =

StatefulSetCondition
  1 type string =
  2 status string =
  3 lastTransitionTime Time
  4 reason string
  5 message string

ControllerRevision kind
  1 metadata meta/v1.ObjectMeta
  2 data Raw
  3 revision int64 =

Scale kind
  1 metadata meta/v1.ObjectMeta
  2 spec ScaleSpec
  3 status ScaleStatus

ScaleSpec
  1 replicas int32

ScaleStatus
  1 replicas int32 =
  2 selector {string}
  3 targetSelector string
`);
