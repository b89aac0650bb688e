import type { Service, ServicePort } from '../../types/core.v1.ts';
import { sameValue } from '../../validation/immutable.ts';

/** Defaults of services, and what create and update do before validation: registry/core/service/{strategy.go,storage}. Addresses and node ports are allocated by the server. */
export function defaultService(service: Service): void {
  const spec = (service.spec ??= {});
  spec.sessionAffinity ||= 'None';
  if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig;
  else if (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds === undefined) spec.sessionAffinityConfig = { clientIP: { timeoutSeconds: 10_800 } };
  spec.type ||= 'ClusterIP';
  for (const port of spec.ports ?? []) {
    port.protocol ||= 'TCP';
    if (!port.targetPort) port.targetPort = port.port;
  }
  if (reachableFromOutside(service)) spec.externalTrafficPolicy ||= 'Cluster';
  if (spec.type !== 'ExternalName') spec.internalTrafficPolicy ??= 'Cluster';
  if (spec.type === 'LoadBalancer') {
    spec.allocateLoadBalancerNodePorts ??= true;
    for (const ingress of service.status?.loadBalancer?.ingress ?? []) if (ingress.ip) ingress.ipMode ??= 'VIP';
  }
}

export const needsClusterIP = (service: Service) => service.spec.type !== 'ExternalName';
export const isHeadless = (service: Service) => service.spec.clusterIP === 'None';
const needsNodePort = (service: Service) => service.spec.type === 'NodePort' || service.spec.type === 'LoadBalancer';
const needsHealthCheckPort = (service: Service) => service.spec.type === 'LoadBalancer' && service.spec.externalTrafficPolicy === 'Local';

/** NodePort, LoadBalancer, or a cluster IP with external IPs beside it. */
export function reachableFromOutside(service: Service): boolean {
  return needsNodePort(service) || (service.spec.type === 'ClusterIP' && (service.spec.externalIPs ?? []).length > 0);
}

export function prepareNewService(service: Service): void {
  service.status = { loadBalancer: {} };
  const { spec } = service;
  if (spec.clusterIP && (spec.clusterIPs ?? []).length === 0) spec.clusterIPs = [spec.clusterIP];
  defaultFamilies(service);
}

/** The families of a cluster whose addresses are IPv4 first. */
function defaultFamilies(service: Service): void {
  const { spec } = service;
  if (!needsClusterIP(service)) return;
  const selectorless = Object.keys(spec.selector ?? {}).length === 0;
  if (isHeadless(service) && selectorless) {
    spec.ipFamilyPolicy ??= 'RequireDualStack';
    spec.ipFamilies ??= spec.ipFamilyPolicy === 'SingleStack' ? ['IPv4'] : ['IPv4', 'IPv6'];
    return;
  }
  spec.ipFamilyPolicy ??= 'SingleStack';
  spec.ipFamilies ??= [spec.clusterIP && spec.clusterIP !== 'None' && spec.clusterIP.includes(':') ? 'IPv6' : 'IPv4'];
}

/** Carries over what was allocated and not given again, and drops what the new type does not have. */
export function keepAllocated(next: Service, old: Service): void {
  keepAddresses(next, old);
  if (needsNodePort(old) && needsNodePort(next)) keepNodePorts(next.spec.ports ?? [], old.spec.ports ?? []);
  if (needsHealthCheckPort(old) && needsHealthCheckPort(next)) next.spec.healthCheckNodePort ||= old.spec.healthCheckNodePort;
  matchClusterIPs(next, old);
  dropWhatTypeLacks(next, old);
}

function keepAddresses(next: Service, old: Service): void {
  if (!needsClusterIP(old) || !needsClusterIP(next)) return;
  next.spec.clusterIP ||= old.spec.clusterIP;
  if ((next.spec.clusterIPs ?? []).length === 0) next.spec.clusterIPs = old.spec.clusterIPs;
  next.spec.ipFamilies ??= old.spec.ipFamilies;
  next.spec.ipFamilyPolicy ??= old.spec.ipFamilyPolicy;
}

function keepNodePorts(next: ServicePort[], old: readonly ServicePort[]): void {
  const taken = new Set(next.map((p) => p.nodePort).filter((port) => port));
  const byName = new Map(old.map((p) => [p.name ?? '', p.nodePort]));
  for (const port of next) {
    const before = byName.get(port.name ?? '');
    if (!port.nodePort && before && !taken.has(before)) port.nodePort = before;
  }
}

/** Clients that know only clusterIP change it alone; clusterIPs follows. */
function matchClusterIPs(next: Service, old: Service): void {
  const was = old.spec;
  const spec = next.spec;
  if ((was.clusterIP ?? '') === (spec.clusterIP ?? '') || !sameValue(was.clusterIPs, spec.clusterIPs)) return;
  if (spec.clusterIP) spec.clusterIPs = [spec.clusterIP];
  else delete spec.clusterIPs;
}

function dropWhatTypeLacks(next: Service, old: Service): void {
  const spec = next.spec;
  const was = old.spec;
  const dropIfSame = (...fields: (keyof Service['spec'])[]) => {
    if (fields.every((field) => sameValue(spec[field], was[field]))) for (const field of fields) delete spec[field];
  };
  if (needsClusterIP(old) && !needsClusterIP(next)) {
    dropIfSame('clusterIP', 'clusterIPs');
    dropIfSame('ipFamilies');
    dropIfSame('ipFamilyPolicy');
  }
  if (needsNodePort(old) && !needsNodePort(next)) {
    const before = new Set((was.ports ?? []).map((p) => p.nodePort));
    if ((spec.ports ?? []).every((p) => !p.nodePort || before.has(p.nodePort))) for (const port of spec.ports ?? []) delete port.nodePort;
  }
  if (needsHealthCheckPort(old) && !needsHealthCheckPort(next)) dropIfSame('healthCheckNodePort');
  if (was.type === 'LoadBalancer' && spec.type !== 'LoadBalancer') {
    dropIfSame('allocateLoadBalancerNodePorts');
    dropIfSame('loadBalancerClass');
  }
  if (reachableFromOutside(old) && !reachableFromOutside(next)) dropIfSame('externalTrafficPolicy');
  if (spec.type !== 'LoadBalancer' && next.status) next.status.loadBalancer = {};
}
