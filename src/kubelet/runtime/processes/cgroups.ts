import { mkdirSync, writeFileSync } from 'node:fs';
import { readFile, readdir, rmdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Clock } from '../../../base/clock.ts';
import type { Resources } from '../runtime.ts';

/** Where this machine's control groups are. Version 0: none that can be used. */
export interface ControlGroups {
  readonly version: 0 | 1 | 2;
  /** Of version 1: controller → mount point (cpu and cpuacct may share one). Of version 2: '' → the directory below which groups are made. */
  readonly mounts: ReadonlyMap<string, string>;
  /** Of version 2: what the groups there can be limited by. */
  readonly controllers: readonly string[];
}

/** What the launcher does before a process may join: `dir` makes a directory, `set` writes a file, `try` writes it if it can. */
export type CgroupStep = readonly [kind: 'dir' | 'set' | 'try', path: string, value: string];

/** The controllers of version 2 that we use. */
export const V2_CONTROLLERS: readonly string[] = ['cpu', 'memory', 'pids'];

export const NO_GROUPS: ControlGroups = { version: 0, mounts: new Map(), controllers: [] };

const V1_CONTROLLERS = ['cpu', 'cpuacct', 'memory', 'pids', 'freezer'];

/** Reads the layout out of /proc/self/mountinfo. */
export function findControlGroups(mountinfo: string): ControlGroups {
  const mounts = new Map<string, string>();
  let unified: string | undefined;
  for (const line of mountinfo.split('\n')) {
    const [left, right] = line.split(' - ');
    const mountPoint = left?.split(' ')[4];
    const [type, , options = ''] = right?.split(' ') ?? [];
    if (!mountPoint) continue;
    if (type === 'cgroup2') unified = mountPoint;
    if (type === 'cgroup') for (const name of options.split(',')) if (V1_CONTROLLERS.includes(name) && !mounts.has(name)) mounts.set(name, mountPoint);
  }
  // Hybrid layouts have an empty unified tree beside the version 1 hierarchies that hold the controllers.
  if (mounts.has('cpu') && mounts.has('memory')) return { version: 1, mounts, controllers: [] };
  if (unified) return { version: 2, mounts: new Map([['', unified]]), controllers: V2_CONTROLLERS };
  return NO_GROUPS;
}

/** The directories of a group, one a hierarchy. */
export function groupDirectories(groups: ControlGroups, path: string): string[] {
  return [...new Set(groups.mounts.values())].map((mount) => join(mount, path));
}

/** The files through which a process joins a group. */
export function groupProcs(groups: ControlGroups, path: string): string[] {
  return groupDirectories(groups, path).map((directory) => join(directory, 'cgroup.procs'));
}

/** How a group is made and limited; `leaf` groups hold processes, others only groups (kubelet's cm/helpers_linux.go has the arithmetic of shares). */
export function groupSteps(groups: ControlGroups, path: string, resources: Resources | undefined, leaf: boolean): CgroupStep[] {
  // Limits are then not enforced, which the node's conditions say.
  if (groups.version === 0) return [];
  const directories = groupDirectories(groups, path);
  const steps: CgroupStep[] = directories.map((directory) => ['dir', directory, '']);
  if (groups.version === 2) {
    const root = groups.mounts.get('')!;
    const parts = path.split('/');
    // Not of the directory above: what that hands down was settled when it was looked at (usable-groups.ts).
    const ancestors = parts.slice(1).map((_, depth) => join(root, ...parts.slice(0, depth + 1)));
    if (!leaf) ancestors.push(join(root, path));
    const delegation = ancestors.flatMap((directory) => groups.controllers.map((name): CgroupStep => ['try', join(directory, 'cgroup.subtree_control'), `+${name}`]));
    const directory = join(root, path);
    return [...steps, ...delegation, ...(resources ? limitsV2(directory, resources, leaf).filter(([, file]) => groups.controllers.includes(basename(file).split('.')[0]!)) : [])];
  }
  if (!resources) return steps;
  const at = (controller: string, file: string) => join(groups.mounts.get(controller) ?? '', path, file);
  steps.push(['try', at('cpu', 'cpu.shares'), String(resources.cpuShares)]);
  if (resources.cpuQuota !== undefined) steps.push(['set', at('cpu', 'cpu.cfs_period_us'), '100000'], ['set', at('cpu', 'cpu.cfs_quota_us'), String(resources.cpuQuota)]);
  if (resources.memoryBytes !== undefined) {
    const value = String(resources.memoryBytes);
    steps.push(['set', at('memory', 'memory.limit_in_bytes'), value], ['try', at('memory', 'memory.memsw.limit_in_bytes'), value]);
  }
  if (resources.pids !== undefined && groups.mounts.has('pids')) steps.push(['set', at('pids', 'pids.max'), String(resources.pids)]);
  return steps;
}

