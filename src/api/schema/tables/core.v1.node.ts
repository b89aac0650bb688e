import { table } from '../table.ts';

/** Messages of core/v1 (node); field numbers and markers are those of k8s.io/api 1.33. */
export default table('core/v1', `
Node kind # A machine that runs pods.
  1 metadata meta/v1.ObjectMeta
  2 spec NodeSpec
  3 status NodeStatus

NodeSpec
  1 podCIDR string
  7 podCIDRs []string set merge
  3 providerID string
  4 unschedulable bool # Whether no new pods are placed here.
  5 taints []Taint atomic # What keeps pods away that do not tolerate it.
  6 configSource ?NodeConfigSource
  2 externalID string

Taint
  1 key string !
  2 value string
  3 effect TaintEffect !
  4 timeAdded ?Time

NodeConfigSource
  2 configMap ?ConfigMapNodeConfigSource

ConfigMapNodeConfigSource
  1 namespace string !
  2 name string !
  3 uid string
  4 resourceVersion string
  5 kubeletConfigKey string !

NodeStatus
  1 capacity {Quantity} # Everything the node has.
  2 allocatable {Quantity} # What pods can have of it.
  3 phase NodePhase
  4 conditions []NodeCondition map(type) merge(type) # Ready and the pressures.
  5 addresses []NodeAddress map(type) merge(type)
  6 daemonEndpoints NodeDaemonEndpoints
  7 nodeInfo NodeSystemInfo
  8 images []ContainerImage atomic
  9 volumesInUse []string atomic
  10 volumesAttached []AttachedVolume atomic
  11 config ?NodeConfigStatus
  12 runtimeHandlers []NodeRuntimeHandler atomic
  13 features ?NodeFeatures

NodeCondition
  1 type string !
  2 status string !
  3 lastHeartbeatTime Time
  4 lastTransitionTime Time
  5 reason string
  6 message string

NodeAddress
  1 type string !
  2 address string !

NodeDaemonEndpoints
  1 kubeletEndpoint DaemonEndpoint

DaemonEndpoint
  1 Port int32 !

NodeSystemInfo
  1 machineID string !
  2 systemUUID string !
  3 bootID string !
  4 kernelVersion string !
  5 osImage string !
  6 containerRuntimeVersion string !
  7 kubeletVersion string !
  8 kubeProxyVersion string !
  9 operatingSystem string !
  10 architecture string !
  11 swap ?NodeSwapStatus

NodeSwapStatus
  1 capacity ?int64

ContainerImage
  1 names []string = atomic
  2 sizeBytes int64

AttachedVolume
  1 name string !
  2 devicePath string !

NodeConfigStatus
  1 assigned ?NodeConfigSource
  2 active ?NodeConfigSource
  3 lastKnownGood ?NodeConfigSource
  4 error string

NodeRuntimeHandler
  1 name string =
  2 features ?NodeRuntimeHandlerFeatures

NodeRuntimeHandlerFeatures
  1 recursiveReadOnlyMounts ?bool
  2 userNamespaces ?bool

NodeFeatures
  1 supplementalGroupsPolicy ?bool
`);
