import { table } from '../table.ts';

/** Messages of networking/v1; field numbers and markers are those of k8s.io/api 1.33. */
export default table('networking/v1', `
enum PathType Exact Prefix ImplementationSpecific
enum PolicyType Ingress Egress

Ingress kind # Routes HTTP from outside to services.
  1 metadata meta/v1.ObjectMeta
  2 spec IngressSpec
  3 status IngressStatus

IngressSpec
  4 ingressClassName ?string # Ingress class that serves this.
  1 defaultBackend ?IngressBackend # Where everything else goes.
  2 tls []IngressTLS atomic # Certificates.
  3 rules []IngressRule atomic # Hosts and paths, and where they go.

IngressBackend
  4 service ?IngressServiceBackend
  3 resource ?core/v1.TypedLocalObjectReference

IngressServiceBackend
  1 name string ! # The service.
  2 port ServiceBackendPort # Its port.

ServiceBackendPort atomic
  1 name string
  2 number int32

IngressTLS
  1 hosts []string atomic # Hosts of the certificate.
  2 secretName string # Secret with the certificate.

IngressRule
  1 host string # Host name; empty matches all, *.NAME one label.
  2 * IngressRuleValue

IngressRuleValue
  1 http ?HTTPIngressRuleValue

HTTPIngressRuleValue
  1 paths []HTTPIngressPath ! atomic

HTTPIngressPath
  1 path string # Path to match.
  3 pathType ?PathType ! # Exact, Prefix or ImplementationSpecific.
  2 backend IngressBackend ! # Where matching requests go.

IngressStatus
  1 loadBalancer IngressLoadBalancerStatus

IngressLoadBalancerStatus
  1 ingress []IngressLoadBalancerIngress atomic

IngressLoadBalancerIngress
  1 ip string
  2 hostname string
  4 ports []IngressPortStatus atomic

IngressPortStatus
  1 port int32 !
  2 protocol core/v1.Protocol !
  3 error ?string

IngressClass kind
  1 metadata meta/v1.ObjectMeta
  2 spec IngressClassSpec

IngressClassSpec
  1 controller string
  2 parameters ?IngressClassParametersReference

IngressClassParametersReference
  1 apiGroup ?string
  2 kind string !
  3 name string !
  4 scope ?string
  5 namespace ?string

NetworkPolicy kind # Which traffic pods may receive and send.
  1 metadata meta/v1.ObjectMeta
  2 spec NetworkPolicySpec

NetworkPolicySpec
  1 podSelector meta/v1.LabelSelector ! # Pods the policy is for.
  2 ingress []NetworkPolicyIngressRule atomic # What may come in.
  3 egress []NetworkPolicyEgressRule atomic # What may go out.
  4 policyTypes []PolicyType atomic

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
  1 cidr string !
  2 except []string atomic

NetworkPolicyEgressRule
  1 ports []NetworkPolicyPort atomic
  2 to []NetworkPolicyPeer atomic

IPAddress kind
  1 metadata meta/v1.ObjectMeta
  2 spec IPAddressSpec

IPAddressSpec
  1 parentRef ?ParentReference !~

ParentReference
  1 group string
  2 resource string !~
  3 namespace string
  4 name string !~

ServiceCIDR kind
  1 metadata meta/v1.ObjectMeta
  2 spec ServiceCIDRSpec
  3 status ServiceCIDRStatus

ServiceCIDRSpec
  1 cidrs []string atomic

ServiceCIDRStatus
  1 conditions []meta/v1.Condition map(type) merge(type)
`);
