import { table } from '../table.ts';

/** Messages of core/v1 (misc); field numbers and markers are those of k8s.io/api 1.33. */
export default table('core/v1', `
enum AppArmorProfileType Unconfined RuntimeDefault Localhost
enum AzureDataDiskCachingMode None ReadOnly ReadWrite
enum AzureDataDiskKind Shared Dedicated Managed
enum ClaimResourceStatus ControllerResizeInProgress ControllerResizeInfeasible NodeResizePending NodeResizeInProgress NodeResizeInfeasible
enum DNSPolicy ClusterFirstWithHostNet ClusterFirst Default None
enum HostPathType "" DirectoryOrCreate Directory FileOrCreate File Socket CharDevice BlockDevice
enum IPFamily IPv4 IPv6 ""
enum IPFamilyPolicy SingleStack PreferDualStack RequireDualStack
enum MountPropagationMode None HostToContainer Bidirectional
enum NamespacePhase Active Terminating
enum NodeInclusionPolicy Ignore Honor
enum NodePhase Pending Running Terminated
enum NodeSelectorOperator In NotIn Exists DoesNotExist Gt Lt
enum PersistentVolumeAccessMode ReadWriteOnce ReadOnlyMany ReadWriteMany ReadWriteOncePod
enum PersistentVolumeClaimModifyVolumeStatus Pending InProgress Infeasible
enum PersistentVolumeClaimPhase Pending Bound Lost
enum PersistentVolumeMode Block Filesystem
enum PersistentVolumePhase Pending Available Bound Released Failed
enum PersistentVolumeReclaimPolicy Recycle Delete Retain
enum PodFSGroupChangePolicy OnRootMismatch Always
enum PodPhase Pending Running Succeeded Failed Unknown
enum PodQOSClass Guaranteed Burstable BestEffort
enum PreemptionPolicy PreemptLowerPriority Never
enum ProcMountType Default Unmasked
enum Protocol TCP UDP SCTP
enum PullPolicy Always Never IfNotPresent
enum ResourceQuotaScope Terminating NotTerminating BestEffort NotBestEffort PriorityClass CrossNamespacePodAffinity VolumeAttributesClass
enum RestartPolicy Always OnFailure Never
enum ScopeSelectorOperator In NotIn Exists DoesNotExist
enum SeccompProfileType Unconfined RuntimeDefault Localhost
enum ServiceAffinity ClientIP None
enum ServiceExternalTrafficPolicy Cluster Local
enum ServiceInternalTrafficPolicy Cluster Local
enum ServiceType ClusterIP NodePort LoadBalancer ExternalName
enum Signal SIGABRT SIGALRM SIGBUS SIGCHLD SIGCLD SIGCONT SIGFPE SIGHUP SIGILL SIGINT SIGIO SIGIOT SIGKILL SIGPIPE SIGPOLL SIGPROF SIGPWR SIGQUIT SIGSEGV SIGSTKFLT SIGSTOP SIGSYS SIGTERM SIGTRAP SIGTSTP SIGTTIN SIGTTOU SIGURG SIGUSR1 SIGUSR2 SIGVTALRM SIGWINCH SIGXCPU SIGXFSZ SIGRTMIN SIGRTMIN+1 SIGRTMIN+2 SIGRTMIN+3 SIGRTMIN+4 SIGRTMIN+5 SIGRTMIN+6 SIGRTMIN+7 SIGRTMIN+8 SIGRTMIN+9 SIGRTMIN+10 SIGRTMIN+11 SIGRTMIN+12 SIGRTMIN+13 SIGRTMIN+14 SIGRTMIN+15 SIGRTMAX-14 SIGRTMAX-13 SIGRTMAX-12 SIGRTMAX-11 SIGRTMAX-10 SIGRTMAX-9 SIGRTMAX-8 SIGRTMAX-7 SIGRTMAX-6 SIGRTMAX-5 SIGRTMAX-4 SIGRTMAX-3 SIGRTMAX-2 SIGRTMAX-1 SIGRTMAX
enum SupplementalGroupsPolicy Merge Strict
enum TaintEffect NoSchedule PreferNoSchedule NoExecute
enum TerminationMessagePolicy File FallbackToLogsOnError
enum TolerationOperator Exists Equal
enum URIScheme HTTP HTTPS
enum UnsatisfiableConstraintAction DoNotSchedule ScheduleAnyway

Namespace kind # A scope for names.
  1 metadata meta/v1.ObjectMeta
  2 spec NamespaceSpec
  3 status NamespaceStatus

NamespaceSpec
  1 finalizers []string atomic

NamespaceStatus
  1 phase NamespacePhase
  2 conditions []NamespaceCondition map(type) merge(type)

NamespaceCondition
  1 type string !
  2 status string !
  4 lastTransitionTime Time
  5 reason string
  6 message string

ConfigMap kind # Configuration for pods.
  1 metadata meta/v1.ObjectMeta
  4 immutable ?bool # Whether the data can never change.
  2 data {string} # Keys and their text.
  3 binaryData {bytes} # Keys and their bytes, as base64.

Secret kind # Small secret data.
  1 metadata meta/v1.ObjectMeta
  5 immutable ?bool # Whether the data can never change.
  2 data {bytes} # Keys and their bytes, as base64.
  4 stringData {string} # Keys and their text; written into data, never read back.
  3 type string # What the secret is for.

ServiceAccount kind # An identity for pods.
  1 metadata meta/v1.ObjectMeta
  2 secrets []ObjectReference map(name) merge(name)
  3 imagePullSecrets []LocalObjectReference atomic # Secrets for pulling images, given to its pods.
  4 automountServiceAccountToken ?bool

ResourceQuota kind # Limits what a namespace may use in all.
  1 metadata meta/v1.ObjectMeta
  2 spec ResourceQuotaSpec
  3 status ResourceQuotaStatus

ResourceQuotaSpec
  1 hard {Quantity} # The limits.
  2 scopes []ResourceQuotaScope atomic
  3 scopeSelector ?ScopeSelector

ScopeSelector atomic
  1 matchExpressions []ScopedResourceSelectorRequirement atomic

ScopedResourceSelectorRequirement
  1 scopeName ResourceQuotaScope !
  2 operator ScopeSelectorOperator !
  3 values []string atomic

ResourceQuotaStatus
  1 hard {Quantity}
  2 used {Quantity}

LimitRange kind # Limits and defaults for single pods, containers and claims of a namespace.
  1 metadata meta/v1.ObjectMeta
  2 spec LimitRangeSpec

LimitRangeSpec
  1 limits []LimitRangeItem ! atomic # The limits.

LimitRangeItem
  1 type string !
  2 max {Quantity}
  3 min {Quantity}
  4 default {Quantity}
  5 defaultRequest {Quantity}
  6 maxLimitRequestRatio {Quantity}

Event kind # Something that happened to an object.
  1 metadata meta/v1.ObjectMeta !
  2 involvedObject ObjectReference !
  3 reason string
  4 message string
  5 source EventSource
  6 firstTimestamp Time
  7 lastTimestamp Time
  8 count int32
  9 type string
  10 eventTime MicroTime
  11 series ?EventSeries
  12 action string
  13 related ?ObjectReference
  14 reportingComponent string =
  15 reportingInstance string =

EventSource
  1 component string
  2 host string

EventSeries
  1 count int32
  2 lastObservedTime MicroTime

ReplicationController kind # Keeps a number of equal pods running; ReplicaSets have taken its place.
  1 metadata meta/v1.ObjectMeta
  2 spec ReplicationControllerSpec
  3 status ReplicationControllerStatus

ReplicationControllerSpec
  1 replicas ?int32
  4 minReadySeconds int32
  2 selector {string} atomicMap
  3 template ?PodTemplateSpec

ReplicationControllerStatus
  1 replicas int32 !
  2 fullyLabeledReplicas int32
  4 readyReplicas int32
  5 availableReplicas int32
  3 observedGeneration int64
  6 conditions []ReplicationControllerCondition map(type) merge(type)

ReplicationControllerCondition
  1 type string !
  2 status string !
  3 lastTransitionTime Time
  4 reason string
  5 message string

PodTemplate kind
  1 metadata meta/v1.ObjectMeta
  2 template PodTemplateSpec

Binding kind
  1 metadata meta/v1.ObjectMeta
  2 target ObjectReference !

ComponentStatus kind
  1 metadata meta/v1.ObjectMeta
  2 conditions []ComponentCondition map(type) merge(type)

ComponentCondition
  1 type string !
  2 status string !
  3 message string
  4 error string

PodStatusResult kind
  1 metadata meta/v1.ObjectMeta
  2 status PodStatus

TopologySelectorTerm atomic
  1 matchLabelExpressions []TopologySelectorLabelRequirement atomic

TopologySelectorLabelRequirement
  1 key string !
  2 values []string ! atomic
`);
