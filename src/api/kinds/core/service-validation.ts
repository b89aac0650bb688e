import type { FieldError } from '../../errors.ts';
import type { Service, ServicePort } from '../../types/core.v1.ts';
import { duplicate, each, forbidden, invalid, invalidEach, oneOf, required } from '../../validation/field.ts';
import { dns1123Label, dns1123Subdomain, portNumber, qualifiedName } from '../../validation/formats.ts';
import { validateLabels } from '../../validation/metadata.ts';
import { cidr, endpointAddress, ipAddress, ipFamily, portNumberOrName } from '../../validation/values.ts';
import { isHeadless, reachableFromOutside } from './service-strategy.ts';

/** ValidateService of pkg/apis/core/validation/validation.go. healthCheckNodePort may be absent: the server allocates it after. */
export function validateService(service: Service): FieldError[] {
  return [
    ...validateType(service),
    ...validatePorts(service),
    ...validateLabels(service.spec.selector, 'spec.selector'),
    ...validateAffinity(service),
    ...validateClusterIPs(service),
    ...each(service.spec.externalIPs, 'spec.externalIPs', (ip, at) => {
      const bad = ipAddress(ip, at);
      return bad.length > 0 ? bad : endpointAddress(ip, at);
    }),
    ...validateLoadBalancer(service),
    ...validateTraffic(service),
  ];
}

const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];

