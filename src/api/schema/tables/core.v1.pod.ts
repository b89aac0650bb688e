import { table } from '../table.ts';

/** Messages of core/v1 (pod); field numbers and markers are those of k8s.io/api 1.33. */
export default table('core/v1', `
PodSpec
  1 volumes []Volume map(name) merge(name) retainKeys
  20 initContainers []Container map(name) merge(name)
  2 containers []Container ! map(name) merge(name)
  34 ephemeralContainers []EphemeralContainer map(name) merge(name)
  3 restartPolicy RestartPolicy
  4 terminationGracePeriodSeconds ?int64
  5 activeDeadlineSeconds ?int64
  6 dnsPolicy DNSPolicy
  7 nodeSelector {string} atomicMap
  8 serviceAccountName string
  9 serviceAccount string
  21 automountServiceAccountToken ?bool
  10 nodeName string
  11 hostNetwork bool
  12 hostPID bool
  13 hostIPC bool
  27 shareProcessNamespace ?bool
  14 securityContext ?PodSecurityContext
  15 imagePullSecrets []LocalObjectReference map(name) merge(name)
  16 hostname string
  17 subdomain string
  18 affinity ?Affinity
  19 schedulerName string
  22 tolerations []Toleration atomic
  23 hostAliases []HostAlias map(ip) merge(ip)
  24 priorityClassName string
  25 priority ?int32
  26 dnsConfig ?PodDNSConfig
  28 readinessGates []PodReadinessGate atomic
  29 runtimeClassName ?string
  30 enableServiceLinks ?bool
  31 preemptionPolicy ?PreemptionPolicy
  32 overhead {Quantity}
  33 topologySpreadConstraints []TopologySpreadConstraint map(topologyKey,whenUnsatisfiable) merge(topologyKey)
  35 setHostnameAsFQDN ?bool
  36 os ?PodOS
  37 hostUsers ?bool
  38 schedulingGates []PodSchedulingGate map(name) merge(name)
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

Container
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

ContainerPort
  1 name string
  2 hostPort int32
  3 containerPort int32 !
  4 protocol Protocol default="TCP"
  5 hostIP string

EnvFromSource
  1 prefix string
  2 configMapRef ?ConfigMapEnvSource
  3 secretRef ?SecretEnvSource

EnvVar
  1 name string !
  2 value string
  3 valueFrom ?EnvVarSource

EnvVarSource
  1 fieldRef ?ObjectFieldSelector
  2 resourceFieldRef ?ResourceFieldSelector
  3 configMapKeyRef ?ConfigMapKeySelector
  4 secretKeyRef ?SecretKeySelector

ConfigMapKeySelector atomic
  1 * LocalObjectReference
  2 key string !
  3 optional ?bool

SecretKeySelector atomic
  1 * LocalObjectReference
  2 key string !
  3 optional ?bool

ResourceRequirements
  1 limits {Quantity}
  2 requests {Quantity}
  3 claims []ResourceClaim map(name)

ResourceClaim
  1 name string !
  2 request string

ContainerResizePolicy
  1 resourceName string !
  2 restartPolicy string !

VolumeMount
  1 name string !
  2 readOnly bool
  7 recursiveReadOnly ?string
  3 mountPath string !
  4 subPath string
  5 mountPropagation ?MountPropagationMode
  6 subPathExpr string

VolumeDevice
  1 name string !
  2 devicePath string !

Probe
  1 * ProbeHandler
  2 initialDelaySeconds int32
  3 timeoutSeconds int32
  4 periodSeconds int32
  5 successThreshold int32
  6 failureThreshold int32
  7 terminationGracePeriodSeconds ?int64

ProbeHandler
  1 exec ?ExecAction
  2 httpGet ?HTTPGetAction
  3 tcpSocket ?TCPSocketAction
  4 grpc ?GRPCAction

ExecAction
  1 command []string atomic

HTTPGetAction
  1 path string
  2 port IntOrString !
  3 host string
  4 scheme URIScheme
  5 httpHeaders []HTTPHeader atomic

HTTPHeader
  1 name string !
  2 value string !

TCPSocketAction
  1 port IntOrString !
  2 host string

GRPCAction
  1 port int32 !
  2 service ?string

Lifecycle
  1 postStart ?LifecycleHandler
  2 preStop ?LifecycleHandler
  3 stopSignal ?string

LifecycleHandler
  1 exec ?ExecAction
  2 httpGet ?HTTPGetAction
  3 tcpSocket ?TCPSocketAction
  4 sleep ?SleepAction

SleepAction
  1 seconds int64 !

SecurityContext
  1 capabilities ?Capabilities
  2 privileged ?bool
  3 seLinuxOptions ?SELinuxOptions
  10 windowsOptions ?WindowsSecurityContextOptions
  4 runAsUser ?int64
  8 runAsGroup ?int64
  5 runAsNonRoot ?bool
  6 readOnlyRootFilesystem ?bool
  7 allowPrivilegeEscalation ?bool
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
  2 runAsUser ?int64
  6 runAsGroup ?int64
  3 runAsNonRoot ?bool
  4 supplementalGroups []int64 atomic
  12 supplementalGroupsPolicy ?SupplementalGroupsPolicy
  5 fsGroup ?int64
  7 sysctls []Sysctl atomic
  9 fsGroupChangePolicy ?PodFSGroupChangePolicy
  10 seccompProfile ?SeccompProfile
  11 appArmorProfile ?AppArmorProfile
  13 seLinuxChangePolicy ?string

Sysctl
  1 name string !
  2 value string !

Affinity
  1 nodeAffinity ?NodeAffinity
  2 podAffinity ?PodAffinity
  3 podAntiAffinity ?PodAntiAffinity

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
  1 key string
  2 operator TolerationOperator
  3 value string
  4 effect TaintEffect
  5 tolerationSeconds ?int64

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
  1 maxSkew int32 !
  2 topologyKey string !
  3 whenUnsatisfiable UnsatisfiableConstraintAction !
  4 labelSelector ?meta/v1.LabelSelector
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

PodTemplateSpec
  1 metadata meta/v1.ObjectMeta
  2 spec PodSpec
`);
