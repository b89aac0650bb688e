import type { SandboxConfig } from '../runtime.ts';

/** A pod's /etc/resolv.conf (kubelet's network/dns). */
export function resolvConf(dns: SandboxConfig['dns']): string {
  return [
    ...(dns.searches.length > 0 ? [`search ${dns.searches.join(' ')}`] : []),
    ...dns.servers.map((server) => `nameserver ${server}`),
    ...(dns.options.length > 0 ? [`options ${dns.options.join(' ')}`] : []),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

/** A pod's /etc/hosts, in the kubelet's form (kubelet_pods.go managedHostsFileContent). With the host's network, `hostFile` is the host's own. */
export function hostsFile(config: SandboxConfig, ip: string | undefined, hostFile: string): string {
  const head = config.hostNetwork
    ? `# Kubernetes-managed hosts file (host network).\n${hostFile}`
    : '# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n' +
      (ip ? `${ip}\t${hostNames(config).join('\t')}\n` : '');
  const aliases = config.hostAliases.map(({ ip: address, hostnames }) => `${address}\t${hostnames.join('\t')}\n`);
  return aliases.length > 0 ? `${head}\n# Entries added by HostAliases.\n${aliases.join('')}` : head;
}

/** With a subdomain the name that DNS knows comes first, so that `hostname -f` says it; also where the host name itself is that name (setHostnameAsFQDN). */
function hostNames({ hostname, domain }: SandboxConfig): string[] {
  if (domain === undefined) return [hostname];
  const short = hostname.endsWith(`.${domain}`) ? hostname.slice(0, -domain.length - 1) : hostname;
  return [`${short}.${domain}`, short];
}