function validateType(service: Service): FieldError[] {
  const { spec } = service;
  const { type = '' } = spec;
  const errors: FieldError[] = [];
  if ((spec.ports ?? []).length === 0 && !isHeadless(service) && type !== 'ExternalName') errors.push(required('spec.ports'));
  if ((type === 'LoadBalancer' || type === 'NodePort') && isHeadless(service)) errors.push(invalid('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${type} services`));
  if (type === 'ExternalName') {
    const why = 'may not be set for ExternalName services';
    if ((spec.clusterIPs ?? []).length > 0) errors.push(forbidden('spec.clusterIPs', why));
    if ((spec.ipFamilies ?? []).length > 0) errors.push(forbidden('spec.ipFamilies', why));
    if (spec.ipFamilyPolicy !== undefined) errors.push(forbidden('spec.ipFamilyPolicy', why));
    const name = (spec.externalName ?? '').replace(/\.$/, '');
    errors.push(...(name === '' ? [required('spec.externalName')] : invalidEach('spec.externalName', name, dns1123Subdomain(name))));
  }
  return [...errors, ...(type === '' ? [required('spec.type')] : oneOf('spec.type', type, TYPES))];
}

function validatePorts(service: Service): FieldError[] {
  const { ports = [], type } = service.spec;
  const names = new Set<string>();
  const numbers = new Set<string>();
  const nodePorts = new Set<string>();
  const once = (taken: Set<string>, key: string, complaint: FieldError): FieldError[] => {
    if (taken.has(key)) return [complaint];
    taken.add(key);
    return [];
  };
  return [
    ...each(ports, 'spec.ports', (port, at) => [...validatePort(port, ports.length > 1, at), ...(port.name ? once(names, port.name, duplicate(`${at}.name`, port.name)) : [])]),
    ...each(ports, 'spec.ports', (port, at) => (type === 'ClusterIP' && port.nodePort ? [forbidden(`${at}.nodePort`, "may not be used when `type` is 'ClusterIP'")] : [])),
    ...each(ports, 'spec.ports', (port, at) => (port.nodePort ? once(nodePorts, `${port.protocol}/${port.nodePort}`, duplicate(`${at}.nodePort`, port.nodePort)) : [])),
    ...each(ports, 'spec.ports', (port, at) => once(numbers, `${port.protocol}/${port.port}`, duplicate(at, { protocol: port.protocol, port: port.port }))),
  ];
}

function validatePort(port: ServicePort, nameNeeded: boolean, at: string): FieldError[] {
  return [
    ...(port.name ? invalidEach(`${at}.name`, port.name, dns1123Label(port.name)) : nameNeeded ? [required(`${at}.name`)] : []),
    ...invalidEach(`${at}.port`, port.port ?? 0, portNumber(port.port ?? 0)),
    ...(port.protocol ? oneOf(`${at}.protocol`, port.protocol, ['SCTP', 'TCP', 'UDP']) : [required(`${at}.protocol`)]),
    ...portNumberOrName(port.targetPort, `${at}.targetPort`),
    ...(port.appProtocol === undefined ? [] : invalidEach(`${at}.appProtocol`, port.appProtocol, qualifiedName(port.appProtocol))),
  ];
}

function validateAffinity({ spec }: Service): FieldError[] {
  if (!spec.sessionAffinity) return [required('spec.sessionAffinity')];
  const errors = oneOf('spec.sessionAffinity', spec.sessionAffinity, ['ClientIP', 'None']);
  const seconds = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds;
  if (spec.sessionAffinity === 'None' && spec.sessionAffinityConfig) errors.push(forbidden('spec.sessionAffinityConfig', 'must not be set when session affinity is None'));
  if (spec.sessionAffinity === 'ClientIP' && (seconds === undefined || seconds <= 0 || seconds > 86_400)) {
    errors.push(invalid('spec.sessionAffinityConfig.clientIP.timeoutSeconds', seconds, 'must be greater than 0 and less than 86400'));
  }
  return errors;
}

function validateClusterIPs({ spec }: Service): FieldError[] {
  if (spec.type === 'ExternalName') return [];
  const { clusterIP = '', clusterIPs = [], ipFamilies = [], ipFamilyPolicy } = spec;
  const at = 'spec.clusterIPs';
  const errors: FieldError[] = [];
  if (clusterIP !== '' && clusterIPs.length === 0) errors.push(required(at));
  else if (clusterIP !== '' && clusterIPs[0] !== clusterIP) errors.push(invalid(at, clusterIPs, 'first value must match `clusterIP`'));
  else if (clusterIP === '' && clusterIPs.length > 0) errors.push(invalid(at, clusterIPs, 'must be empty when `clusterIP` is not specified'));
  errors.push(...each(ipFamilies, 'spec.ipFamilies', (family, path, i) => [...oneOf(path, family, ['IPv4', 'IPv6']), ...(ipFamilies.indexOf(family) < i ? [duplicate(path, family)] : [])]));
  if (ipFamilyPolicy !== undefined) errors.push(...oneOf('spec.ipFamilyPolicy', ipFamilyPolicy, ['PreferDualStack', 'RequireDualStack', 'SingleStack']));
  const bad = each(clusterIPs, at, (ip, path, i) => {
    if (i > 0 || ip !== 'None') return ipAddress(ip, path);
    return clusterIPs.length > 1 ? [invalid(at, clusterIPs, "'None' must be the first and only value")] : [];
  });
  errors.push(...bad, ...(clusterIPs.length > 2 ? [invalid(at, clusterIPs, 'may only hold up to 2 values')] : []));
  if (bad.length > 0 || clusterIPs[0] === 'None') return errors;
  if (clusterIPs.length > 1 && new Set(clusterIPs.map(ipFamily)).size < clusterIPs.length) errors.push(invalid(at, clusterIPs, 'may specify no more than one IP for each IP family'));
  for (const [i, ip] of clusterIPs.entries()) {
    const family = ipFamilies[i];
    if (family && family !== `IPv${ipFamily(ip)}`) errors.push(invalid(`${at}[${i}]`, ip, `expected an ${family} value as indicated by \`ipFamilies[${i}]\``));
  }
  return errors;
}

function validateLoadBalancer({ spec }: Service): FieldError[] {
  const errors: FieldError[] = [];
  const only = "may only be used when `type` is 'LoadBalancer'";
  const balanced = spec.type === 'LoadBalancer';
  if ((spec.loadBalancerSourceRanges ?? []).length > 0) {
    if (!balanced) errors.push(forbidden('spec.LoadBalancerSourceRanges', only));
    errors.push(...each(spec.loadBalancerSourceRanges, 'spec.LoadBalancerSourceRanges', (range, at) => cidr(range.trim(), at)));
  }
  if (spec.allocateLoadBalancerNodePorts !== undefined && !balanced) errors.push(forbidden('spec.allocateLoadBalancerNodePorts', only));
  if (spec.loadBalancerClass !== undefined) {
    errors.push(...(balanced ? invalidEach('spec.loadBalancerClass', spec.loadBalancerClass, qualifiedName(spec.loadBalancerClass)) : [forbidden('spec.loadBalancerClass', only)]));
  }
  return errors;
}

function validateTraffic(service: Service): FieldError[] {
  const { spec } = service;
  const errors: FieldError[] = [];
  const { externalTrafficPolicy: external = '', internalTrafficPolicy: internal, healthCheckNodePort: port = 0 } = spec;
  if (!reachableFromOutside(service)) {
    if (external) errors.push(invalid('spec.externalTrafficPolicy', external, 'may only be set for externally-accessible services'));
  } else errors.push(...(external ? oneOf('spec.externalTrafficPolicy', external, ['Cluster', 'Local']) : [required('spec.externalTrafficPolicy')]));
  if (port !== 0) {
    const checked = spec.type === 'LoadBalancer' && external === 'Local';
    errors.push(...(checked ? invalidEach('spec.healthCheckNodePort', port, portNumber(port)) : [invalid('spec.healthCheckNodePort', port, "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'")]));
  }
  if (internal !== undefined) errors.push(...oneOf('spec.internalTrafficPolicy', internal, ['Cluster', 'Local']));
  else if (spec.type !== 'ExternalName') errors.push(required('spec.internalTrafficPolicy'));
  if (spec.trafficDistribution !== undefined) errors.push(...oneOf('spec.trafficDistribution', spec.trafficDistribution, ['PreferClose']));
  return errors;
}

/** A cluster IP stays while the service has one, and so do the class and the health check's port. */
export function validateServiceUpdate(next: Service, old: Service): FieldError[] {
  const errors: FieldError[] = [];
  const [ips, before] = [next.spec.clusterIPs ?? [], old.spec.clusterIPs ?? []];
  const kept = next.spec.type !== 'ExternalName' && old.spec.type !== 'ExternalName' && !(isHeadless(next) && isHeadless(old));
  if (kept && before.length > 0) {
    if (ips.length === 0) errors.push(invalid('spec.clusterIPs[0]', ips, 'primary clusterIP can not be unset'));
    else if (ips.length === before.length) errors.push(...each(before, 'spec.clusterIPs', (ip, at, i) => (ip === ips[i] ? [] : [invalid(at, ips, 'may not change once set')])));
    else if (ips[0] !== before[0]) errors.push(invalid('spec.clusterIPs[0]', ips, 'may not change once set'));
  }
  const balanced = next.spec.type === 'LoadBalancer' && old.spec.type === 'LoadBalancer';
  if (balanced && next.spec.loadBalancerClass !== old.spec.loadBalancerClass) errors.push(invalid('spec.loadBalancerClass', next.spec.loadBalancerClass, 'may not change once set'));
  if (balanced && next.spec.externalTrafficPolicy === 'Local' && old.spec.externalTrafficPolicy === 'Local' && (next.spec.healthCheckNodePort ?? 0) !== (old.spec.healthCheckNodePort ?? 0)) {
    errors.push(forbidden('spec.healthCheckNodePort', 'field is immutable'));
  }
  return errors;
}

/** The addresses a load balancer reports. */
export function validateServiceStatus(next: Service): FieldError[] {
  const at = 'status.loadBalancer.ingress';
  const ingress = next.status?.loadBalancer?.ingress ?? [];
  if (next.spec.type !== 'LoadBalancer' && ingress.length > 0) return [forbidden(at, "may only be used when `spec.type` is 'LoadBalancer'")];
  return each(ingress, at, ({ ip, ipMode, hostname }, path) => [
    ...(ip ? ipAddress(ip, `${path}.ip`) : []),
    ...(ipMode !== undefined && !ip ? [forbidden(`${path}.ipMode`, 'may not be specified when `ip` is not set')] : []),
    ...(hostname ? invalidEach(`${path}.hostname`, hostname, dns1123Subdomain(hostname)) : []),
    ...(hostname && ipFamily(hostname) !== 0 ? [invalid(`${path}.hostname`, hostname, 'must be a DNS name, not an IP address')] : []),
  ]);
}

/** Fields that the service's type makes idle, and those that nothing here acts on. */
export function serviceWarnings({ metadata, spec }: Service): string[] {
  const warnings: string[] = [];
  if (metadata.annotations?.['service.kubernetes.io/topology-aware-hints'] !== undefined) {
    warnings.push('annotation service.kubernetes.io/topology-aware-hints is deprecated, please use service.kubernetes.io/topology-mode instead');
  }
  if (spec.type === 'ExternalName' && (spec.externalIPs ?? []).length > 0) warnings.push('spec.externalIPs is ignored when spec.type is "ExternalName"');
  if (spec.type !== 'ExternalName' && spec.externalName) warnings.push('spec.externalName is ignored when spec.type is not "ExternalName"');
  if (spec.ports?.some((port) => port.protocol === 'SCTP')) warnings.push('SCTP is not supported by this cluster: ports of this protocol are not served');
  if ((spec.loadBalancerSourceRanges ?? []).length > 0) warnings.push('spec.loadBalancerSourceRanges is not enforced by this cluster: clients of any address are served');
  return warnings;
}
