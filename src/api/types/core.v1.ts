// Generated from src/api/schema/tables by `npm run generate`. Do not edit.
import type * as metaV1 from './meta.v1.ts';

export type AppArmorProfileType = 'Unconfined' | 'RuntimeDefault' | 'Localhost';
export type AzureDataDiskCachingMode = 'None' | 'ReadOnly' | 'ReadWrite';
export type AzureDataDiskKind = 'Shared' | 'Dedicated' | 'Managed';
export type ClaimResourceStatus = 'ControllerResizeInProgress' | 'ControllerResizeInfeasible' | 'NodeResizePending' | 'NodeResizeInProgress' | 'NodeResizeInfeasible';
export type DNSPolicy = 'ClusterFirstWithHostNet' | 'ClusterFirst' | 'Default' | 'None';
export type HostPathType = '' | 'DirectoryOrCreate' | 'Directory' | 'FileOrCreate' | 'File' | 'Socket' | 'CharDevice' | 'BlockDevice';
export type IPFamily = 'IPv4' | 'IPv6' | '';
export type IPFamilyPolicy = 'SingleStack' | 'PreferDualStack' | 'RequireDualStack';
export type MountPropagationMode = 'None' | 'HostToContainer' | 'Bidirectional';
export type NamespacePhase = 'Active' | 'Terminating';
export type NodeInclusionPolicy = 'Ignore' | 'Honor';
export type NodePhase = 'Pending' | 'Running' | 'Terminated';
export type NodeSelectorOperator = 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt';
export type PersistentVolumeAccessMode = 'ReadWriteOnce' | 'ReadOnlyMany' | 'ReadWriteMany' | 'ReadWriteOncePod';
export type PersistentVolumeClaimModifyVolumeStatus = 'Pending' | 'InProgress' | 'Infeasible';
export type PersistentVolumeClaimPhase = 'Pending' | 'Bound' | 'Lost';
export type PersistentVolumeMode = 'Block' | 'Filesystem';
export type PersistentVolumePhase = 'Pending' | 'Available' | 'Bound' | 'Released' | 'Failed';
export type PersistentVolumeReclaimPolicy = 'Recycle' | 'Delete' | 'Retain';
export type PodFSGroupChangePolicy = 'OnRootMismatch' | 'Always';
export type PodPhase = 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown';
export type PodQOSClass = 'Guaranteed' | 'Burstable' | 'BestEffort';
export type PreemptionPolicy = 'PreemptLowerPriority' | 'Never';
export type ProcMountType = 'Default' | 'Unmasked';
export type Protocol = 'TCP' | 'UDP' | 'SCTP';
export type PullPolicy = 'Always' | 'Never' | 'IfNotPresent';
export type ResourceQuotaScope = 'Terminating' | 'NotTerminating' | 'BestEffort' | 'NotBestEffort' | 'PriorityClass' | 'CrossNamespacePodAffinity' | 'VolumeAttributesClass';
export type RestartPolicy = 'Always' | 'OnFailure' | 'Never';
export type ScopeSelectorOperator = 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
export type SeccompProfileType = 'Unconfined' | 'RuntimeDefault' | 'Localhost';
export type ServiceAffinity = 'ClientIP' | 'None';
export type ServiceExternalTrafficPolicy = 'Cluster' | 'Local';
export type ServiceInternalTrafficPolicy = 'Cluster' | 'Local';
export type ServiceType = 'ClusterIP' | 'NodePort' | 'LoadBalancer' | 'ExternalName';
export type Signal = 'SIGABRT' | 'SIGALRM' | 'SIGBUS' | 'SIGCHLD' | 'SIGCLD' | 'SIGCONT' | 'SIGFPE' | 'SIGHUP' | 'SIGILL' | 'SIGINT' | 'SIGIO' | 'SIGIOT' | 'SIGKILL' | 'SIGPIPE' | 'SIGPOLL' | 'SIGPROF' | 'SIGPWR' | 'SIGQUIT' | 'SIGSEGV' | 'SIGSTKFLT' | 'SIGSTOP' | 'SIGSYS' | 'SIGTERM' | 'SIGTRAP' | 'SIGTSTP' | 'SIGTTIN' | 'SIGTTOU' | 'SIGURG' | 'SIGUSR1' | 'SIGUSR2' | 'SIGVTALRM' | 'SIGWINCH' | 'SIGXCPU' | 'SIGXFSZ' | 'SIGRTMIN' | 'SIGRTMIN+1' | 'SIGRTMIN+2' | 'SIGRTMIN+3' | 'SIGRTMIN+4' | 'SIGRTMIN+5' | 'SIGRTMIN+6' | 'SIGRTMIN+7' | 'SIGRTMIN+8' | 'SIGRTMIN+9' | 'SIGRTMIN+10' | 'SIGRTMIN+11' | 'SIGRTMIN+12' | 'SIGRTMIN+13' | 'SIGRTMIN+14' | 'SIGRTMIN+15' | 'SIGRTMAX-14' | 'SIGRTMAX-13' | 'SIGRTMAX-12' | 'SIGRTMAX-11' | 'SIGRTMAX-10' | 'SIGRTMAX-9' | 'SIGRTMAX-8' | 'SIGRTMAX-7' | 'SIGRTMAX-6' | 'SIGRTMAX-5' | 'SIGRTMAX-4' | 'SIGRTMAX-3' | 'SIGRTMAX-2' | 'SIGRTMAX-1' | 'SIGRTMAX';
export type SupplementalGroupsPolicy = 'Merge' | 'Strict';
export type TaintEffect = 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
export type TerminationMessagePolicy = 'File' | 'FallbackToLogsOnError';
export type TolerationOperator = 'Exists' | 'Equal';
export type URIScheme = 'HTTP' | 'HTTPS';
export type UnsatisfiableConstraintAction = 'DoNotSchedule' | 'ScheduleAnyway';

/** A scope for names. */
export interface Namespace {
  apiVersion: string;
  kind: string;
  metadata: metaV1.ObjectMeta;
  spec: NamespaceSpec;
  status?: NamespaceStatus;
}

export interface NamespaceSpec {
  finalizers?: string[];
}

export interface NamespaceStatus {
  phase?: NamespacePhase;
  conditions?: NamespaceCondition[];
}

export interface NamespaceCondition {
  type: string;
  status: string;
  lastTransitionTime?: string | null;
  reason?: string;
  message?: string;
}

/** Configuration for pods. */
export interface ConfigMap {
  apiVersion: string;
  kind: string;
  metadata: metaV1.ObjectMeta;
  /** Whether the data can never change. */
  immutable?: boolean;
  /** Keys and their text. */
  data?: Record<string, string>;
  /** Keys and their bytes, as base64. */
  binaryData?: Record<string, string>;
}

