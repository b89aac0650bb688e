import type { ContainerConfig } from './runtime.ts';

/** All groups of a process: as containerd has it, the primary one is one of the supplementary ones, too. */
export function allGroups({ gid, supplementalGroups }: ContainerConfig['user']): number[] {
  return [...new Set([gid, ...supplementalGroups])];
}
