import { table } from '../table.ts';

/** Messages of core/v1 (podstatus); field numbers and markers are those of k8s.io/api 1.33. */
export default table('core/v1', `
Pod kind # One or more containers that run together on one node.
  1 metadata meta/v1.ObjectMeta # Standard metadata.
  2 spec PodSpec # What should run.
  3 status PodStatus # What was last seen running.

PodStatus # What was last seen of a pod.
  17 observedGeneration int64
  1 phase PodPhase # Pending, Running, Succeeded, Failed or Unknown.
  2 conditions []PodCondition map(type) merge(type) # Aspects of the pod's state: PodScheduled, Initialized, ContainersReady, Ready.
  3 message string # Why the pod is in this state, for people.
  4 reason string # Why the pod is in this state, in one word.
  11 nominatedNodeName string
  5 hostIP string # IP of the node.
  16 hostIPs []HostIP atomic merge(ip)
  6 podIP string # IP of the pod.
  12 podIPs []PodIP map(ip) merge(ip)
  7 startTime ?Time # When the kubelet first saw the pod.
  10 initContainerStatuses []ContainerStatus atomic # State of each init container.
  8 containerStatuses []ContainerStatus atomic # State of each container.
  9 qosClass PodQOSClass # Guaranteed, Burstable or BestEffort.
  13 ephemeralContainerStatuses []ContainerStatus atomic
  14 resize string
  15 resourceClaimStatuses []PodResourceClaimStatus map(name) merge(name) retainKeys

PodCondition
  1 type string !
  7 observedGeneration int64
  2 status string !
  3 lastProbeTime Time
  4 lastTransitionTime Time
  5 reason string
  6 message string

HostIP
  1 ip string !

PodIP
  1 ip string !

ContainerStatus
  1 name string !
  2 state ContainerState # Waiting, running or terminated.
  3 lastState ContainerState # How the last run ended.
  4 ready bool ! # Whether the readiness probe passes.
  5 restartCount int32 ! # How often it was restarted.
  6 image string !
  7 imageID string !
  8 containerID string
  9 started ?bool
  10 allocatedResources {Quantity}
  11 resources ?ResourceRequirements
  12 volumeMounts []VolumeMountStatus map(mountPath) merge(mountPath)
  13 user ?ContainerUser
  14 allocatedResourcesStatus []ResourceStatus map(name) merge(name)
  15 stopSignal ?Signal

ContainerState
  1 waiting ?ContainerStateWaiting
  2 running ?ContainerStateRunning
  3 terminated ?ContainerStateTerminated

ContainerStateWaiting
  1 reason string
  2 message string

ContainerStateRunning
  1 startedAt Time

ContainerStateTerminated
  1 exitCode int32 !
  2 signal int32
  3 reason string
  4 message string
  5 startedAt Time
  6 finishedAt Time
  7 containerID string

VolumeMountStatus
  1 name string !
  2 mountPath string !
  3 readOnly bool
  4 recursiveReadOnly ?string

ContainerUser
  1 linux ?LinuxContainerUser

LinuxContainerUser
  1 uid int64 !
  2 gid int64 !
  3 supplementalGroups []int64 atomic

ResourceStatus
  1 name string !
  2 resources []ResourceHealth map(resourceID)

ResourceHealth
  1 resourceID string !
  2 health string

PodResourceClaimStatus
  1 name string !
  2 resourceClaimName ?string
`);