/** Small secret data. */
export interface Secret {
  apiVersion: string;
  kind: string;
  metadata: metaV1.ObjectMeta;
  /** Whether the data can never change. */
  immutable?: boolean;
  /** Keys and their bytes, as base64. */
  data?: Record<string, string>;
  /** Keys and their text; written into data, never read back. */
  stringData?: Record<string, string>;
  /** What the secret is for. */
  type?: string;
}

/** An identity for pods. */
export interface ServiceAccount {
  apiVersion: string;
  kind: string;
  metadata: metaV1.ObjectMeta;
  secrets?: ObjectReference[];
  /** Secrets for pulling images, given to its pods. */
  imagePullSecrets?: LocalObjectReference[];
  automountServiceAccountToken?: boolean;
}

/** Limits what a namespace may use in all. */
export interface ResourceQuota {
  apiVersion: string;
  kind: string;
  metadata: metaV1.ObjectMeta;
  spec: ResourceQuotaSpec;
  status?: ResourceQuotaStatus;
}

export interface ResourceQuotaSpec {
  /** The limits. */
  hard?: Record<string, string>;
  scopes?: ResourceQuotaScope[];
  scopeSelector?: ScopeSelector;
}

export interface ScopeSelector {
  matchExpressions?: ScopedResourceSelectorRequirement[];
}

export interface ScopedResourceSelectorRequirement {
  scopeName: ResourceQuotaScope;
  operator: ScopeSelectorOperator;
  values?: string[];
}

export interface ResourceQuotaStatus {
  hard?: Record<string, string>;
  used?: Record<string, string>;
}

/** Limits and defaults for single pods, containers and claims of a namespace. */
export interface LimitRange {
  apiVersion: string;
  kind: string;
  metadata: metaV1.ObjectMeta;
  spec: LimitRangeSpec;
}

export interface LimitRangeSpec {
  /** The limits. */
  limits: LimitRangeItem[];
}

export interface LimitRangeItem {
  type: string;
  max?: Record<string, string>;
  min?: Record<string, string>;
  default?: Record<string, string>;
  defaultRequest?: Record<string, string>;
  maxLimitRequestRatio?: Record<string, string>;
}

/** Something that happened to an object. */
export interface Event {
  apiVersion: string;
  kind: string;
  metadata: metaV1.ObjectMeta;
  involvedObject: ObjectReference;
  reason?: string;
  message?: string;
  source?: EventSource;
  firstTimestamp?: string | null;
  lastTimestamp?: string | null;
  count?: number;
  type?: string;
  eventTime?: string | null;
  series?: EventSeries;
  action?: string;
  related?: ObjectReference;
  reportingComponent?: string;
  reportingInstance?: string;
}

export interface EventSource {
  component?: string;
  host?: string;
}

export interface EventSeries {
  count?: number;
  lastObservedTime?: string | null;
}

/** Keeps a number of equal pods running; ReplicaSets have taken its place. */
export interface ReplicationController {
  apiVersion: string;
  kind: string;
  metadata: metaV1.ObjectMeta;
  spec: ReplicationControllerSpec;
  status?: ReplicationControllerStatus;
}

export interface ReplicationControllerSpec {
  replicas?: number;
  minReadySeconds?: number;
  selector?: Record<string, string>;
  template?: PodTemplateSpec;
}

export interface ReplicationControllerStatus {
  replicas: number;
  fullyLabeledReplicas?: number;
  readyReplicas?: number;
  availableReplicas?: number;
  observedGeneration?: number;
  conditions?: ReplicationControllerCondition[];
}

export interface ReplicationControllerCondition {
  type: string;
  status: string;
  lastTransitionTime?: string | null;
  reason?: string;
  message?: string;
}

export interface PodTemplate {
  apiVersion: string;
  kind: string;
  metadata: metaV1.ObjectMeta;
  template?: PodTemplateSpec;
}

export interface Binding {
  apiVersion: string;
  kind: string;
  metadata: metaV1.ObjectMeta;
  target: ObjectReference;
}

export interface ComponentStatus {
  apiVersion: string;
  kind: string;
  metadata: metaV1.ObjectMeta;
  conditions?: ComponentCondition[];
}

export interface ComponentCondition {
  type: string;
  status: string;
  message?: string;
  error?: string;
}

export interface PodStatusResult {
  apiVersion: string;
  kind: string;
  metadata: metaV1.ObjectMeta;
  status?: PodStatus;
}

export interface TopologySelectorTerm {
  matchLabelExpressions?: TopologySelectorLabelRequirement[];
}

export interface TopologySelectorLabelRequirement {
  key: string;
  values: string[];
}

/** A machine that runs pods. */
export interface Node {
  apiVersion: string;
  kind: string;
  metadata: metaV1.ObjectMeta;
  spec: NodeSpec;
  status?: NodeStatus;
}

export interface NodeSpec {
  podCIDR?: string;
  podCIDRs?: string[];
  providerID?: string;
  /** Whether no new pods are placed here. */
  unschedulable?: boolean;
  /** What keeps pods away that do not tolerate it. */
  taints?: Taint[];
  configSource?: NodeConfigSource;
  externalID?: string;
}

export interface Taint {
  key: string;
  value?: string;
  effect: TaintEffect;
  timeAdded?: string;
}

export interface NodeConfigSource {
  configMap?: ConfigMapNodeConfigSource;
}

export interface ConfigMapNodeConfigSource {
  namespace: string;
  name: string;
  uid?: string;
  resourceVersion?: string;
  kubeletConfigKey: string;
}

export interface NodeStatus {
  /** Everything the node has. */
  capacity?: Record<string, string>;
  /** What pods can have of it. */
  allocatable?: Record<string, string>;
  phase?: NodePhase;
  /** Ready and the pressures. */
  conditions?: NodeCondition[];
  addresses?: NodeAddress[];
  daemonEndpoints?: NodeDaemonEndpoints;
  nodeInfo?: NodeSystemInfo;
  images?: ContainerImage[];
  volumesInUse?: string[];
  volumesAttached?: AttachedVolume[];
  config?: NodeConfigStatus;
  runtimeHandlers?: NodeRuntimeHandler[];
  features?: NodeFeatures;
}

export interface NodeCondition {
  type: string;
  status: string;
  lastHeartbeatTime?: string | null;
  lastTransitionTime?: string | null;
  reason?: string;
  message?: string;
}

export interface NodeAddress {
  type: string;
  address: string;
}

export interface NodeDaemonEndpoints {
  kubeletEndpoint?: DaemonEndpoint;
}

export interface DaemonEndpoint {
  Port: number;
}

export interface NodeSystemInfo {
  machineID: string;
  systemUUID: string;
  bootID: string;
  kernelVersion: string;
  osImage: string;
  containerRuntimeVersion: string;
  kubeletVersion: string;
  kubeProxyVersion: string;
  operatingSystem: string;
  architecture: string;
  swap?: NodeSwapStatus;
}

