import { table } from '../table.ts';

/** Messages of core/v1 (pod); field numbers and markers are those of k8s.io/api 1.33. */
export default table('core/v1', `
PodSpec # What a pod runs, and how.
  1 volumes []Volume map(name) merge(name) retainKeys # Volumes that the containers can mount.
  20 initContainers []Container map(name) merge(name) # Containers that run to their end, one after the other, before the others start.
  2 containers []Container ! map(name) merge(name) # The containers of the pod; at least one. Cannot be added or removed later.
  34 ephemeralContainers []EphemeralContainer map(name) merge(name) # Containers added to a running pod, for debugging.
  3 restartPolicy RestartPolicy # Whether ended containers are started again: Always, OnFailure or Never. Default Always.
  4 terminationGracePeriodSeconds ?int64 # Seconds between the signal to end and the kill. Default 30.
  5 activeDeadlineSeconds ?int64 # Seconds the pod may be active before it is failed.
  6 dnsPolicy DNSPolicy # How names are resolved: ClusterFirst (default), ClusterFirstWithHostNet, Default or None.
  7 nodeSelector {string} atomicMap # Labels a node must have for the pod to be scheduled on it.
  8 serviceAccountName string # Service account the pod runs as.
  9 serviceAccount string
  21 automountServiceAccountToken ?bool # Whether the service account's token is mounted.
  10 nodeName string # Node the pod is on; set by the scheduler, or by hand to go around it.
  11 hostNetwork bool # Use the node's network. Default false.
  12 hostPID bool # Use the node's process ids. Default false.
  13 hostIPC bool # Use the node's IPC namespace. Default false.
  27 shareProcessNamespace ?bool # Whether all containers see each other's processes.
  14 securityContext ?PodSecurityContext # Security settings for the whole pod.
  15 imagePullSecrets []LocalObjectReference map(name) merge(name) # Secrets with credentials for pulling images.
  16 hostname string # Host name of the pod; default is the pod's name.
  17 subdomain string # With it the pod is reachable as HOSTNAME.SUBDOMAIN.NAMESPACE.svc.
  18 affinity ?Affinity # Rules about which nodes, and which pods beside it, the pod likes.
  19 schedulerName string # Scheduler that places the pod.
  22 tolerations []Toleration atomic # Taints of nodes that the pod puts up with.
  23 hostAliases []HostAlias map(ip) merge(ip) # Lines for the pod's /etc/hosts.
  24 priorityClassName string # Priority class of the pod.
  25 priority ?int32 # Importance of the pod; higher may displace lower.
  26 dnsConfig ?PodDNSConfig # DNS settings beside those of dnsPolicy.
  28 readinessGates []PodReadinessGate atomic # Conditions that must hold, beside ready containers, for the pod to be ready.
  29 runtimeClassName ?string # Runtime class that runs the pod.
  30 enableServiceLinks ?bool # Whether services are put into environment variables. Default true.
  31 preemptionPolicy ?PreemptionPolicy # Whether the pod displaces pods of lower priority.
  32 overhead {Quantity}
  33 topologySpreadConstraints []TopologySpreadConstraint map(topologyKey,whenUnsatisfiable) merge(topologyKey) # How matching pods are spread over zones or nodes.
  35 setHostnameAsFQDN ?bool
  36 os ?PodOS # Operating system of the pod's containers.
  37 hostUsers ?bool
  38 schedulingGates []PodSchedulingGate map(name) merge(name) # The pod is not scheduled while the list has an entry.
  39 resourceClaims []PodResourceClaim map(name) merge(name) retainKeys
  40 resources ?ResourceRequirements

LocalObjectReference atomic
  1 name string

ObjectFieldSelector atomic
  1 apiVersion string
  2 fieldPath string !

ResourceFieldSelector atomic
  1 containerName string
  2 resource string !
  3 divisor Quantity

TypedLocalObjectReference atomic
  1 apiGroup ?string
  2 kind string !
  3 name string !

TypedObjectReference
  1 apiGroup ?string
  2 kind string !
  3 name string !
  4 namespace ?string

Container # One container of a pod.
  1 name string ! # Unique within the pod; a DNS label.
  2 image string # Image to run.
  3 command []string atomic # Program and first arguments; default is the image's entry point.
  4 args []string atomic # Arguments; default is the image's command.
  5 workingDir string # Directory the program starts in.
  6 ports []ContainerPort map(containerPort,protocol) merge(containerPort) # Ports the container listens on; information only.
  19 envFrom []EnvFromSource atomic # ConfigMaps and Secrets whose keys all become environment variables.
  7 env []EnvVar map(name) merge(name) # Environment variables.
  8 resources ResourceRequirements # Compute resources the container needs and may use.
  23 resizePolicy []ContainerResizePolicy atomic # Whether a change of resources restarts the container.
  24 restartPolicy ?string # Always makes an init container a sidecar that runs beside the others.
  9 volumeMounts []VolumeMount map(mountPath) merge(mountPath) # Volumes to mount into the container.
  21 volumeDevices []VolumeDevice map(devicePath) merge(devicePath) # Block devices the container uses.
  10 livenessProbe ?Probe # When it fails, the container is restarted.
  11 readinessProbe ?Probe # While it fails, the pod is taken out of services.
  22 startupProbe ?Probe # Until it succeeds, the other probes wait; when it fails, the container is restarted.
  12 lifecycle ?Lifecycle # Actions after start and before stop.
  13 terminationMessagePath string # File whose contents become the termination message.
  20 terminationMessagePolicy TerminationMessagePolicy # Where the termination message comes from: File, or the log as a fallback.
  14 imagePullPolicy PullPolicy # Always, IfNotPresent or Never.
  15 securityContext ?SecurityContext # Security settings of this container; they win over the pod's.
  16 stdin bool # Keep standard input open. Default false.
  17 stdinOnce bool # Close standard input after the first client detaches.
  18 tty bool # Give the container a terminal; needs stdin.

ContainerPort
  1 name string # Name that services and probes can use.
  2 hostPort int32 # Port on the node.
  3 containerPort int32 ! # Port inside the container.
  4 protocol Protocol default="TCP" # TCP (default), UDP or SCTP.
  5 hostIP string

EnvFromSource
  1 prefix string # Put before each name.
  2 configMapRef ?ConfigMapEnvSource # The ConfigMap to take keys from.
  3 secretRef ?SecretEnvSource # The Secret to take keys from.

EnvVar
  1 name string ! # Name of the variable.
  2 value string # Its value; $(OTHER) is replaced by variables defined before.
  3 valueFrom ?EnvVarSource # Where the value comes from.

EnvVarSource
  1 fieldRef ?ObjectFieldSelector # A field of the pod, such as metadata.name.
  2 resourceFieldRef ?ResourceFieldSelector # A resource request or limit of a container.
  3 configMapKeyRef ?ConfigMapKeySelector # A key of a ConfigMap.
  4 secretKeyRef ?SecretKeySelector # A key of a Secret.

ConfigMapKeySelector atomic
  1 * LocalObjectReference
  2 key string ! # The key.
  3 optional ?bool # Whether the ConfigMap or the key may be missing.

SecretKeySelector atomic
  1 * LocalObjectReference
  2 key string ! # The key.
  3 optional ?bool # Whether the Secret or the key may be missing.

ResourceRequirements
  1 limits {Quantity} # The most that may be used.
  2 requests {Quantity} # What is set aside; default is limits.
  3 claims []ResourceClaim map(name)

ResourceClaim
  1 name string !
  2 request string

ContainerResizePolicy
  1 resourceName string !
  2 restartPolicy string !

VolumeMount
  1 name string ! # Name of the volume.
  2 readOnly bool # Mount it read-only. Default false.
  7 recursiveReadOnly ?string
  3 mountPath string ! # Where in the container it appears.
  4 subPath string # Path inside the volume to mount.
  5 mountPropagation ?MountPropagationMode
  6 subPathExpr string

VolumeDevice
  1 name string !
  2 devicePath string !

Probe # A check of a container's health.
  1 * ProbeHandler
  2 initialDelaySeconds int32 # Seconds after the start before the first check.
  3 timeoutSeconds int32 # Seconds a check may take. Default 1.
  4 periodSeconds int32 # Seconds between checks. Default 10.
  5 successThreshold int32 # Successes in a row that count as success. Default 1.
  6 failureThreshold int32 # Failures in a row that count as failure. Default 3.
  7 terminationGracePeriodSeconds ?int64 # Grace period when this probe ends the container.

ProbeHandler
  1 exec ?ExecAction # Runs a command in the container; exit code 0 is success.
  2 httpGet ?HTTPGetAction # Sends an HTTP GET; 200 to 399 is success.
  3 tcpSocket ?TCPSocketAction # Opens a TCP connection.
  4 grpc ?GRPCAction # Asks the gRPC health service.

ExecAction
  1 command []string atomic # Program and arguments; no shell.

HTTPGetAction
  1 path string # Path to ask for.
  2 port IntOrString ! # Number or name of the port.
  3 host string # Host to ask; default is the pod's IP.
  4 scheme URIScheme # HTTP (default) or HTTPS.
  5 httpHeaders []HTTPHeader atomic # Headers to send.

HTTPHeader
  1 name string !
  2 value string !

TCPSocketAction
  1 port IntOrString ! # Number or name of the port.
  2 host string

GRPCAction
  1 port int32 !
  2 service ?string

Lifecycle
  1 postStart ?LifecycleHandler # Done right after the container started.
  2 preStop ?LifecycleHandler # Done before the container is told to end.
  3 stopSignal ?Signal

LifecycleHandler
  1 exec ?ExecAction # Runs a command in the container.
  2 httpGet ?HTTPGetAction # Sends an HTTP GET.
  3 tcpSocket ?TCPSocketAction
  4 sleep ?SleepAction # Waits.

SleepAction
  1 seconds int64 !

SecurityContext
  1 capabilities ?Capabilities # Linux capabilities to add and drop.
  2 privileged ?bool # Run with all rights of the node. Default false.
  3 seLinuxOptions ?SELinuxOptions
  10 windowsOptions ?WindowsSecurityContextOptions
  4 runAsUser ?int64 # User id of the program.
  8 runAsGroup ?int64 # Group id of the program.
  5 runAsNonRoot ?bool # Refuse to run as root.
  6 readOnlyRootFilesystem ?bool # Make the root file system read-only.
  7 allowPrivilegeEscalation ?bool # Whether the program may gain more rights than its parent.
  9 procMount ?ProcMountType
  11 seccompProfile ?SeccompProfile
  12 appArmorProfile ?AppArmorProfile

Capabilities
  1 add []string atomic
  2 drop []string atomic

SELinuxOptions
  1 user string
  2 role string
  3 type string
  4 level string

WindowsSecurityContextOptions
  1 gmsaCredentialSpecName ?string
  2 gmsaCredentialSpec ?string
  3 runAsUserName ?string
  4 hostProcess ?bool

SeccompProfile
  1 type SeccompProfileType !
  2 localhostProfile ?string

AppArmorProfile
  1 type AppArmorProfileType !
  2 localhostProfile ?string

EphemeralContainer
  1 * EphemeralContainerCommon
  2 targetContainerName string

EphemeralContainerCommon
  1 name string !
  2 image string
  3 command []string atomic
  4 args []string atomic
  5 workingDir string
  6 ports []ContainerPort map(containerPort,protocol) merge(containerPort)
  19 envFrom []EnvFromSource atomic
  7 env []EnvVar map(name) merge(name)
  8 resources ResourceRequirements
  23 resizePolicy []ContainerResizePolicy atomic
  24 restartPolicy ?string
  9 volumeMounts []VolumeMount map(mountPath) merge(mountPath)
  21 volumeDevices []VolumeDevice map(devicePath) merge(devicePath)
  10 livenessProbe ?Probe
  11 readinessProbe ?Probe
  22 startupProbe ?Probe
  12 lifecycle ?Lifecycle
  13 terminationMessagePath string
  20 terminationMessagePolicy TerminationMessagePolicy
  14 imagePullPolicy PullPolicy
  15 securityContext ?SecurityContext
  16 stdin bool
  17 stdinOnce bool
  18 tty bool

PodSecurityContext
  1 seLinuxOptions ?SELinuxOptions
  8 windowsOptions ?WindowsSecurityContextOptions
  2 runAsUser ?int64 # User id of all containers.
  6 runAsGroup ?int64 # Group id of all containers.
  3 runAsNonRoot ?bool # Refuse to run as root.
  4 supplementalGroups []int64 atomic # Further groups of the first process.
  12 supplementalGroupsPolicy ?SupplementalGroupsPolicy
  5 fsGroup ?int64 # Group that owns the pod's volumes.
  7 sysctls []Sysctl atomic # Kernel settings of the pod.
  9 fsGroupChangePolicy ?PodFSGroupChangePolicy
  10 seccompProfile ?SeccompProfile
  11 appArmorProfile ?AppArmorProfile
  13 seLinuxChangePolicy ?string

Sysctl
  1 name string !
  2 value string !

Affinity
  1 nodeAffinity ?NodeAffinity # Which nodes.
  2 podAffinity ?PodAffinity # Which pods to be near.
  3 podAntiAffinity ?PodAntiAffinity # Which pods to be away from.

NodeAffinity
  1 requiredDuringSchedulingIgnoredDuringExecution ?NodeSelector
  2 preferredDuringSchedulingIgnoredDuringExecution []PreferredSchedulingTerm atomic

NodeSelector atomic
  1 nodeSelectorTerms []NodeSelectorTerm ! atomic

NodeSelectorTerm atomic
  1 matchExpressions []NodeSelectorRequirement atomic
  2 matchFields []NodeSelectorRequirement atomic

NodeSelectorRequirement
  1 key string !
  2 operator NodeSelectorOperator !
  3 values []string atomic

PreferredSchedulingTerm
  1 weight int32 !
  2 preference NodeSelectorTerm !

PodAffinity
  1 requiredDuringSchedulingIgnoredDuringExecution []PodAffinityTerm atomic
  2 preferredDuringSchedulingIgnoredDuringExecution []WeightedPodAffinityTerm atomic

PodAffinityTerm
  1 labelSelector ?meta/v1.LabelSelector
  2 namespaces []string atomic
  3 topologyKey string !
  4 namespaceSelector ?meta/v1.LabelSelector
  5 matchLabelKeys []string atomic
  6 mismatchLabelKeys []string atomic

WeightedPodAffinityTerm
  1 weight int32 !
  2 podAffinityTerm PodAffinityTerm !

PodAntiAffinity
  1 requiredDuringSchedulingIgnoredDuringExecution []PodAffinityTerm atomic
  2 preferredDuringSchedulingIgnoredDuringExecution []WeightedPodAffinityTerm atomic

Toleration
  1 key string # Taint key; empty matches all keys.
  2 operator TolerationOperator # Equal (default) or Exists.
  3 value string # Taint value for Equal.
  4 effect TaintEffect # NoSchedule, PreferNoSchedule or NoExecute; empty matches all.
  5 tolerationSeconds ?int64 # How long NoExecute is put up with; empty: forever.

HostAlias
  1 ip string !
  2 hostnames []string atomic

PodDNSConfig
  1 nameservers []string atomic
  2 searches []string atomic
  3 options []PodDNSConfigOption atomic

PodDNSConfigOption
  1 name string
  2 value ?string

PodReadinessGate
  1 conditionType string !

TopologySpreadConstraint
  1 maxSkew int32 ! # How uneven the spread may be.
  2 topologyKey string ! # Node label whose values are the places.
  3 whenUnsatisfiable UnsatisfiableConstraintAction ! # DoNotSchedule or ScheduleAnyway.
  4 labelSelector ?meta/v1.LabelSelector # Which pods are counted.
  5 minDomains ?int32
  6 nodeAffinityPolicy ?NodeInclusionPolicy
  7 nodeTaintsPolicy ?NodeInclusionPolicy
  8 matchLabelKeys []string atomic

PodOS
  1 name string !

PodSchedulingGate
  1 name string !

PodResourceClaim
  1 name string !
  3 resourceClaimName ?string
  4 resourceClaimTemplateName ?string

PodTemplateSpec # The pod that a controller creates.
  1 metadata meta/v1.ObjectMeta # Metadata of created pods.
  2 spec PodSpec # What created pods run.
`);
