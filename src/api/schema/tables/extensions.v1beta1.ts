import { table } from '../table.ts';

/** Messages of extensions/v1beta1; field numbers and markers are those of k8s.io/api 1.33. */
export default table('extensions/v1beta1', `
Deployment kind # Keeps a number of equal pods running and rolls out changes.
  1 metadata meta/v1.ObjectMeta
  2 spec DeploymentSpec # What should run.
  3 status DeploymentStatus # How far it is.

DeploymentSpec # What a deployment keeps running.
  1 replicas ?int32 # Number of pods. Default 1.
  2 selector ?meta/v1.LabelSelector # Which pods belong to it; must match the template's labels.
  3 template core/v1.PodTemplateSpec = # The pods to create.
  4 strategy DeploymentStrategy retainKeys # How old pods give way to new ones.
  5 minReadySeconds int32 # Seconds a pod must be ready to count as available. Default 0.
  6 revisionHistoryLimit ?int32 # Old ReplicaSets kept for rollback. Default 10.
  7 paused bool # Whether changes wait.
  8 rollbackTo ?RollbackConfig
  9 progressDeadlineSeconds ?int32 # Seconds without progress that count as failure. Default 600.

DeploymentStrategy # How old pods give way to new ones.
  1 type string # RollingUpdate (default) or Recreate.
  2 rollingUpdate ?RollingUpdateDeployment # Numbers for RollingUpdate.

RollingUpdateDeployment # Numbers of a rolling update.
  1 maxUnavailable ?IntOrString # Pods that may be missing, a number or a percentage. Default 25%.
  2 maxSurge ?IntOrString # Pods that may be too many, a number or a percentage. Default 25%.

RollbackConfig
  1 revision int64

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
  1 type string =
  2 status string =
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
  2 selector ?meta/v1.LabelSelector # Which pods belong to it.
  3 template core/v1.PodTemplateSpec # The pods to create.

ReplicaSetStatus
  1 replicas int32 =
  2 fullyLabeledReplicas int32
  4 readyReplicas int32
  5 availableReplicas int32
  7 terminatingReplicas ?int32
  3 observedGeneration int64
  6 conditions []ReplicaSetCondition map(type) merge(type)

ReplicaSetCondition
  1 type string =
  2 status string =
  3 lastTransitionTime Time
  4 reason string
  5 message string

DaemonSet kind # One pod on every matching node.
  1 metadata meta/v1.ObjectMeta
  2 spec DaemonSetSpec
  3 status DaemonSetStatus

DaemonSetSpec
  1 selector ?meta/v1.LabelSelector # Which pods belong to it.
  2 template core/v1.PodTemplateSpec = # The pod to create.
  3 updateStrategy DaemonSetUpdateStrategy # How changes are rolled out.
  4 minReadySeconds int32
  5 templateGeneration int64
  6 revisionHistoryLimit ?int32

DaemonSetUpdateStrategy
  1 type string
  2 rollingUpdate ?RollingUpdateDaemonSet

RollingUpdateDaemonSet
  1 maxUnavailable ?IntOrString
  2 maxSurge ?IntOrString

DaemonSetStatus
  1 currentNumberScheduled int32 =
  2 numberMisscheduled int32 =
  3 desiredNumberScheduled int32 =
  4 numberReady int32 =
  5 observedGeneration int64
  6 updatedNumberScheduled int32
  7 numberAvailable int32
  8 numberUnavailable int32
  9 collisionCount ?int32
  10 conditions []DaemonSetCondition map(type) merge(type)

DaemonSetCondition
  1 type string =
  2 status string =
  3 lastTransitionTime Time
  4 reason string
  5 message string

Ingress kind # Routes HTTP from outside to services.
  1 metadata meta/v1.ObjectMeta
  2 spec IngressSpec
  3 status IngressStatus

IngressSpec
  4 ingressClassName ?string # Ingress class that serves this.
  1 backend ?IngressBackend
  2 tls []IngressTLS atomic # Certificates.
  3 rules []IngressRule atomic # Hosts and paths, and where they go.

IngressBackend
  1 serviceName string
  2 servicePort IntOrString
  3 resource ?core/v1.TypedLocalObjectReference

IngressTLS
  1 hosts []string atomic # Hosts of the certificate.
  2 secretName string # Secret with the certificate.

IngressRule
  1 host string # Host name; empty matches all, *.NAME one label.
  2 * IngressRuleValue

IngressRuleValue
  1 http ?HTTPIngressRuleValue

HTTPIngressRuleValue
  1 paths []HTTPIngressPath = atomic

HTTPIngressPath
  1 path string # Path to match.
  3 pathType ?string # Exact, Prefix or ImplementationSpecific.
  2 backend IngressBackend = # Where matching requests go.

IngressStatus
  1 loadBalancer IngressLoadBalancerStatus

IngressLoadBalancerStatus
  1 ingress []IngressLoadBalancerIngress atomic

IngressLoadBalancerIngress
  1 ip string
  2 hostname string
  4 ports []IngressPortStatus atomic

IngressPortStatus
  1 port int32 =
  2 protocol core/v1.Protocol =
  3 error ?string

NetworkPolicy kind # Which traffic pods may receive and send.
  1 metadata meta/v1.ObjectMeta
  2 spec NetworkPolicySpec

NetworkPolicySpec
  1 podSelector meta/v1.LabelSelector = # Pods the policy is for.
  2 ingress []NetworkPolicyIngressRule atomic # What may come in.
  3 egress []NetworkPolicyEgressRule atomic # What may go out.
  4 policyTypes []string atomic

NetworkPolicyIngressRule
  1 ports []NetworkPolicyPort atomic
  2 from []NetworkPolicyPeer atomic

NetworkPolicyPort
  1 protocol ?core/v1.Protocol
  2 port ?IntOrString
  3 endPort ?int32

NetworkPolicyPeer
  1 podSelector ?meta/v1.LabelSelector
  2 namespaceSelector ?meta/v1.LabelSelector
  3 ipBlock ?IPBlock

IPBlock
  1 cidr string =
  2 except []string atomic

NetworkPolicyEgressRule
  1 ports []NetworkPolicyPort atomic
  2 to []NetworkPolicyPeer atomic

Scale kind # The number of replicas of an object.
  1 metadata meta/v1.ObjectMeta
  2 spec ScaleSpec
  3 status ScaleStatus

ScaleSpec
  1 replicas int32 # Number wanted.

ScaleStatus
  1 replicas int32 =
  2 selector {string} atomicMap
  3 targetSelector string
`);