export interface NodeSwapStatus {
  capacity?: number;
}

export interface ContainerImage {
  names?: string[];
  sizeBytes?: number;
}

export interface AttachedVolume {
  name: string;
  devicePath: string;
}

export interface NodeConfigStatus {
  assigned?: NodeConfigSource;
  active?: NodeConfigSource;
  lastKnownGood?: NodeConfigSource;
  error?: string;
}

export interface NodeRuntimeHandler {
  name?: string;
  features?: NodeRuntimeHandlerFeatures;
}

export interface NodeRuntimeHandlerFeatures {
  recursiveReadOnlyMounts?: boolean;
  userNamespaces?: boolean;
}

export interface NodeFeatures {
  supplementalGroupsPolicy?: boolean;
}

/** One or more containers that run together on one node. */
export interface Pod {
  apiVersion: string;
  kind: string;
  /** Standard metadata. */
  metadata: metaV1.ObjectMeta;
  /** What should run. */
  spec: PodSpec;
  /** What was last seen running. */
  status?: PodStatus;
}

/** What was last seen of a pod. */
export interface PodStatus {
  observedGeneration?: number;
  /** Pending, Running, Succeeded, Failed or Unknown. */
  phase?: PodPhase;
  /** Aspects of the pod's state: PodScheduled, Initialized, ContainersReady, Ready. */
  conditions?: PodCondition[];
  /** Why the pod is in this state, for people. */
  message?: string;
  /** Why the pod is in this state, in one word. */
  reason?: string;
  nominatedNodeName?: string;
  /** IP of the node. */
  hostIP?: string;
  hostIPs?: HostIP[];
  /** IP of the pod. */
  podIP?: string;
  podIPs?: PodIP[];
  /** When the kubelet first saw the pod. */
  startTime?: string;
  /** State of each init container. */
  initContainerStatuses?: ContainerStatus[];
  /** State of each container. */
  containerStatuses?: ContainerStatus[];
  /** Guaranteed, Burstable or BestEffort. */
  qosClass?: PodQOSClass;
  ephemeralContainerStatuses?: ContainerStatus[];
  resize?: string;
  resourceClaimStatuses?: PodResourceClaimStatus[];
}

export interface PodCondition {
  type: string;
  observedGeneration?: number;
  status: string;
  lastProbeTime?: string | null;
  lastTransitionTime?: string | null;
  reason?: string;
  message?: string;
}

export interface HostIP {
  ip: string;
}

export interface PodIP {
  ip: string;
}

export interface ContainerStatus {
  name: string;
  /** Waiting, running or terminated. */
  state?: ContainerState;
  /** How the last run ended. */
  lastState?: ContainerState;
  /** Whether the readiness probe passes. */
  ready: boolean;
  /** How often it was restarted. */
  restartCount: number;
  image: string;
  imageID: string;
  containerID?: string;
  started?: boolean;
  allocatedResources?: Record<string, string>;
  resources?: ResourceRequirements;
  volumeMounts?: VolumeMountStatus[];
  user?: ContainerUser;
  allocatedResourcesStatus?: ResourceStatus[];
  stopSignal?: Signal;
}

export interface ContainerState {
  waiting?: ContainerStateWaiting;
  running?: ContainerStateRunning;
  terminated?: ContainerStateTerminated;
}

export interface ContainerStateWaiting {
  reason?: string;
  message?: string;
}

export interface ContainerStateRunning {
  startedAt?: string | null;
}

export interface ContainerStateTerminated {
  exitCode: number;
  signal?: number;
  reason?: string;
  message?: string;
  startedAt?: string | null;
  finishedAt?: string | null;
  containerID?: string;
}

export interface VolumeMountStatus {
  name: string;
  mountPath: string;
  readOnly?: boolean;
  recursiveReadOnly?: string;
}

export interface ContainerUser {
  linux?: LinuxContainerUser;
}

export interface LinuxContainerUser {
  uid: number;
  gid: number;
  supplementalGroups?: number[];
}

export interface ResourceStatus {
  name: string;
  resources?: ResourceHealth[];
}

export interface ResourceHealth {
  resourceID: string;
  health?: string;
}

export interface PodResourceClaimStatus {
  name: string;
  resourceClaimName?: string;
}

/** What a pod runs, and how. */
export interface PodSpec {
  /** Volumes that the containers can mount. */
  volumes?: Volume[];
  /** Containers that run to their end, one after the other, before the others start. */
  initContainers?: Container[];
  /** The containers of the pod; at least one. Cannot be added or removed later. */
  containers: Container[];
  /** Containers added to a running pod, for debugging. */
  ephemeralContainers?: EphemeralContainer[];
  /** Whether ended containers are started again: Always, OnFailure or Never. Default Always. */
  restartPolicy?: RestartPolicy;
  /** Seconds between the signal to end and the kill. Default 30. */
  terminationGracePeriodSeconds?: number;
  /** Seconds the pod may be active before it is failed. */
  activeDeadlineSeconds?: number;
  /** How names are resolved: ClusterFirst (default), ClusterFirstWithHostNet, Default or None. */
  dnsPolicy?: DNSPolicy;
  /** Labels a node must have for the pod to be scheduled on it. */
  nodeSelector?: Record<string, string>;
  /** Service account the pod runs as. */
  serviceAccountName?: string;
  serviceAccount?: string;
  /** Whether the service account's token is mounted. */
  automountServiceAccountToken?: boolean;
  /** Node the pod is on; set by the scheduler, or by hand to go around it. */
  nodeName?: string;
  /** Use the node's network. Default false. */
  hostNetwork?: boolean;
  /** Use the node's process ids. Default false. */
  hostPID?: boolean;
  /** Use the node's IPC namespace. Default false. */
  hostIPC?: boolean;
  /** Whether all containers see each other's processes. */
  shareProcessNamespace?: boolean;
  /** Security settings for the whole pod. */
  securityContext?: PodSecurityContext;
  /** Secrets with credentials for pulling images. */
  imagePullSecrets?: LocalObjectReference[];
  /** Host name of the pod; default is the pod's name. */
  hostname?: string;
  /** With it the pod is reachable as HOSTNAME.SUBDOMAIN.NAMESPACE.svc. */
  subdomain?: string;
  /** Rules about which nodes, and which pods beside it, the pod likes. */
  affinity?: Affinity;
  /** Scheduler that places the pod. */
  schedulerName?: string;
  /** Taints of nodes that the pod puts up with. */
  tolerations?: Toleration[];
  /** Lines for the pod's /etc/hosts. */
  hostAliases?: HostAlias[];
  /** Priority class of the pod. */
  priorityClassName?: string;
  /** Importance of the pod; higher may displace lower. */
  priority?: number;
  /** DNS settings beside those of dnsPolicy. */
  dnsConfig?: PodDNSConfig;
  /** Conditions that must hold, beside ready containers, for the pod to be ready. */
  readinessGates?: PodReadinessGate[];
  /** Runtime class that runs the pod. */
  runtimeClassName?: string;
  /** Whether services are put into environment variables. Default true. */
  enableServiceLinks?: boolean;
  /** Whether the pod displaces pods of lower priority. */
  preemptionPolicy?: PreemptionPolicy;
  overhead?: Record<string, string>;
  /** How matching pods are spread over zones or nodes. */
  topologySpreadConstraints?: TopologySpreadConstraint[];
  setHostnameAsFQDN?: boolean;
  /** Operating system of the pod's containers. */
  os?: PodOS;
  hostUsers?: boolean;
  /** The pod is not scheduled while the list has an entry. */
  schedulingGates?: PodSchedulingGate[];
  resourceClaims?: PodResourceClaim[];
  resources?: ResourceRequirements;
}

