/** What a pod's sandbox is made from. */
import type { Pod } from '../../api/types/core.v1.ts';
import type { SandboxConfig } from '../runtime/runtime.ts';
import { cgroupParent, podResources } from './resources.ts';
import { sysctlName } from './sysctls.ts';
import { LABEL } from './view.ts';

export interface DnsSettings {
  readonly clusterDns: string;
  readonly clusterDomain: string;
  /** The node's own resolver. */
  readonly host: Dns;
}

export interface Dns {
  readonly servers: readonly string[];
  readonly searches: readonly string[];
  readonly options: readonly string[];
}

export function sandboxConfig(pod: Pod, attempt: number, dns: DnsSettings, logDirectory: string): SandboxConfig {
  const { name = '', namespace = '', uid = '' } = pod.metadata;
  const spec = pod.spec;
  const host = spec.hostNetwork === true;
  return {
    podUid: uid, namespace, name, attempt,
    hostname: hostname(pod, dns.clusterDomain),
    ...(spec.subdomain && { domain: `${spec.subdomain}.${namespace}.svc.${dns.clusterDomain}` }),
    hostNetwork: host,
    hostPID: spec.hostPID === true,
    hostIPC: spec.hostIPC === true,
    shareProcessNamespace: spec.shareProcessNamespace === true,
    ...(spec.hostUsers === false && { userNamespace: true }),
    dns: podDns(pod, dns),
    hostAliases: (spec.hostAliases ?? []).map((a) => ({ ip: a.ip, hostnames: a.hostnames ?? [] })),
    sysctls: Object.fromEntries((spec.securityContext?.sysctls ?? []).map((s) => [sysctlName(s.name), s.value])),
    cgroupParent: cgroupParent(pod),
    resources: podResources(pod),
    labels: { ...pod.metadata.labels, [LABEL.podName]: name, [LABEL.podNamespace]: namespace, [LABEL.podUid]: uid },
    logDirectory,
  };
}

const MAX_HOSTNAME = 63;

/** At most 63 characters, never ending in `-` or `.` (kubelet_pods.go truncatePodHostnameIfNeeded). */
export function hostname(pod: Pod, clusterDomain: string): string {
  const short = (pod.spec.hostname || pod.metadata.name || '').slice(0, MAX_HOSTNAME).replace(/[-.]+$/, '');
  if (!pod.spec.setHostnameAsFQDN || !pod.spec.subdomain) return short;
  return `${short}.${pod.spec.subdomain}.${pod.metadata.namespace}.svc.${clusterDomain}`;
}

/** dnsPolicy and dnsConfig (network/dns/dns.go). */
export function podDns(pod: Pod, settings: DnsSettings): Dns {
  const { clusterDns, clusterDomain: domain, host } = settings;
  const policy = pod.spec.dnsPolicy ?? 'ClusterFirst';
  const cluster = policy === 'ClusterFirstWithHostNet' || (policy === 'ClusterFirst' && !pod.spec.hostNetwork);
  const ns = pod.metadata.namespace;
  const base: Dns = cluster
    ? { servers: [clusterDns], searches: [`${ns}.svc.${domain}`, `svc.${domain}`, domain, ...host.searches], options: ['ndots:5'] }
    : policy === 'None' ? { servers: [], searches: [], options: [] } : host;
  const config = pod.spec.dnsConfig;
  if (!config) return base;
  const options = new Map(base.options.map((o) => [o.split(':')[0]!, o]));
  for (const { name = '', value } of config.options ?? []) options.set(name, value === undefined ? name : `${name}:${value}`);
  return {
    servers: unique([...base.servers, ...(config.nameservers ?? [])]),
    searches: unique([...base.searches, ...(config.searches ?? [])]),
    options: [...options.values()],
  };
}

const unique = (items: readonly string[]) => [...new Set(items)];

export const NO_DNS: Dns = { servers: [], searches: [], options: [] };

/**
 * The node's own resolver, as its pods can use it. systemd-resolved answers on a loopback address of the machine, where no pod gets to, and keeps the real servers in a file of its own
 * (what kubeadm gives the kubelet as resolvConf). `read` throws when there is no such file.
 */
export function nodeDns(read: (path: string) => string): Dns {
  const of = (path: string): Dns => {
    try {
      return parseResolvConf(read(path));
    } catch {
      return NO_DNS;
    }
  };
  const own = of('/etc/resolv.conf');
  const isLocal = own.servers.length > 0 && own.servers.every((server) => server.startsWith('127.'));
  const real = isLocal ? of('/run/systemd/resolve/resolv.conf') : NO_DNS;
  return real.servers.length > 0 ? real : own;
}

/** Reads a resolv.conf. */
export function parseResolvConf(text: string): Dns {
  const dns = { servers: [] as string[], searches: [] as string[], options: [] as string[] };
  for (const line of text.split('\n')) {
    const [word, ...rest] = line.trim().split(/\s+/);
    if (word === 'nameserver' && rest[0]) dns.servers.push(rest[0]);
    else if (word === 'search') dns.searches = rest.filter((s) => s !== '.');
    else if (word === 'options') dns.options.push(...rest);
  }
  return dns;
}
