/** Which kernel settings a pod may have (pkg/kubelet/sysctl): those that are the pod's own namespace's. Any other would be written for the whole machine. */
import type { Pod } from '../../api/types/core.v1.ts';

/** Upstream's safe sysctls, and the namespace that holds each (safe_sysctls.go). */
const SAFE: Readonly<Record<string, 'IPC' | 'Net'>> = {
  'kernel.shm_rmid_forced': 'IPC',
  'net.ipv4.ip_local_port_range': 'Net',
  'net.ipv4.tcp_syncookies': 'Net',
  'net.ipv4.ping_group_range': 'Net',
  'net.ipv4.ip_unprivileged_port_start': 'Net',
  'net.ipv4.ip_local_reserved_ports': 'Net',
  'net.ipv4.tcp_keepalive_time': 'Net',
  'net.ipv4.tcp_fin_timeout': 'Net',
  'net.ipv4.tcp_keepalive_intvl': 'Net',
  'net.ipv4.tcp_keepalive_probes': 'Net',
  'net.ipv4.tcp_rmem': 'Net',
  'net.ipv4.tcp_wmem': 'Net',
};

/** A sysctl's name with dots: `net/ipv4/conf/eth0.1/x` and `net.ipv4.conf.eth0/1.x` are one (component-helpers sysctl.NormalizeName). */
export function sysctlName(name: string): string {
  const first = /[./]/.exec(name)?.[0];
  return first === '/' ? name.replace(/[./]/g, (char) => (char === '/' ? '.' : '/')) : name;
}

/** Why the pod's sysctls keep it off the node, or undefined. */
export function sysctlRefusal(pod: Pod): { readonly reason: string; readonly message: string } | undefined {
  for (const { name } of pod.spec.securityContext?.sysctls ?? []) {
    const namespace = SAFE[sysctlName(name)];
    const shared = namespace === 'IPC' ? pod.spec.hostIPC : pod.spec.hostNetwork;
    const complaint = namespace === undefined ? 'not allowlisted' : shared ? `not allowed with host ${namespace} enabled` : undefined;
    if (complaint !== undefined) return { reason: 'SysctlForbidden', message: `forbidden sysctl: "${sysctlName(name)}" ${complaint}` };
  }
  return undefined;
}