export interface LocalObjectReference {
  name?: string;
}

export interface ObjectFieldSelector {
  apiVersion?: string;
  fieldPath: string;
}

export interface ResourceFieldSelector {
  containerName?: string;
  resource: string;
  divisor?: string;
}

export interface TypedLocalObjectReference {
  apiGroup?: string;
  kind: string;
  name: string;
}

export interface TypedObjectReference {
  apiGroup?: string;
  kind: string;
  name: string;
  namespace?: string;
}

/** One container of a pod. */
export interface Container {
  /** Unique within the pod; a DNS label. */
  name: string;
  /** Image to run. */
  image?: string;
  /** Program and first arguments; default is the image's entry point. */
  command?: string[];
  /** Arguments; default is the image's command. */
  args?: string[];
  /** Directory the program starts in. */
  workingDir?: string;
  /** Ports the container listens on; information only. */
  ports?: ContainerPort[];
  /** ConfigMaps and Secrets whose keys all become environment variables. */
  envFrom?: EnvFromSource[];
  /** Environment variables. */
  env?: EnvVar[];
  /** Compute resources the container needs and may use. */
  resources?: ResourceRequirements;
  /** Whether a change of resources restarts the container. */
  resizePolicy?: ContainerResizePolicy[];
  /** Always makes an init container a sidecar that runs beside the others. */
  restartPolicy?: string;
  /** Volumes to mount into the container. */
  volumeMounts?: VolumeMount[];
  /** Block devices the container uses. */
  volumeDevices?: VolumeDevice[];
  /** When it fails, the container is restarted. */
  livenessProbe?: Probe;
  /** While it fails, the pod is taken out of services. */
  readinessProbe?: Probe;
  /** Until it succeeds, the other probes wait; when it fails, the container is restarted. */
  startupProbe?: Probe;
  /** Actions after start and before stop. */
  lifecycle?: Lifecycle;
  /** File whose contents become the termination message. */
  terminationMessagePath?: string;
  /** Where the termination message comes from: File, or the log as a fallback. */
  terminationMessagePolicy?: TerminationMessagePolicy;
  /** Always, IfNotPresent or Never. */
  imagePullPolicy?: PullPolicy;
  /** Security settings of this container; they win over the pod's. */
  securityContext?: SecurityContext;
  /** Keep standard input open. Default false. */
  stdin?: boolean;
  /** Close standard input after the first client detaches. */
  stdinOnce?: boolean;
  /** Give the container a terminal; needs stdin. */
  tty?: boolean;
}

export interface ContainerPort {
  /** Name that services and probes can use. */
  name?: string;
  /** Port on the node. */
  hostPort?: number;
  /** Port inside the container. */
  containerPort: number;
  /** TCP (default), UDP or SCTP. */
  protocol?: Protocol;
  hostIP?: string;
}

export interface EnvFromSource {
  /** Put before each name. */
  prefix?: string;
  /** The ConfigMap to take keys from. */
  configMapRef?: ConfigMapEnvSource;
  /** The Secret to take keys from. */
  secretRef?: SecretEnvSource;
}

export interface EnvVar {
  /** Name of the variable. */
  name: string;
  /** Its value; $(OTHER) is replaced by variables defined before. */
  value?: string;
  /** Where the value comes from. */
  valueFrom?: EnvVarSource;
}

export interface EnvVarSource {
  /** A field of the pod, such as metadata.name. */
  fieldRef?: ObjectFieldSelector;
  /** A resource request or limit of a container. */
  resourceFieldRef?: ResourceFieldSelector;
  /** A key of a ConfigMap. */
  configMapKeyRef?: ConfigMapKeySelector;
  /** A key of a Secret. */
  secretKeyRef?: SecretKeySelector;
}

export interface ConfigMapKeySelector extends LocalObjectReference {
  /** The key. */
  key: string;
  /** Whether the ConfigMap or the key may be missing. */
  optional?: boolean;
}

export interface SecretKeySelector extends LocalObjectReference {
  /** The key. */
  key: string;
  /** Whether the Secret or the key may be missing. */
  optional?: boolean;
}

export interface ResourceRequirements {
  /** The most that may be used. */
  limits?: Record<string, string>;
  /** What is set aside; default is limits. */
  requests?: Record<string, string>;
  claims?: ResourceClaim[];
}

export interface ResourceClaim {
  name: string;
  request?: string;
}

export interface ContainerResizePolicy {
  resourceName: string;
  restartPolicy: string;
}

export interface VolumeMount {
  /** Name of the volume. */
  name: string;
  /** Mount it read-only. Default false. */
  readOnly?: boolean;
  recursiveReadOnly?: string;
  /** Where in the container it appears. */
  mountPath: string;
  /** Path inside the volume to mount. */
  subPath?: string;
  mountPropagation?: MountPropagationMode;
  subPathExpr?: string;
}

export interface VolumeDevice {
  name: string;
  devicePath: string;
}

/** A check of a container's health. */
export interface Probe extends ProbeHandler {
  /** Seconds after the start before the first check. */
  initialDelaySeconds?: number;
  /** Seconds a check may take. Default 1. */
  timeoutSeconds?: number;
  /** Seconds between checks. Default 10. */
  periodSeconds?: number;
  /** Successes in a row that count as success. Default 1. */
  successThreshold?: number;
  /** Failures in a row that count as failure. Default 3. */
  failureThreshold?: number;
  /** Grace period when this probe ends the container. */
  terminationGracePeriodSeconds?: number;
}

export interface ProbeHandler {
  /** Runs a command in the container; exit code 0 is success. */
  exec?: ExecAction;
  /** Sends an HTTP GET; 200 to 399 is success. */
  httpGet?: HTTPGetAction;
  /** Opens a TCP connection. */
  tcpSocket?: TCPSocketAction;
  /** Asks the gRPC health service. */
  grpc?: GRPCAction;
}

