import { table } from '../table.ts';

/** Messages of networking/v1beta1; field numbers and markers are those of k8s.io/api 1.33. */
export default table('networking/v1beta1', `
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

IngressClass kind
  1 metadata meta/v1.ObjectMeta
  2 spec IngressClassSpec

IngressClassSpec
  1 controller string
  2 parameters ?IngressClassParametersReference

IngressClassParametersReference
  1 apiGroup ?string
  2 kind string =
  3 name string =
  4 scope ?string
  5 namespace ?string
`);
