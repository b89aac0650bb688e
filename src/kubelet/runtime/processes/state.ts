import { mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerConfig, SandboxConfig } from '../runtime.ts';
import { NO_GROUPS } from './cgroups.ts';
import type { ControlGroups } from './cgroups.ts';

/** What is kept of a sandbox, so that a later process finds it again. */
export interface SandboxRecord {
  readonly id: string;
  readonly config: SandboxConfig;
  readonly createdAt: number;
  readonly ip: string | undefined;
  readonly pause: ProcessIdentity;
  readonly stopped: boolean;
}

export interface ContainerRecord {
  readonly id: string;
  readonly sandboxId: string;
  readonly config: ContainerConfig;
  readonly createdAt: number;
  /** Why it could not be started. */
  readonly startError?: { readonly message: string; readonly at: number };
}

/** A process, told from a later one with its number by when it started (clock ticks since boot). */
export interface ProcessIdentity {
  readonly pid: number;
  readonly start: string;
}

/** What a running container's shim wrote. */
export interface Running {
  readonly shim: ProcessIdentity;
  readonly main: ProcessIdentity;
  readonly startedAt: number;
}

/** What an ended container's shim wrote. */
export interface Exit {
  readonly code: number;
  readonly signal: number;
  readonly at: number;
  readonly oomKills: number;
}

/** Where things are below a runtime's directory. Files hold environment values, so only the owner may read them. */
export function layout(directory: string) {
  const sandbox = (id: string, ...rest: string[]) => join(directory, 'sandboxes', id, ...rest);
  const container = (id: string, ...rest: string[]) => join(directory, 'containers', id, ...rest);
  const exits = join(directory, 'exits');
  return { directory, sandbox, container, exits, run: join(directory, 'run'), info: join(directory, 'runtime.json'), mask: join(directory, 'host-mask') };
}

export type Layout = ReturnType<typeof layout>;

export function prepare(places: Layout): void {
  for (const path of [places.directory, places.run, places.exits, join(places.directory, 'sandboxes'), join(places.directory, 'containers')]) mkdirSync(path, { recursive: true, mode: 0o700 });
}

/** What `cleanup` and a later process must know of the machine's things that are ours. */
export interface RuntimeInfo {
  readonly cgroupRoot: string;
  readonly groups: ControlGroups;
  readonly bridge: string | undefined;
}

export function writeInfo(places: Layout, info: RuntimeInfo): void {
  writeJson(places.info, { ...info, groups: { ...info.groups, mounts: [...info.groups.mounts] } });
}

export function readInfo(places: Layout): RuntimeInfo | undefined {
  const info = readJson<RuntimeInfo & { groups?: { mounts: [string, string][] } }>(places.info);
  return info && { ...info, groups: info.groups ? { ...info.groups, mounts: new Map(info.groups.mounts) } : NO_GROUPS };
}

/** Whole or not at all. */
export function writeJson(path: string, value: unknown): void {
  writeFileSync(`${path}.new`, JSON.stringify(value), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

export function readJson<T>(path: string): T | undefined {
  const text = readText(path);
  return text === undefined ? undefined : (JSON.parse(text) as T);
}

export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

export function readRunning(places: Layout, id: string): Running | undefined {
  const [shim, shimStart, main, mainStart, at] = readText(places.container(id, 'running'))?.trim().split(' ') ?? [];
  return shim && shimStart && main && mainStart ? { shim: { pid: Number(shim), start: shimStart }, main: { pid: Number(main), start: mainStart }, startedAt: Number(at) } : undefined;
}

export function readExit(places: Layout, id: string): Exit | undefined {
  const [code, signal, at, oomKills] = readText(join(places.exits, id))?.trim().split(' ').map(Number) ?? [];
  return code === undefined ? undefined : { code, signal: signal!, at: at!, oomKills: oomKills! };
}

export function writeExit(places: Layout, id: string, exit: Exit): void {
  const path = join(places.exits, id);
  writeFileSync(`${path}.new`, `${exit.code} ${exit.signal} ${exit.at} ${exit.oomKills}\n`);
  renameSync(`${path}.new`, path);
}

/** The pause process of a sandbox whose record was not written any more. */
export function readPause(places: Layout, id: string): ProcessIdentity | undefined {
  const [pid, start] = readText(places.sandbox(id, 'record'))?.trim().split(' ') ?? [];
  return pid && start ? { pid: Number(pid), start } : undefined;
}

export function names(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** Whether that very process still is (a zombie is not). */
export function isAlive(identity: ProcessIdentity): boolean {
  const stat = readText(`/proc/${identity.pid}/stat`);
  if (!stat) return false;
  const fields = stat.slice(stat.lastIndexOf(') ') + 2).split(' ');
  return fields[19] === identity.start && fields[0] !== 'Z' && fields[0] !== 'X';
}

/** Signals that very process; says whether it was there. */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isAlive(identity)) return false;
  try {
    process.kill(identity.pid, signal);
    return true;
  } catch {
    return false;
  }
}
