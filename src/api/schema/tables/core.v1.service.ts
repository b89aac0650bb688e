import { table } from '../table.ts';

/** Messages of core/v1 (service); field numbers and markers are those of k8s.io/api 1.33. */
export default table('core/v1', `
Service kind
  1 metadata meta/v1.ObjectMeta
  2 spec ServiceSpec
  3 status ServiceStatus

ServiceSpec
  1 ports []ServicePort map(port,protocol) merge(port)
  2 selector {string} atomicMap
  3 clusterIP string
  18 clusterIPs []string atomic
  4 type ServiceType
  5 externalIPs []string atomic
  7 sessionAffinity ServiceAffinity
  8 loadBalancerIP string
  9 loadBalancerSourceRanges []string atomic
  10 externalName string
  11 externalTrafficPolicy ServiceExternalTrafficPolicy
  12 healthCheckNodePort int32
  13 publishNotReadyAddresses bool
  14 sessionAffinityConfig ?SessionAffinityConfig
  19 ipFamilies []IPFamily atomic
  17 ipFamilyPolicy ?IPFamilyPolicy
  20 allocateLoadBalancerNodePorts ?bool
  21 loadBalancerClass ?string
  22 internalTrafficPolicy ?ServiceInternalTrafficPolicy
  23 trafficDistribution ?string

ServicePort
  1 name string
  2 protocol Protocol default="TCP"
  6 appProtocol ?string
  3 port int32 !
  4 targetPort IntOrString
  5 nodePort int32

SessionAffinityConfig
  1 clientIP ?ClientIPConfig

ClientIPConfig
  1 timeoutSeconds ?int32

ServiceStatus
  1 loadBalancer LoadBalancerStatus
  2 conditions []meta/v1.Condition map(type) merge(type)

LoadBalancerStatus
  1 ingress []LoadBalancerIngress atomic

LoadBalancerIngress
  1 ip string
  2 hostname string
  3 ipMode ?string
  4 ports []PortStatus atomic

PortStatus
  1 port int32 !
  2 protocol Protocol !
  3 error ?string

Endpoints kind
  1 metadata meta/v1.ObjectMeta
  2 subsets []EndpointSubset atomic

EndpointSubset
  1 addresses []EndpointAddress atomic
  2 notReadyAddresses []EndpointAddress atomic
  3 ports []EndpointPort atomic

EndpointAddress atomic
  1 ip string !
  3 hostname string
  4 nodeName ?string
  2 targetRef ?ObjectReference

EndpointPort atomic
  1 name string
  2 port int32 !
  3 protocol Protocol
  4 appProtocol ?string
`);
