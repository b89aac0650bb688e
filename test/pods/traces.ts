import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { bridgeName } from '../../src/kubelet/runtime/processes/pod-network.ts';

/** What a cluster has on this machine, by kind; each entry says what it is. */
export interface Traces {
  readonly processes: readonly string[];
  readonly mounts: readonly string[];
  readonly namespaces: readonly string[];
  readonly groups: readonly string[];
  readonly links: readonly string[];
  readonly addresses: readonly string[];
  readonly routes: readonly string[];
}

/** Looks at the machine itself, not at what the cluster says it has. */
export function tracesOf(directory: string, name: string): Traces {
  const processes: string[] = [];
  const namespaces = new Set<string>();
  const own = readlink('/proc/self/ns/net');
  for (const pid of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    if (!read(`/proc/${pid}/cgroup`).includes(`/coracle-${name}-`)) continue;
    processes.push(`${pid} ${read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').slice(0, 80)}`);
    const net = readlink(`/proc/${pid}/ns/net`);
    if (net !== own && net !== '') namespaces.add(net);
  }
  const bridge = bridgeName(directory);
  return {
    processes,
    mounts: read('/proc/self/mountinfo').split('\n').filter((line) => line.includes(directory)).map((line) => line.split(' ')[4] ?? ''),
    namespaces: [...namespaces],
    groups: groupsOf(name),
    links: readdirSync('/sys/class/net').filter((link) => link === bridge || readlink(`/sys/class/net/${link}/master`).endsWith(`/${bridge}`)),
    routes: routesOf(directory),
    addresses: (networkInterfaces()[bridge] ?? []).map((info) => info.address),
  };
}

/** How many of each. */
export function count(traces: Traces): Record<keyof Traces, number> {
  return Object.fromEntries(Object.entries(traces).map(([kind, entries]) => [kind, (entries as readonly string[]).length])) as Record<keyof Traces, number>;
}

/** The Service range, which is made this machine's own. */
function routesOf(directory: string): string[] {
  const range = (JSON.parse(read(join(directory, 'addresses.json')) || '{}') as { serviceCidr?: string }).serviceCidr;
  return execFileSync('ip', ['route', 'show', 'table', 'local'], { encoding: 'utf8' }).split('\n').filter((line) => range !== undefined && line.includes(range));
}

function groupsOf(name: string): string[] {
  const found: string[] = [];
  const walk = (directory: string, depth: number) => {
    for (const entry of entries(directory)) {
      const path = join(directory, entry);
      if (entry.startsWith(`coracle-${name}-`)) found.push(path, ...below(path));
      else if (depth > 0) walk(path, depth - 1);
    }
  };
  walk('/sys/fs/cgroup', 1);
  return found;
}

function below(directory: string): string[] {
  return entries(directory).flatMap((entry) => [join(directory, entry), ...below(join(directory, entry))]);
}

/** Its directories. */
function entries(directory: string): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  } catch {
    return [];
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function readlink(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
