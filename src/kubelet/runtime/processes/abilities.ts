import { readFileSync } from 'node:fs';
import { isPrivileged } from '../../../base/privileges.ts';
import { NO_GROUPS } from './cgroups.ts';
import type { ControlGroups } from './cgroups.ts';
import { usableGroups } from './usable-groups.ts';

/** What this process may do on this machine. */
export interface Abilities {
  /** Not root, or root without its rights: namespaces come by way of a user namespace, and only one user id exists in them. */
  readonly rootless: boolean;
  readonly groups: ControlGroups;
  readonly limitations: readonly string[];
}

/**
 * Looks at who we are and what the kernel has, and makes the control groups ready. `isolation: 'none'` makes as little use of it as a user without rights could. `earlier`: the control groups
 * that an earlier process on the same directory used.
 */
export function findAbilities(isolation: 'auto' | 'none' = 'auto', earlier?: ControlGroups): Abilities {
  const rootless = isolation === 'none' || !isPrivileged;
  const { groups, limitations: lacking } =
    isolation === 'none'
      ? { groups: NO_GROUPS, limitations: ['Without root there are no control groups: resource limits are not enforced and an OOM kill is not recognised.'] }
      : usableGroups({ mountinfo: readFileSync('/proc/self/mountinfo', 'utf8'), own: readFileSync('/proc/self/cgroup', 'utf8') }, !rootless, earlier);
  if (!rootless) return { rootless, groups, limitations: lacking };
  const who = process.getuid?.() === 0 && isolation === 'auto' ? 'Coracle runs as root without the capabilities NET_ADMIN and SYS_ADMIN, as in an ordinary container' : 'Coracle does not run as root';
  return {
    rootless,
    groups,
    limitations: [
      `${who}: pods share the host's network, each with a loopback address of its own, so two programs that listen on all addresses collide.`,
      'Without root, containers run as your user: runAsUser, runAsGroup and fsGroup are not applied. emptyDir volumes of medium Memory lie on disk.',
      ...lacking,
    ],
  };
}

/** Said when not even user namespaces are to be had. */
export const NO_ISOLATION =
  'This kernel does not let a user make namespaces: containers are plain processes of yours on the host\'s file system, without isolation. Only images on the host\'s own file system run, and volumes are not mounted.';