/** Makes a group now, by its steps. Throws when a limit can't be set. */
export function makeGroup(groups: ControlGroups, path: string, resources: Resources | undefined, leaf: boolean): void {
  apply(groupSteps(groups, path, resources, leaf));
}

function apply(steps: readonly CgroupStep[]): void {
  for (const [kind, file, value] of steps) {
    if (kind === 'dir') mkdirSync(file, { recursive: true });
    else
      try {
        writeFileSync(file, value);
      } catch (error) {
        // A controller that isn't there can't be handed down; limits that need it say so when they are set.
        if (kind === 'set') throw new Error(`set ${file} to ${value}: ${(error as Error).message}`, { cause: error });
      }
  }
}

/** The same for a group that is there and has limits: those that are no more are lifted. */
export function updateSteps(groups: ControlGroups, path: string, resources: Resources): CgroupStep[] {
  const { cpuQuota, memoryBytes } = resources;
  if (groups.version === 0) return [];
  if (groups.version === 2) {
    const directory = join(groups.mounts.get('')!, path);
    const steps: CgroupStep[] = [
      ['set', join(directory, 'memory.max'), String(memoryBytes ?? 'max')],
      ['try', join(directory, 'cpu.weight'), String(cpuWeight(resources.cpuShares))],
      ['set', join(directory, 'cpu.max'), `${cpuQuota ?? 'max'} 100000`],
    ];
    return steps.filter(([, file]) => groups.controllers.includes(basename(file).split('.')[0]!));
  }
  const at = (controller: string, file: string) => join(groups.mounts.get(controller)!, path, file);
  const memory = String(memoryBytes ?? -1);
  // Memory with swap may never be less than memory alone: it goes first on the way up, last on the way down.
  const withSwap: CgroupStep = ['try', at('memory', 'memory.memsw.limit_in_bytes'), memory];
  return [withSwap, ['set', at('memory', 'memory.limit_in_bytes'), memory], withSwap, ['try', at('cpu', 'cpu.shares'), String(resources.cpuShares)], ['set', at('cpu', 'cpu.cfs_quota_us'), String(cpuQuota ?? -1)]];
}

/** Gives a group that is there other limits of CPU and memory. Throws when one can't be set. */
export function updateGroup(groups: ControlGroups, path: string, resources: Resources): void {
  apply(updateSteps(groups, path, resources));
}

/** The same, with patience: version 1 still counts a group for some milliseconds after it was removed. */
export async function updateGroupSoon(groups: ControlGroups, path: string, resources: Resources, clock: Clock): Promise<void> {
  for (let round = 0; ; round++) {
    try {
      return updateGroup(groups, path, resources);
    } catch (error) {
      if (groups.version !== 1 || round > 50) throw error;
      await clock.sleep(Math.min(1 + round, 20));
    }
  }
}

function limitsV2(directory: string, resources: Resources, leaf: boolean): CgroupStep[] {
  const steps: CgroupStep[] = [['try', join(directory, 'cpu.weight'), String(cpuWeight(resources.cpuShares))]];
  if (resources.cpuQuota !== undefined) steps.push(['set', join(directory, 'cpu.max'), `${resources.cpuQuota} 100000`]);
  if (resources.memoryBytes !== undefined) steps.push(['set', join(directory, 'memory.max'), String(resources.memoryBytes)], ['try', join(directory, 'memory.swap.max'), '0']);
  if (resources.pids !== undefined) steps.push(['set', join(directory, 'pids.max'), String(resources.pids)]);
  // Since 1.28 the kernel kills the whole container, not one process of it (kubelet's singleProcessOOMKill).
  if (leaf) steps.push(['try', join(directory, 'memory.oom.group'), '1']);
  return steps;
}

/** cgroup v2's weight for v1's shares: [2, 262144] onto [1, 10000], as runc and the kubelet convert. */
export function cpuWeight(shares: number): number {
  return shares === 0 ? 0 : Math.floor(1 + ((Math.max(2, Math.min(shares, 262144)) - 2) * 9999) / 262142);
}

/** The file whose `oom_kill N` line counts the kernel's kills for lack of memory. */
export function oomFile(groups: ControlGroups, path: string): string | undefined {
  if (groups.version === 2) return groups.controllers.includes('memory') ? join(groups.mounts.get('')!, path, 'memory.events') : undefined;
  return groups.version === 1 ? join(groups.mounts.get('memory')!, path, 'memory.oom_control') : undefined;
}

