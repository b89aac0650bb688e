/** securityContext as the runtime takes it (kuberuntime/security_context.go, pkg/securitycontext). */
import type { Container, Pod } from '../../api/types/core.v1.ts';
import type { ContainerConfig } from '../runtime/runtime.ts';
import type { ImageUser } from '../types.ts';

/** What containerd and Docker give every container. */
export const DEFAULT_CAPABILITIES = [
  'CHOWN', 'DAC_OVERRIDE', 'FSETID', 'FOWNER', 'MKNOD', 'NET_RAW', 'SETGID', 'SETUID', 'SETFCAP', 'SETPCAP', 'NET_BIND_SERVICE', 'SYS_CHROOT', 'KILL', 'AUDIT_WRITE',
] as const;

const ALL_CAPABILITIES = [
  ...DEFAULT_CAPABILITIES, 'AUDIT_CONTROL', 'AUDIT_READ', 'BLOCK_SUSPEND', 'BPF', 'CHECKPOINT_RESTORE', 'DAC_READ_SEARCH', 'IPC_LOCK', 'IPC_OWNER', 'LEASE', 'LINUX_IMMUTABLE',
  'MAC_ADMIN', 'MAC_OVERRIDE', 'NET_ADMIN', 'NET_BROADCAST', 'PERFMON', 'SYSLOG', 'SYS_ADMIN', 'SYS_BOOT', 'SYS_MODULE', 'SYS_NICE', 'SYS_PACCT', 'SYS_PTRACE', 'SYS_RAWIO',
  'SYS_RESOURCE', 'SYS_TIME', 'SYS_TTY_CONFIG', 'WAKE_ALARM',
] as const;

/** Which user of the image to look up: the spec's numbers, else the image's own USER. */
export function wantedUser(pod: Pod, container: Container, imageUser: string): string {
  const uid = container.securityContext?.runAsUser ?? pod.spec.securityContext?.runAsUser;
  return uid === undefined ? imageUser || '0' : String(uid);
}

/** The ids it runs with: runAsGroup before the image's group; fsGroup and supplementalGroups joined. */
export function runAs(pod: Pod, container: Container, image: ImageUser): ContainerConfig['user'] {
  const context = pod.spec.securityContext;
  const gid = container.securityContext?.runAsGroup ?? context?.runAsGroup ?? image.gid;
  const own = context?.supplementalGroupsPolicy === 'Strict' ? [] : image.supplementalGroups;
  const groups = [...own, ...(context?.supplementalGroups ?? []), ...(context?.fsGroup === undefined ? [] : [context.fsGroup])];
  return { uid: image.uid, gid, supplementalGroups: [...new Set(groups)] };
}

/** The text of what runAsNonRoot complains about, or undefined (security_context_others.go verifyRunAsNonRoot). `imageUser`: the image's USER, which upstream believes only as a number. */
export function nonRootComplaint(pod: Pod, container: Container, user: ImageUser, imageUser: string): string | undefined {
  const required = container.securityContext?.runAsNonRoot ?? pod.spec.securityContext?.runAsNonRoot ?? false;
  if (!required) return undefined;
  const where = `(pod: "${podLabel(pod)}", container: ${container.name})`;
  const explicit = container.securityContext?.runAsUser ?? pod.spec.securityContext?.runAsUser;
  if (explicit !== undefined) return explicit === 0 ? `container's runAsUser breaks non-root policy ${where}` : undefined;
  const name = imageUser.split(':')[0]!;
  if (/\D/.test(name)) return `container has runAsNonRoot and image has non-numeric user (${name}), cannot verify user is non-root ${where}`;
  return user.uid === 0 ? `container has runAsNonRoot and image will run as root ${where}` : undefined;
}

export function security(pod: Pod, container: Container): ContainerConfig['security'] {
  const context = container.securityContext;
  const privileged = context?.privileged === true;
  const seccomp = privileged ? undefined : context?.seccompProfile ?? pod.spec.securityContext?.seccompProfile;
  const appArmor = context?.appArmorProfile ?? pod.spec.securityContext?.appArmorProfile;
  return {
    privileged,
    readOnlyRootFilesystem: context?.readOnlyRootFilesystem === true,
    noNewPrivileges: context?.allowPrivilegeEscalation === false,
    capabilities: privileged ? ALL_CAPABILITIES : capabilities(context?.capabilities?.add ?? [], context?.capabilities?.drop ?? []),
    ...(seccomp?.type === 'RuntimeDefault' && { seccompProfile: 'runtime/default' as const }),
    ...(seccomp?.type === 'Localhost' && { seccompProfile: `localhost/${seccomp.localhostProfile ?? ''}` as const }),
    ...(appArmor?.type === 'Localhost' && { appArmorProfile: appArmor.localhostProfile ?? '' }),
  };
}

function capabilities(add: readonly string[], drop: readonly string[]): string[] {
  const bare = (name: string) => name.toUpperCase().replace(/^CAP_/, '');
  const added = add.map(bare);
  const dropped = new Set(drop.map(bare));
  const base = added.includes('ALL') ? ALL_CAPABILITIES : DEFAULT_CAPABILITIES;
  const kept = dropped.has('ALL') ? [] : base.filter((c) => !dropped.has(c));
  return [...new Set([...kept, ...added.filter((c) => c !== 'ALL')])];
}

/** `web-1_default(UID)`: how the kubelet names a pod in its texts (util/format). */
export function podLabel(pod: Pod): string {
  return `${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})`;
}