export interface ExecAction {
  /** Program and arguments; no shell. */
  command?: string[];
}

export interface HTTPGetAction {
  /** Path to ask for. */
  path?: string;
  /** Number or name of the port. */
  port: number | string;
  /** Host to ask; default is the pod's IP. */
  host?: string;
  /** HTTP (default) or HTTPS. */
  scheme?: URIScheme;
  /** Headers to send. */
  httpHeaders?: HTTPHeader[];
}

export interface HTTPHeader {
  name: string;
  value: string;
}

export interface TCPSocketAction {
  /** Number or name of the port. */
  port: number | string;
  host?: string;
}

export interface GRPCAction {
  port: number;
  service?: string;
}

export interface Lifecycle {
  /** Done right after the container started. */
  postStart?: LifecycleHandler;
  /** Done before the container is told to end. */
  preStop?: LifecycleHandler;
  stopSignal?: Signal;
}

export interface LifecycleHandler {
  /** Runs a command in the container. */
  exec?: ExecAction;
  /** Sends an HTTP GET. */
  httpGet?: HTTPGetAction;
  tcpSocket?: TCPSocketAction;
  /** Waits. */
  sleep?: SleepAction;
}

export interface SleepAction {
  seconds: number;
}

export interface SecurityContext {
  /** Linux capabilities to add and drop. */
  capabilities?: Capabilities;
  /** Run with all rights of the node. Default false. */
  privileged?: boolean;
  seLinuxOptions?: SELinuxOptions;
  windowsOptions?: WindowsSecurityContextOptions;
  /** User id of the program. */
  runAsUser?: number;
  /** Group id of the program. */
  runAsGroup?: number;
  /** Refuse to run as root. */
  runAsNonRoot?: boolean;
  /** Make the root file system read-only. */
  readOnlyRootFilesystem?: boolean;
  /** Whether the program may gain more rights than its parent. */
  allowPrivilegeEscalation?: boolean;
  procMount?: ProcMountType;
  seccompProfile?: SeccompProfile;
  appArmorProfile?: AppArmorProfile;
}

export interface Capabilities {
  add?: string[];
  drop?: string[];
}

export interface SELinuxOptions {
  user?: string;
  role?: string;
  type?: string;
  level?: string;
}

export interface WindowsSecurityContextOptions {
  gmsaCredentialSpecName?: string;
  gmsaCredentialSpec?: string;
  runAsUserName?: string;
  hostProcess?: boolean;
}

export interface SeccompProfile {
  type: SeccompProfileType;
  localhostProfile?: string;
}

export interface AppArmorProfile {
  type: AppArmorProfileType;
  localhostProfile?: string;
}

export interface EphemeralContainer extends EphemeralContainerCommon {
  targetContainerName?: string;
}

export interface EphemeralContainerCommon {
  name: string;
  image?: string;
  command?: string[];
  args?: string[];
  workingDir?: string;
  ports?: ContainerPort[];
  envFrom?: EnvFromSource[];
  env?: EnvVar[];
  resources?: ResourceRequirements;
  resizePolicy?: ContainerResizePolicy[];
  restartPolicy?: string;
  volumeMounts?: VolumeMount[];
  volumeDevices?: VolumeDevice[];
  livenessProbe?: Probe;
  readinessProbe?: Probe;
  startupProbe?: Probe;
  lifecycle?: Lifecycle;
  terminationMessagePath?: string;
  terminationMessagePolicy?: TerminationMessagePolicy;
  imagePullPolicy?: PullPolicy;
  securityContext?: SecurityContext;
  stdin?: boolean;
  stdinOnce?: boolean;
  tty?: boolean;
}

export interface PodSecurityContext {
  seLinuxOptions?: SELinuxOptions;
  windowsOptions?: WindowsSecurityContextOptions;
  /** User id of all containers. */
  runAsUser?: number;
  /** Group id of all containers. */
  runAsGroup?: number;
  /** Refuse to run as root. */
  runAsNonRoot?: boolean;
  /** Further groups of the first process. */
  supplementalGroups?: number[];
  supplementalGroupsPolicy?: SupplementalGroupsPolicy;
  /** Group that owns the pod's volumes. */
  fsGroup?: number;
  /** Kernel settings of the pod. */
  sysctls?: Sysctl[];
  fsGroupChangePolicy?: PodFSGroupChangePolicy;
  seccompProfile?: SeccompProfile;
  appArmorProfile?: AppArmorProfile;
  seLinuxChangePolicy?: string;
}

export interface Sysctl {
  name: string;
  value: string;
}

export interface Affinity {
  /** Which nodes. */
  nodeAffinity?: NodeAffinity;
  /** Which pods to be near. */
  podAffinity?: PodAffinity;
  /** Which pods to be away from. */
  podAntiAffinity?: PodAntiAffinity;
}

export interface NodeAffinity {
  requiredDuringSchedulingIgnoredDuringExecution?: NodeSelector;
  preferredDuringSchedulingIgnoredDuringExecution?: PreferredSchedulingTerm[];
}

export interface NodeSelector {
  nodeSelectorTerms: NodeSelectorTerm[];
}

export interface NodeSelectorTerm {
  matchExpressions?: NodeSelectorRequirement[];
  matchFields?: NodeSelectorRequirement[];
}

export interface NodeSelectorRequirement {
  key: string;
  operator: NodeSelectorOperator;
  values?: string[];
}

export interface PreferredSchedulingTerm {
  weight: number;
  preference: NodeSelectorTerm;
}

export interface PodAffinity {
  requiredDuringSchedulingIgnoredDuringExecution?: PodAffinityTerm[];
  preferredDuringSchedulingIgnoredDuringExecution?: WeightedPodAffinityTerm[];
}

export interface PodAffinityTerm {
  labelSelector?: metaV1.LabelSelector;
  namespaces?: string[];
  topologyKey: string;
  namespaceSelector?: metaV1.LabelSelector;
  matchLabelKeys?: string[];
  mismatchLabelKeys?: string[];
}

export interface WeightedPodAffinityTerm {
  weight: number;
  podAffinityTerm: PodAffinityTerm;
}

export interface PodAntiAffinity {
  requiredDuringSchedulingIgnoredDuringExecution?: PodAffinityTerm[];
  preferredDuringSchedulingIgnoredDuringExecution?: WeightedPodAffinityTerm[];
}

export interface Toleration {
  /** Taint key; empty matches all keys. */
  key?: string;
  /** Equal (default) or Exists. */
  operator?: TolerationOperator;
  /** Taint value for Equal. */
  value?: string;
  /** NoSchedule, PreferNoSchedule or NoExecute; empty matches all. */
  effect?: TaintEffect;
  /** How long NoExecute is put up with; empty: forever. */
  tolerationSeconds?: number;
}