/** Bytes of memory that a group and those below it hold; undefined when that is not counted. */
export async function readMemory(groups: ControlGroups, path: string): Promise<number | undefined> {
  const [mount, file] = groups.version === 2 ? [groups.mounts.get(''), 'memory.current'] : [groups.mounts.get('memory'), 'memory.usage_in_bytes'];
  const text = mount === undefined ? '' : await readFile(join(mount, path, file), 'utf8').catch(() => '');
  return text === '' ? undefined : Number(text);
}

/** Cumulative CPU and current memory, by reading files; undefined when the group is gone. */
export async function readUsage(groups: ControlGroups, path: string): Promise<{ cpuNanoseconds: number; memoryUsageBytes: number; memoryWorkingSetBytes: number; oomKills: number } | undefined> {
  try {
    const v2 = groups.version === 2;
    const cpu = join(groups.mounts.get(v2 ? '' : 'cpuacct')!, path);
    const memory = join(groups.mounts.get(v2 ? '' : 'memory')!, path);
    const [time, usage, stat, oom] = await Promise.all([
      readFile(join(cpu, v2 ? 'cpu.stat' : 'cpuacct.usage'), 'utf8'),
      readFile(join(memory, v2 ? 'memory.current' : 'memory.usage_in_bytes'), 'utf8'),
      readFile(join(memory, 'memory.stat'), 'utf8'),
      readFile(oomFile(groups, path)!, 'utf8'),
    ]);
    const memoryUsageBytes = Number(usage);
    const inactive = field(stat, v2 ? 'inactive_file' : 'total_inactive_file');
    return {
      cpuNanoseconds: v2 ? field(time, 'usage_usec') * 1000 : Number(time),
      memoryUsageBytes,
      memoryWorkingSetBytes: Math.max(0, memoryUsageBytes - inactive),
      oomKills: field(oom, 'oom_kill'),
    };
  } catch {
    return undefined;
  }
}

function field(text: string, name: string): number {
  return Number(new RegExp(`^${name} (\\d+)`, 'm').exec(text)?.[1] ?? 0);
}

/** SIGKILL to everything in a group and below it, until nothing is left. */
export async function killGroup(groups: ControlGroups, path: string, clock: Clock): Promise<void> {
  if (groups.version === 0) return;
  const v2 = groups.version === 2;
  const main = join(groups.mounts.get(v2 ? '' : 'pids') ?? groups.mounts.get('memory')!, path);
  if (v2) await writeFile(join(main, 'cgroup.kill'), '1').catch(() => {});
  const freezer = groups.mounts.get('freezer');
  for (let round = 0; ; round++) {
    const pids = await processesBelow(main);
    if (pids.length === 0) return;
    // Frozen processes can't fork away from the signal; only worth it for those that survive a first round.
    const frozen = !v2 && freezer !== undefined && round > 2;
    if (frozen) await writeFile(join(freezer, path, 'freezer.state'), 'FROZEN').catch(() => {});
    for (const pid of frozen ? await processesBelow(main) : pids) kill(pid);
    if (frozen) await writeFile(join(freezer, path, 'freezer.state'), 'THAWED').catch(() => {});
    await clock.sleep(Math.min(1 + round, 20));
    if (round > 1000) throw new Error(`processes in ${main} survive SIGKILL: ${pids.join(' ')}`);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}

async function processesBelow(directory: string): Promise<number[]> {
  const own = await readFile(join(directory, 'cgroup.procs'), 'utf8').catch(() => '');
  const below = await Promise.all((await childGroups(directory)).map(processesBelow));
  return [...own.split('\n').filter(Boolean).map(Number), ...below.flat()];
}

async function childGroups(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(directory, entry.name));
}

/** Removes a group and those below it, in every hierarchy. The kernel says EBUSY for some milliseconds after the last process left. */
export async function removeGroup(groups: ControlGroups, path: string, clock: Clock): Promise<void> {
  await Promise.all(groupDirectories(groups, path).map((directory) => removeTree(directory, clock)));
}

async function removeTree(directory: string, clock: Clock): Promise<void> {
  for (let round = 0; ; round++) {
    try {
      return await rmdir(directory);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'ENOENT') return;
      if (round > 200) throw error;
      const children = await childGroups(directory);
      await Promise.all(children.map((child) => removeTree(child, clock)));
      if (children.length === 0) await clock.sleep(Math.min(1 + round, 20));
    }
  }
}
