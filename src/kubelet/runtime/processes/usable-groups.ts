import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { NO_GROUPS, V2_CONTROLLERS, findControlGroups } from './cgroups.ts';
import type { ControlGroups } from './cgroups.ts';

/** Where processes go that sat in the group which ours are made below: of version 2, a group with limited groups below it holds no processes itself. */
const OUTSIDE = 'coracle-outside';

export interface UsableGroups {
  readonly groups: ControlGroups;
  /** What cannot be done with them, in sentences. */
  readonly limitations: readonly string[];
}

/** What of /proc matters here. */
export interface GroupSources {
  readonly mountinfo: string;
  /** /proc/self/cgroup: where this process is. */
  readonly own: string;
}

const UNENFORCED = 'resource limits are not enforced and an OOM kill is not recognised';

/**
 * The control groups that this process may make groups in, made ready for it. Root takes the top of what is mounted, which in a container is the container's own group; another user the group
 * that it is in, where that was delegated to it (`systemd-run --user --scope -p Delegate=yes`). `earlier`: those that the last process with these pods used, taken again where they can be.
 */
export function usableGroups({ mountinfo, own }: GroupSources, privileged: boolean, earlier: ControlGroups | undefined): UsableGroups {
  const found = findControlGroups(mountinfo);
  if (!privileged) {
    const base = found.version === 2 ? delegatedGroup(mountinfo, own, earlier?.mounts.get('')) : undefined;
    if (base === undefined) return { groups: NO_GROUPS, limitations: [`Without root there are no control groups${found.version === 2 ? ' but delegated ones (systemd-run --user --scope -p Delegate=yes)' : ''}: ${UNENFORCED}.`] };
    return unified(base);
  }
  if (found.version === 0) return { groups: NO_GROUPS, limitations: [`No control groups are mounted: ${UNENFORCED}.`] };
  if (found.version === 2) return unified(found.mounts.get('')!);
  const problem = [...new Set(found.mounts.values())].map(cannotMakeGroups).find((each) => each !== undefined);
  return problem === undefined ? { groups: found, limitations: [] } : closed(problem);
}

function closed(problem: string): UsableGroups {
  return { groups: NO_GROUPS, limitations: [`No control groups can be made (${problem}): ${UNENFORCED}.`] };
}

/** Hands our controllers down to the groups below a directory of version 2. */
function unified(base: string): UsableGroups {
  const problem = cannotMakeGroups(base);
  if (problem !== undefined) return closed(problem);
  const offered = words(join(base, 'cgroup.controllers'));
  const wanted = V2_CONTROLLERS.filter((name) => offered.includes(name));
  // All in one write: `cpu` alone would be taken beside processes, and make every group below invalid. The root of all groups may hold processes beside groups; it alone has no type.
  if (!handDown(base, wanted)) {
    if (existsSync(join(base, 'cgroup.type'))) evacuate(base);
    if (!handDown(base, wanted) && words(join(base, 'cgroup.procs')).length === 0) for (const name of wanted) handDown(base, [name]);
  }
  const controllers = words(join(base, 'cgroup.subtree_control')).filter((name) => V2_CONTROLLERS.includes(name));
  return { groups: { version: 2, mounts: new Map([['', base]]), controllers }, limitations: V2_CONTROLLERS.filter((name) => !controllers.includes(name)).map((name) => missing(name, base)) };
}

const WITHOUT: Readonly<Record<string, string>> = {
  cpu: 'CPU limits are not enforced, and requests do not share the CPU out',
  memory: 'memory limits are not enforced and an OOM kill is not recognised (some boards need `cgroup_enable=memory` on the kernel\'s command line)',
  pids: 'the number of processes is not limited',
};

function missing(controller: string, base: string): string {
  return `The control groups in ${base} have no "${controller}" controller: ${WITHOUT[controller]}.`;
}

function handDown(base: string, controllers: readonly string[]): boolean {
  const file = join(base, 'cgroup.subtree_control');
  const have = words(file);
  const missing = controllers.filter((name) => !have.includes(name));
  try {
    if (missing.length > 0) writeFileSync(file, missing.map((name) => `+${name}`).join(' '));
    return true;
  } catch {
    // EBUSY: there are processes in it. Another reason is seen by what is enabled in the end.
    return false;
  }
}

function evacuate(base: string): void {
  const target = join(base, OUTSIDE);
  mkdirSync(target, { recursive: true });
  for (const pid of words(join(base, 'cgroup.procs'))) {
    try {
      writeFileSync(join(target, 'cgroup.procs'), pid);
    } catch {
      // Gone already, or not ours to move; then what it holds back stays missing, which is said.
    }
  }
}

function cannotMakeGroups(directory: string): string | undefined {
  const probe = join(directory, `coracle-probe-${process.pid}`);
  try {
    mkdirSync(probe);
    rmdirSync(probe);
    return undefined;
  } catch (error) {
    return `${(error as NodeJS.ErrnoException).code} in ${directory}`;
  }
}

/** The group of version 2 below which this user may make groups and move its processes there. */
function delegatedGroup(mountinfo: string, own: string, earlier: string | undefined): string | undefined {
  const here = ownGroup(mountinfo, own);
  if (here === undefined) return undefined;
  if (earlier !== undefined && isDelegated(earlier) && writable(join(commonAncestor(earlier, here), 'cgroup.procs'))) return earlier;
  return isDelegated(here) ? here : undefined;
}

/** The directory of the group that this process is in, or was in before it made way for groups below; undefined when it is not in what is mounted. */
export function ownGroup(mountinfo: string, own: string): string | undefined {
  const path = /^0::(\/.*)$/m.exec(own)?.[1];
  for (const line of mountinfo.split('\n')) {
    const [left = '', right] = line.split(' - ');
    const [, , , root = '', mountPoint = ''] = left.split(' ');
    if (!right?.startsWith('cgroup2 ') || path === undefined) continue;
    const inside = root === '/' ? path : path === root || path.startsWith(`${root}/`) ? path.slice(root.length) : undefined;
    if (inside === undefined) return undefined;
    return join(mountPoint, inside.replace(new RegExp(`/${OUTSIDE}$`), '')).replace(/(.)\/$/, '$1');
  }
  return undefined;
}

function isDelegated(directory: string): boolean {
  return [directory, join(directory, 'cgroup.procs'), join(directory, 'cgroup.subtree_control')].every(writable);
}

/** A process is moved by whoever may write to the nearest group that holds both ends. */
function commonAncestor(one: string, other: string): string {
  let at = one;
  while (at !== other && !other.startsWith(`${at}/`)) at = dirname(at);
  return at;
}

function writable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function words(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split(/\s+/).filter(Boolean);
  } catch {
    return [];
  }
}
