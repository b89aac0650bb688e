import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { realClock } from '../../../base/clock.ts';
import { systemRandom } from '../../../base/random.ts';
import type { ContainerConfig, SandboxConfig } from '../runtime.ts';
import { cleanup } from './cleanup.ts';
import { processesRuntime } from './processes.ts';
import type { ProcessesRuntime } from './processes.ts';

/** A runtime in a directory of its own, for tests and benchmarks; `again` is what a restart of Coracle does, `end` removes everything. */
export async function testRuntime(name: string, isolation: 'auto' | 'none' = 'auto'): Promise<{ directory: string; runtime: ProcessesRuntime; again(): Promise<ProcessesRuntime>; end(): Promise<void> }> {
  const directory = mkdtempSync(join(tmpdir(), `coracle-${name}-`));
  const tag = directory.slice(-6);
  const clock = realClock();
  // Two runtimes with the same addresses on one machine would take each other's packets.
  const net = `10.${128 + ([...tag].reduce((sum, char) => sum * 31 + char.charCodeAt(0), 7) % 120)}`;
  const open = () =>
    processesRuntime({
      directory,
      cgroupRoot: `coracle-${name}-${tag}`,
      clock,
      isolation,
      random: systemRandom(),
      network: { bridge: `cor-${tag}`, clusterCIDR: `${net}.0.0/16`, podCIDR: `${net}.0.0/20` },
    });
  let runtime = await open();
  return {
    directory,
    get runtime() {
      return runtime;
    },
    async again() {
      await runtime.close();
      runtime = await open();
      return runtime;
    },
    async end() {
      await runtime.close();
      await cleanup(directory, clock);
    },
  };
}

let serial = 0;

export function sandboxConfig(directory: string, changes: Partial<SandboxConfig> = {}): SandboxConfig {
  const podUid = `uid-${++serial}`;
  return {
    podUid,
    namespace: 'default',
    name: `pod-${serial}`,
    attempt: 0,
    hostname: `pod-${serial}`,
    hostNetwork: false,
    hostPID: false,
    hostIPC: false,
    shareProcessNamespace: false,
    dns: { servers: ['10.96.0.10'], searches: ['default.svc.cluster.local'], options: ['ndots:5'] },
    hostAliases: [],
    sysctls: {},
    cgroupParent: `kubepods/besteffort/pod${podUid}`,
    resources: { cpuShares: 2, cpuQuota: undefined, memoryBytes: undefined, pids: undefined },
    labels: {},
    logDirectory: join(directory, 'logs'),
    ...changes,
  };
}

/** Docker's default capabilities, which containerd gives as well. */
export const DEFAULT_CAPABILITIES = ['CHOWN', 'DAC_OVERRIDE', 'FSETID', 'FOWNER', 'MKNOD', 'NET_RAW', 'SETGID', 'SETUID', 'SETFCAP', 'SETPCAP', 'NET_BIND_SERVICE', 'SYS_CHROOT', 'KILL', 'AUDIT_WRITE'];

export function containerConfig(directory: string, command: readonly string[], changes: Partial<ContainerConfig> = {}): ContainerConfig {
  return {
    name: 'app',
    attempt: 0,
    image: { reference: 'host', id: 'host', layers: [], host: true },
    command,
    workingDir: '/',
    env: [],
    mounts: [],
    user: { uid: 0, gid: 0, supplementalGroups: [] },
    security: { privileged: false, readOnlyRootFilesystem: false, noNewPrivileges: true, capabilities: DEFAULT_CAPABILITIES },
    resources: { cpuShares: 2, cpuQuota: undefined, memoryBytes: undefined, pids: undefined },
    stdin: false,
    stdinOnce: false,
    tty: false,
    logPath: join(directory, 'logs', `${++serial}.log`),
    stopSignal: 'SIGTERM',
    oomScoreAdj: 1000,
    labels: {},
    ...changes,
  };
}
