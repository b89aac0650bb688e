import { table } from '../table.ts';

/** Messages of extensions/v1beta1; field numbers and markers are those of k8s.io/api 1.33. */
export default table('extensions/v1beta1', `
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

ReplicaSet kind
  1 metadata meta/v1.ObjectMeta
  2 spec ReplicaSetSpec
  3 status ReplicaSetStatus

ReplicaSetSpec
  1 replicas ?int32
  4 minReadySeconds int32
  2 selector ?meta/v1.LabelSelector
  3 template core/v1.PodTemplateSpec

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

DaemonSet kind
  1 metadata meta/v1.ObjectMeta
  2 spec DaemonSetSpec
  3 status DaemonSetStatus

DaemonSetSpec
  1 selector ?meta/v1.LabelSelector
  2 template core/v1.PodTemplateSpec =
  3 updateStrategy DaemonSetUpdateStrategy
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

Ingress kind
  1 metadata meta/v1.ObjectMeta
  2 spec IngressSpec
  3 status IngressStatus

IngressSpec
  4 ingressClassName ?string
  1 backend ?IngressBackend
  2 tls []IngressTLS atomic
  3 rules []IngressRule atomic

IngressBackend
  1 serviceName string
  2 servicePort IntOrString
  3 resource ?core/v1.TypedLocalObjectReference

IngressTLS
  1 hosts []string atomic
  2 secretName string

IngressRule
  1 host string
  2 * IngressRuleValue

IngressRuleValue
  1 http ?HTTPIngressRuleValue

HTTPIngressRuleValue
  1 paths []HTTPIngressPath = atomic

HTTPIngressPath
  1 path string
  3 pathType ?string
  2 backend IngressBackend =

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

NetworkPolicy kind
  1 metadata meta/v1.ObjectMeta
  2 spec NetworkPolicySpec

NetworkPolicySpec
  1 podSelector meta/v1.LabelSelector =
  2 ingress []NetworkPolicyIngressRule atomic
  3 egress []NetworkPolicyEgressRule atomic
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

Scale kind
  1 metadata meta/v1.ObjectMeta
  2 spec ScaleSpec
  3 status ScaleStatus

ScaleSpec
  1 replicas int32

ScaleStatus
  1 replicas int32 =
  2 selector {string} atomicMap
  3 targetSelector string
`);
