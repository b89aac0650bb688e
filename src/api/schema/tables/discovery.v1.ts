import { table } from '../table.ts';

/** Messages of discovery/v1; field numbers and markers are those of k8s.io/api 1.33. */
export default table('discovery/v1', `
enum AddressType IPv4 IPv6 FQDN

EndpointSlice kind # Some of the addresses behind a service.
  1 metadata meta/v1.ObjectMeta
  4 addressType AddressType !
  2 endpoints []Endpoint ! atomic
  3 ports []EndpointPort = atomic

Endpoint
  1 addresses []string ! set
  2 conditions EndpointConditions
  3 hostname ?string
  4 targetRef ?core/v1.ObjectReference
  5 deprecatedTopology {string}
  6 nodeName ?string
  7 zone ?string
  8 hints ?EndpointHints

EndpointConditions
  1 ready ?bool
  2 serving ?bool
  3 terminating ?bool

EndpointHints
  1 forZones []ForZone atomic
  2 forNodes []ForNode atomic

ForZone
  1 name string !

ForNode
  1 name string !

EndpointPort atomic
  1 name ?string
  2 protocol ?core/v1.Protocol
  3 port ?int32
  4 appProtocol ?string
`);
