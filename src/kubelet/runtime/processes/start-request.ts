import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { allGroups } from '../groups.ts';
import { groupDirectories, groupProcs, groupSteps, oomFile } from './cgroups.ts';
import type { ControlGroups } from './cgroups.ts';
import type { Field } from './launcher/launcher.ts';
import { runtimeDefaultFilter } from './seccomp.ts';
import type { ContainerRecord, Layout, SandboxRecord } from './state.ts';

const MS_RDONLY = 1;
const MS_NODEV = 4;

const NAMESPACES = { mount: 0x00020000, uts: 0x04000000, ipc: 0x08000000, network: 0x40000000 };

/** Which namespaces a sandbox has of its own, as clone(2) flags. The process namespace is apart: it takes a fork. */
export function sandboxFlags(config: SandboxRecord['config'], rootless: boolean): number {
  return NAMESPACES.mount | (config.hostNetwork ? 0 : NAMESPACES.uts) | (config.hostIPC ? 0 : NAMESPACES.ipc) | (config.hostNetwork || rootless ? 0 : NAMESPACES.network);
}

/** What all programs of a container share: who they are and what they see of the environment. `defaults`: variables for what the container does not set itself. */
export function identityFields(sandbox: SandboxRecord, container: ContainerRecord, rootless: boolean, defaults: readonly (readonly [string, string])[] = []): Record<string, Field> {
  const { config } = container;
  const env = [['HOSTNAME', sandbox.config.hostname] as const, ...defaults, ...config.env];
  return {
    userns: rootless,
    env,
    cwd: config.workingDir || '/',
    uid: rootless ? 0 : config.user.uid,
    gid: rootless ? 0 : config.user.gid,
    groups: allGroups(config.user),
    capabilities: config.security.capabilities.map((name) => (name.startsWith('CAP_') ? name : `CAP_${name}`)),
    privileged: config.security.privileged,
    no_new_privs: config.security.noNewPrivileges,
    seccomp: config.security.seccompProfile === 'runtime/default' ? runtimeDefaultFilter(config.security.capabilities).toString('hex') : '',
  };
}

/** Everything that the launcher must know to start a container. */
export function startFields(places: Layout, groups: ControlGroups, path: string, sandbox: SandboxRecord, container: ContainerRecord, options: { rootless: boolean; plain: boolean; pidns: string | number; secret: string }): Record<string, Field> {
  const { id, config } = container;
  if (options.plain && (config.image.layers.length > 0 || !config.image.host)) throw new Error(`image ${config.image.reference} has files of its own, and this kernel lets no user mount them`);
  const names = groups.version === 1 ? [...groups.mounts] : [];
  return {
    ...identityFields(sandbox, container, options.rootless),
    id,
    plain: options.plain,
    title: `${sandbox.config.namespace}/${sandbox.config.name}/${config.name}`,
    directory: places.container(id),
    scratch: places.container(id, 'scratch'),
    exits: places.exits,
    log: config.logPath,
    plan: groupSteps(groups, path, config.resources, true),
    procs: groupProcs(groups, path),
    own_procs: groups.version === 0 ? undefined : (groupProcs(groups, path).find((file) => file.includes('pids')) ?? groupProcs(groups, path)[0]),
    oom_file: oomFile(groups, path),
    cgroup2: groups.version === 2,
    cgroups: names.map(([name], at) => [name, groupDirectories({ ...groups, mounts: new Map([names[at]!]) }, path)[0]]),
    pause: sandbox.pause.pid,
    pidns: options.pidns,
    oom_score_adj: config.oomScoreAdj,
    // The image lists them lowest first; an overlay wants the highest first.
    layers: [...config.image.layers].reverse(),
    host: config.image.host,
    mask: places.mask,
    secret: options.secret,
    shm: sandbox.config.hostIPC ? '' : places.sandbox(sandbox.id, 'shm'),
    read_only: config.security.readOnlyRootFilesystem,
    mounts: options.plain ? [] : mountFields(places, sandbox, container),
    command: config.command,
    make_cwd: true,
    tty: config.tty,
    stdin: config.stdin,
    stdin_once: config.stdinOnce,
  };
}

/** The container's mounts, outer ones first, after those files of /etc that it does not bring itself. */
function mountFields(places: Layout, sandbox: SandboxRecord, { config }: ContainerRecord): Field[] {
  const brought = new Set(config.mounts.map(({ containerPath }) => containerPath));
  const programs = config.image.host ? hostPrograms(process.execPath).map((path) => ({ hostPath: path, containerPath: path, readOnly: true, propagation: 'private' as const })) : [];
  const own = ['resolv.conf', 'hosts', 'hostname']
    .map((name) => ({ hostPath: places.sandbox(sandbox.id, name), containerPath: join('/etc', name), readOnly: config.security.readOnlyRootFilesystem, propagation: 'private' as const }))
    .filter(({ containerPath }) => !brought.has(containerPath));
  const depth = (path: string) => path.split('/').filter(Boolean).length;
  return [...programs, ...own, ...config.mounts]
    .sort((a, b) => depth(a.containerPath) - depth(b.containerPath))
    .map((mount) => {
      // A shared mount of the host would have to be ours to pass on; only the root of a mount namespace that the host shares can do that.
      if (mount.propagation === 'rshared') throw new Error(`mount ${mount.containerPath}: Bidirectional mount propagation is not supported by the processes runtime`);
      return [mount.hostPath, mount.containerPath, (mount.readOnly ? MS_RDONLY : 0) | (config.security.privileged ? 0 : MS_NODEV), mount.propagation];
    });
}

/**
 * On the host's own file system Node is the one program that is surely installed; version managers keep it in a home directory, which a container doesn't see. So the binary and npm, not
 * what else is there, come along at their own paths.
 */
export function hostPrograms(node: string, exists: (path: string) => boolean = existsSync): string[] {
  if (/^\/(usr|bin|sbin|lib\w*)\//.test(node)) return [];
  return [node, join(dirname(dirname(node)), 'lib', 'node_modules')].filter(exists);
}
