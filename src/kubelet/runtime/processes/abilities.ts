import { readFileSync } from 'node:fs';
import { findControlGroups } from './cgroups.ts';
import type { ControlGroups } from './cgroups.ts';

/** What this process may do on this machine. */
export interface Abilities {
  /** Not root: namespaces come by way of a user namespace, and only one user id exists in them. */
  readonly rootless: boolean;
  readonly groups: ControlGroups;
  readonly limitations: readonly string[];
}

/** Looks at who we are and what the kernel has. `isolation: 'none'` makes as little use of it as a user without rights could. */
export function findAbilities(isolation: 'auto' | 'none' = 'auto'): Abilities {
  const rootless = isolation === 'none' || process.getuid?.() !== 0;
  const groups = rootless ? { version: 0 as const, mounts: new Map<string, string>() } : findControlGroups(readFileSync('/proc/self/mountinfo', 'utf8'));
  const limitations: string[] = [];
  if (rootless) {
    limitations.push(
      'Coracle does not run as root: pods share the host\'s network, each with a loopback address of its own, so two programs that listen on all addresses collide.',
      'Without root, containers run as your user: runAsUser, runAsGroup and fsGroup are not applied. emptyDir volumes of medium Memory lie on disk.',
      'Without root there are no control groups: resource limits are not enforced and an OOM kill is not recognised.',
    );
  } else if (groups.version === 0) limitations.push('No control groups are mounted: resource limits are not enforced and an OOM kill is not recognised.');
  return { rootless, groups, limitations };
}

/** Said when not even user namespaces are to be had. */
export const NO_ISOLATION =
  'This kernel does not let a user make namespaces: containers are plain processes of yours on the host\'s file system, without isolation. Only images on the host\'s own file system run, and volumes are not mounted.';
