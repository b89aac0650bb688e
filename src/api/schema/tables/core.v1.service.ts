import { table } from '../table.ts';

/** Messages of core/v1 (service); field numbers and markers are those of k8s.io/api 1.33. */
export default table('core/v1', `
Service kind # A stable address for a set of pods.
  1 metadata meta/v1.ObjectMeta
  2 spec ServiceSpec
  3 status ServiceStatus

ServiceSpec
  1 ports []ServicePort map(port,protocol) merge(port) # Ports the service listens on.
  2 selector {string} atomicMap # Labels of the pods behind the service; empty: endpoints are managed by hand.
  3 clusterIP string # Virtual IP; None makes a headless service.
  18 clusterIPs []string atomic
  4 type ServiceType # ClusterIP (default), NodePort, LoadBalancer or ExternalName.
  5 externalIPs []string atomic # Further IPs whose traffic is taken.
  7 sessionAffinity ServiceAffinity # ClientIP sends a client to the same pod; default None.
  8 loadBalancerIP string
  9 loadBalancerSourceRanges []string atomic
  10 externalName string # Name that DNS answers with, for ExternalName.
  11 externalTrafficPolicy ServiceExternalTrafficPolicy # Cluster (default) or Local, which keeps the client's address.
  12 healthCheckNodePort int32
  13 publishNotReadyAddresses bool # Whether pods that are not ready count as well.
  14 sessionAffinityConfig ?SessionAffinityConfig
  19 ipFamilies []IPFamily atomic
  17 ipFamilyPolicy ?IPFamilyPolicy # SingleStack, PreferDualStack or RequireDualStack.
  20 allocateLoadBalancerNodePorts ?bool
  21 loadBalancerClass ?string
  22 internalTrafficPolicy ?ServiceInternalTrafficPolicy # Cluster (default) or Local.
  23 trafficDistribution ?string

ServicePort
  1 name string # Name of the port; needed when there are several.
  2 protocol Protocol default="TCP" # TCP (default), UDP or SCTP.
  6 appProtocol ?string # Application protocol, as a hint.
  3 port int32 ! # Port of the service.
  4 targetPort IntOrString # Number or name of the pods' port; default is port.
  5 nodePort int32 # Port on every node, for NodePort and LoadBalancer.

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

Endpoints kind # Addresses behind a service; EndpointSlices have taken its place.
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