export interface HostAlias {
  ip: string;
  hostnames?: string[];
}

export interface PodDNSConfig {
  nameservers?: string[];
  searches?: string[];
  options?: PodDNSConfigOption[];
}

export interface PodDNSConfigOption {
  name?: string;
  value?: string;
}

export interface PodReadinessGate {
  conditionType: string;
}

export interface TopologySpreadConstraint {
  /** How uneven the spread may be. */
  maxSkew: number;
  /** Node label whose values are the places. */
  topologyKey: string;
  /** DoNotSchedule or ScheduleAnyway. */
  whenUnsatisfiable: UnsatisfiableConstraintAction;
  /** Which pods are counted. */
  labelSelector?: metaV1.LabelSelector;
  minDomains?: number;
  nodeAffinityPolicy?: NodeInclusionPolicy;
  nodeTaintsPolicy?: NodeInclusionPolicy;
  matchLabelKeys?: string[];
}

export interface PodOS {
  name: string;
}

export interface PodSchedulingGate {
  name: string;
}

export interface PodResourceClaim {
  name: string;
  resourceClaimName?: string;
  resourceClaimTemplateName?: string;
}

/** The pod that a controller creates. */
export interface PodTemplateSpec {
  /** Metadata of created pods. */
  metadata: metaV1.ObjectMeta;
  /** What created pods run. */
  spec: PodSpec;
}

export interface Volume extends VolumeSource {
  /** Name that mounts refer to. */
  name: string;
}

export interface VolumeSource {
  /** A file or directory of the node. */
  hostPath?: HostPathVolumeSource;
  /** An empty directory that lives as long as the pod. */
  emptyDir?: EmptyDirVolumeSource;
  gcePersistentDisk?: GCEPersistentDiskVolumeSource;
  awsElasticBlockStore?: AWSElasticBlockStoreVolumeSource;
  gitRepo?: GitRepoVolumeSource;
  /** The keys of a Secret as files. */
  secret?: SecretVolumeSource;
  /** An NFS export. */
  nfs?: NFSVolumeSource;
  iscsi?: ISCSIVolumeSource;
  glusterfs?: GlusterfsVolumeSource;
  /** A claimed persistent volume. */
  persistentVolumeClaim?: PersistentVolumeClaimVolumeSource;
  rbd?: RBDVolumeSource;
  flexVolume?: FlexVolumeSource;
  cinder?: CinderVolumeSource;
  cephfs?: CephFSVolumeSource;
  flocker?: FlockerVolumeSource;
  /** Fields of the pod as files. */
  downwardAPI?: DownwardAPIVolumeSource;
  fc?: FCVolumeSource;
  azureFile?: AzureFileVolumeSource;
  /** The keys of a ConfigMap as files. */
  configMap?: ConfigMapVolumeSource;
  vsphereVolume?: VsphereVirtualDiskVolumeSource;
  quobyte?: QuobyteVolumeSource;
  azureDisk?: AzureDiskVolumeSource;
  photonPersistentDisk?: PhotonPersistentDiskVolumeSource;
  /** Several sources in one directory. */
  projected?: ProjectedVolumeSource;
  portworxVolume?: PortworxVolumeSource;
  scaleIO?: ScaleIOVolumeSource;
  storageos?: StorageOSVolumeSource;
  /** Storage of a CSI driver. */
  csi?: CSIVolumeSource;
  /** A claim that is made for, and goes with, the pod. */
  ephemeral?: EphemeralVolumeSource;
  image?: ImageVolumeSource;
}

export interface HostPathVolumeSource {
  path: string;
  type?: HostPathType;
}

export interface EmptyDirVolumeSource {
  medium?: string;
  sizeLimit?: string;
}

export interface GCEPersistentDiskVolumeSource {
  pdName: string;
  fsType?: string;
  partition?: number;
  readOnly?: boolean;
}

export interface AWSElasticBlockStoreVolumeSource {
  volumeID: string;
  fsType?: string;
  partition?: number;
  readOnly?: boolean;
}

export interface GitRepoVolumeSource {
  repository: string;
  revision?: string;
  directory?: string;
}

export interface SecretVolumeSource {
  secretName?: string;
  items?: KeyToPath[];
  defaultMode?: number;
  optional?: boolean;
}

export interface KeyToPath {
  key: string;
  path: string;
  mode?: number;
}

export interface NFSVolumeSource {
  server: string;
  path: string;
  readOnly?: boolean;
}

export interface ISCSIVolumeSource {
  targetPortal: string;
  iqn: string;
  lun: number;
  iscsiInterface?: string;
  fsType?: string;
  readOnly?: boolean;
  portals?: string[];
  chapAuthDiscovery?: boolean;
  chapAuthSession?: boolean;
  secretRef?: LocalObjectReference;
  initiatorName?: string;
}

export interface GlusterfsVolumeSource {
  endpoints: string;
  path: string;
  readOnly?: boolean;
}

export interface PersistentVolumeClaimVolumeSource {
  claimName: string;
  readOnly?: boolean;
}

export interface RBDVolumeSource {
  monitors: string[];
  image: string;
  fsType?: string;
  pool?: string;
  user?: string;
  keyring?: string;
  secretRef?: LocalObjectReference;
  readOnly?: boolean;
}

export interface FlexVolumeSource {
  driver: string;
  fsType?: string;
  secretRef?: LocalObjectReference;
  readOnly?: boolean;
  options?: Record<string, string>;
}

export interface CinderVolumeSource {
  volumeID: string;
  fsType?: string;
  readOnly?: boolean;
  secretRef?: LocalObjectReference;
}

export interface CephFSVolumeSource {
  monitors: string[];
  path?: string;
  user?: string;
  secretFile?: string;
  secretRef?: LocalObjectReference;
  readOnly?: boolean;
}

export interface FlockerVolumeSource {
  datasetName?: string;
  datasetUUID?: string;
}

export interface DownwardAPIVolumeSource {
  items?: DownwardAPIVolumeFile[];
  defaultMode?: number;
}

export interface DownwardAPIVolumeFile {
  path: string;
  fieldRef?: ObjectFieldSelector;
  resourceFieldRef?: ResourceFieldSelector;
  mode?: number;
}

export interface FCVolumeSource {
  targetWWNs?: string[];
  lun?: number;
  fsType?: string;
  readOnly?: boolean;
  wwids?: string[];
}

export interface AzureFileVolumeSource {
  secretName: string;
  shareName: string;
  readOnly?: boolean;
}

export interface ConfigMapVolumeSource extends LocalObjectReference {
  items?: KeyToPath[];
  defaultMode?: number;
  optional?: boolean;
}

export interface VsphereVirtualDiskVolumeSource {
  volumePath: string;
  fsType?: string;
  storagePolicyName?: string;
  storagePolicyID?: string;
}

export interface QuobyteVolumeSource {
  registry: string;
  volume: string;
  readOnly?: boolean;
  user?: string;
  group?: string;
  tenant?: string;
}

export interface AzureDiskVolumeSource {
  diskName: string;
  diskURI: string;
  cachingMode?: AzureDataDiskCachingMode;
  fsType?: string;
  readOnly?: boolean;
  kind?: AzureDataDiskKind;
}

export interface PhotonPersistentDiskVolumeSource {
  pdID: string;
  fsType?: string;
}

export interface ProjectedVolumeSource {
  sources?: VolumeProjection[];
  defaultMode?: number;
}

export interface VolumeProjection {
  secret?: SecretProjection;
  downwardAPI?: DownwardAPIProjection;
  configMap?: ConfigMapProjection;
  serviceAccountToken?: ServiceAccountTokenProjection;
  clusterTrustBundle?: ClusterTrustBundleProjection;
}

export interface SecretProjection extends LocalObjectReference {
  items?: KeyToPath[];
  optional?: boolean;
}

export interface DownwardAPIProjection {
  items?: DownwardAPIVolumeFile[];
}

export interface ConfigMapProjection extends LocalObjectReference {
  items?: KeyToPath[];
  optional?: boolean;
}

export interface ServiceAccountTokenProjection {
  audience?: string;
  expirationSeconds?: number;
  path: string;
}

export interface ClusterTrustBundleProjection {
  name?: string;
  signerName?: string;
  labelSelector?: metaV1.LabelSelector;
  optional?: boolean;
  path: string;
}

export interface PortworxVolumeSource {
  volumeID: string;
  fsType?: string;
  readOnly?: boolean;
}

export interface ScaleIOVolumeSource {
  gateway: string;
  system: string;
  secretRef: LocalObjectReference;
  sslEnabled?: boolean;
  protectionDomain?: string;
  storagePool?: string;
  storageMode?: string;
  volumeName?: string;
  fsType?: string;
  readOnly?: boolean;
}

export interface StorageOSVolumeSource {
  volumeName?: string;
  volumeNamespace?: string;
  fsType?: string;
  readOnly?: boolean;
  secretRef?: LocalObjectReference;
}

export interface CSIVolumeSource {
  driver: string;
  readOnly?: boolean;
  fsType?: string;
  volumeAttributes?: Record<string, string>;
  nodePublishSecretRef?: LocalObjectReference;
}

export interface EphemeralVolumeSource {
  volumeClaimTemplate?: PersistentVolumeClaimTemplate;
}

export interface PersistentVolumeClaimTemplate {
  metadata: metaV1.ObjectMeta;
  spec: PersistentVolumeClaimSpec;
}

export interface PersistentVolumeClaimSpec {
  /** How it will be mounted: ReadWriteOnce, ReadOnlyMany, ReadWriteMany, ReadWriteOncePod. */
  accessModes?: PersistentVolumeAccessMode[];
  /** Which volumes are good enough. */
  selector?: metaV1.LabelSelector;
  /** How much is needed. */
  resources?: VolumeResourceRequirements;
  /** The volume it is bound to. */
  volumeName?: string;
  /** Storage class to take it from. */
  storageClassName?: string;
  /** Filesystem (default) or Block. */
  volumeMode?: PersistentVolumeMode;
  dataSource?: TypedLocalObjectReference;
  dataSourceRef?: TypedObjectReference;
  volumeAttributesClassName?: string;
}

export interface VolumeResourceRequirements {
  limits?: Record<string, string>;
  requests?: Record<string, string>;
}

export interface ImageVolumeSource {
  reference?: string;
  pullPolicy?: PullPolicy;
}

export interface ConfigMapEnvSource extends LocalObjectReference {
  optional?: boolean;
}

export interface SecretEnvSource extends LocalObjectReference {
  optional?: boolean;
}

export interface ObjectReference {
  kind?: string;
  namespace?: string;
  name?: string;
  uid?: string;
  apiVersion?: string;
  resourceVersion?: string;
  fieldPath?: string;
}

/** A piece of storage in the cluster. */
export interface PersistentVolume {
  apiVersion: string;
  kind: string;
  metadata: metaV1.ObjectMeta;
  spec: PersistentVolumeSpec;
  status?: PersistentVolumeStatus;
}

export interface PersistentVolumeSpec extends PersistentVolumeSource {
  /** How much it holds. */
  capacity?: Record<string, string>;
  /** How it can be mounted. */
  accessModes?: PersistentVolumeAccessMode[];
  /** The claim it is bound to. */
  claimRef?: ObjectReference;
  /** What happens when it is released: Retain, Delete or Recycle. */
  persistentVolumeReclaimPolicy?: PersistentVolumeReclaimPolicy;
  /** Storage class it belongs to. */
  storageClassName?: string;
  mountOptions?: string[];
  volumeMode?: PersistentVolumeMode;
  nodeAffinity?: VolumeNodeAffinity;
  volumeAttributesClassName?: string;
}

export interface PersistentVolumeSource {
  gcePersistentDisk?: GCEPersistentDiskVolumeSource;
  awsElasticBlockStore?: AWSElasticBlockStoreVolumeSource;
  hostPath?: HostPathVolumeSource;
  glusterfs?: GlusterfsPersistentVolumeSource;
  nfs?: NFSVolumeSource;
  rbd?: RBDPersistentVolumeSource;
  iscsi?: ISCSIPersistentVolumeSource;
  cinder?: CinderPersistentVolumeSource;
  cephfs?: CephFSPersistentVolumeSource;
  fc?: FCVolumeSource;
  flocker?: FlockerVolumeSource;
  flexVolume?: FlexPersistentVolumeSource;
  azureFile?: AzureFilePersistentVolumeSource;
  vsphereVolume?: VsphereVirtualDiskVolumeSource;
  quobyte?: QuobyteVolumeSource;
  azureDisk?: AzureDiskVolumeSource;
  photonPersistentDisk?: PhotonPersistentDiskVolumeSource;
  portworxVolume?: PortworxVolumeSource;
  scaleIO?: ScaleIOPersistentVolumeSource;
  local?: LocalVolumeSource;
  storageos?: StorageOSPersistentVolumeSource;
  csi?: CSIPersistentVolumeSource;
}

export interface GlusterfsPersistentVolumeSource {
  endpoints: string;
  path: string;
  readOnly?: boolean;
  endpointsNamespace?: string;
}

export interface RBDPersistentVolumeSource {
  monitors: string[];
  image: string;
  fsType?: string;
  pool?: string;
  user?: string;
  keyring?: string;
  secretRef?: SecretReference;
  readOnly?: boolean;
}

export interface SecretReference {
  name?: string;
  namespace?: string;
}

export interface ISCSIPersistentVolumeSource {
  targetPortal: string;
  iqn: string;
  lun: number;
  iscsiInterface?: string;
  fsType?: string;
  readOnly?: boolean;
  portals?: string[];
  chapAuthDiscovery?: boolean;
  chapAuthSession?: boolean;
  secretRef?: SecretReference;
  initiatorName?: string;
}

export interface CinderPersistentVolumeSource {
  volumeID: string;
  fsType?: string;
  readOnly?: boolean;
  secretRef?: SecretReference;
}

export interface CephFSPersistentVolumeSource {
  monitors: string[];
  path?: string;
  user?: string;
  secretFile?: string;
  secretRef?: SecretReference;
  readOnly?: boolean;
}

export interface FlexPersistentVolumeSource {
  driver: string;
  fsType?: string;
  secretRef?: SecretReference;
  readOnly?: boolean;
  options?: Record<string, string>;
}

export interface AzureFilePersistentVolumeSource {
  secretName: string;
  shareName: string;
  readOnly?: boolean;
  secretNamespace?: string;
}

export interface ScaleIOPersistentVolumeSource {
  gateway: string;
  system: string;
  secretRef: SecretReference;
  sslEnabled?: boolean;
  protectionDomain?: string;
  storagePool?: string;
  storageMode?: string;
  volumeName?: string;
  fsType?: string;
  readOnly?: boolean;
}

export interface LocalVolumeSource {
  path: string;
  fsType?: string;
}

export interface StorageOSPersistentVolumeSource {
  volumeName?: string;
  volumeNamespace?: string;
  fsType?: string;
  readOnly?: boolean;
  secretRef?: ObjectReference;
}

export interface CSIPersistentVolumeSource {
  driver: string;
  volumeHandle: string;
  readOnly?: boolean;
  fsType?: string;
  volumeAttributes?: Record<string, string>;
  controllerPublishSecretRef?: SecretReference;
  nodeStageSecretRef?: SecretReference;
  nodePublishSecretRef?: SecretReference;
  controllerExpandSecretRef?: SecretReference;
  nodeExpandSecretRef?: SecretReference;
}

export interface VolumeNodeAffinity {
  required?: NodeSelector;
}

export interface PersistentVolumeStatus {
  phase?: PersistentVolumePhase;
  message?: string;
  reason?: string;
  lastPhaseTransitionTime?: string;
}

/** Asks for storage. */
export interface PersistentVolumeClaim {
  apiVersion: string;
  kind: string;
  metadata: metaV1.ObjectMeta;
  spec: PersistentVolumeClaimSpec;
  status?: PersistentVolumeClaimStatus;
}

export interface PersistentVolumeClaimStatus {
  phase?: PersistentVolumeClaimPhase;
  accessModes?: PersistentVolumeAccessMode[];
  capacity?: Record<string, string>;
  conditions?: PersistentVolumeClaimCondition[];
  allocatedResources?: Record<string, string>;
  allocatedResourceStatuses?: Record<string, ClaimResourceStatus>;
  currentVolumeAttributesClassName?: string;
  modifyVolumeStatus?: ModifyVolumeStatus;
}

export interface PersistentVolumeClaimCondition {
  type: string;
  status: string;
  lastProbeTime?: string | null;
  lastTransitionTime?: string | null;
  reason?: string;
  message?: string;
}

export interface ModifyVolumeStatus {
  targetVolumeAttributesClassName?: string;
  status: PersistentVolumeClaimModifyVolumeStatus;
}

/** A stable address for a set of pods. */
export interface Service {
  apiVersion: string;
  kind: string;
  metadata: metaV1.ObjectMeta;
  spec: ServiceSpec;
  status?: ServiceStatus;
}

export interface ServiceSpec {
  /** Ports the service listens on. */
  ports?: ServicePort[];
  /** Labels of the pods behind the service; empty: endpoints are managed by hand. */
  selector?: Record<string, string>;
  /** Virtual IP; None makes a headless service. */
  clusterIP?: string;
  clusterIPs?: string[];
  /** ClusterIP (default), NodePort, LoadBalancer or ExternalName. */
  type?: ServiceType;
  /** Further IPs whose traffic is taken. */
  externalIPs?: string[];
  /** ClientIP sends a client to the same pod; default None. */
  sessionAffinity?: ServiceAffinity;
  loadBalancerIP?: string;
  loadBalancerSourceRanges?: string[];
  /** Name that DNS answers with, for ExternalName. */
  externalName?: string;
  /** Cluster (default) or Local, which keeps the client's address. */
  externalTrafficPolicy?: ServiceExternalTrafficPolicy;
  healthCheckNodePort?: number;
  /** Whether pods that are not ready count as well. */
  publishNotReadyAddresses?: boolean;
  sessionAffinityConfig?: SessionAffinityConfig;
  ipFamilies?: IPFamily[];
  /** SingleStack, PreferDualStack or RequireDualStack. */
  ipFamilyPolicy?: IPFamilyPolicy;
  allocateLoadBalancerNodePorts?: boolean;
  loadBalancerClass?: string;
  /** Cluster (default) or Local. */
  internalTrafficPolicy?: ServiceInternalTrafficPolicy;
  trafficDistribution?: string;
}

export interface ServicePort {
  /** Name of the port; needed when there are several. */
  name?: string;
  /** TCP (default), UDP or SCTP. */
  protocol?: Protocol;
  /** Application protocol, as a hint. */
  appProtocol?: string;
  /** Port of the service. */
  port: number;
  /** Number or name of the pods' port; default is port. */
  targetPort?: number | string;
  /** Port on every node, for NodePort and LoadBalancer. */
  nodePort?: number;
}

export interface SessionAffinityConfig {
  clientIP?: ClientIPConfig;
}

export interface ClientIPConfig {
  timeoutSeconds?: number;
}

export interface ServiceStatus {
  loadBalancer?: LoadBalancerStatus;
  conditions?: metaV1.Condition[];
}

export interface LoadBalancerStatus {
  ingress?: LoadBalancerIngress[];
}

export interface LoadBalancerIngress {
  ip?: string;
  hostname?: string;
  ipMode?: string;
  ports?: PortStatus[];
}

export interface PortStatus {
  port: number;
  protocol: Protocol;
  error?: string;
}

/** Addresses behind a service; EndpointSlices have taken its place. */
export interface Endpoints {
  apiVersion: string;
  kind: string;
  metadata: metaV1.ObjectMeta;
  subsets?: EndpointSubset[];
}

export interface EndpointSubset {
  addresses?: EndpointAddress[];
  notReadyAddresses?: EndpointAddress[];
  ports?: EndpointPort[];
}

export interface EndpointAddress {
  ip: string;
  hostname?: string;
  nodeName?: string;
  targetRef?: ObjectReference;
}

export interface EndpointPort {
  name?: string;
  port: number;
  protocol?: Protocol;
  appProtocol?: string;
}
