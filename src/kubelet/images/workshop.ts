import { mkdir, readFile, readdir, rename, rm } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import { isPrivileged } from '../../base/privileges.ts';
import type { Random } from '../../base/random.ts';
import type { ContainerConfig, Mount } from '../runtime/runtime.ts';
import { cleanup } from '../runtime/processes/cleanup.ts';
import { hostMask } from '../runtime/processes/host-mask.ts';
import { processesRuntime } from '../runtime/processes/processes.ts';
import type { ProcessesRuntime } from '../runtime/processes/processes.ts';
import type { Marks } from './layer.ts';
import type { LayerView } from './merged.ts';
import { isRunning } from './is-running.ts';

/** Where a build's commands run: a runtime of its own, started when first needed, beside the cluster's and independent of it. */
export interface Workshop {
  /** Makes an extracted layer's whiteouts and opaque directories. */
  mark(marks: Marks): Promise<void>;
  /** Runs a command on layers; its changes are moved to `draft`. `onOutput` gets its lines. */
  run(command: WorkshopCommand): Promise<{ exitCode: number; opaque: readonly string[] }>;
  /** The host's file system as layers (highest first): what of it a container may see. */
  hostViews(): Promise<readonly LayerView[]>;
  close(): Promise<void>;
}

export interface WorkshopCommand {
  /** Lowest first. */
  readonly layers: readonly string[];
  readonly host: boolean;
  readonly command: readonly string[];
  readonly env: readonly (readonly [string, string])[];
  readonly workingDir: string;
  readonly user: ContainerConfig['user'];
  readonly mounts: readonly Mount[];
  readonly draft: string;
  readonly onOutput: (line: string) => void;
  readonly signal: AbortSignal | undefined;
}

/** What Docker gives a build step, too. */
const CAPABILITIES = ['CHOWN', 'DAC_OVERRIDE', 'FSETID', 'FOWNER', 'MKNOD', 'NET_RAW', 'SETGID', 'SETUID', 'SETFCAP', 'SETPCAP', 'NET_BIND_SERVICE', 'SYS_CHROOT', 'KILL', 'AUDIT_WRITE'];
const UNLIMITED = { cpuShares: 1024, cpuQuota: undefined, memoryBytes: undefined, pids: undefined };

export function openWorkshop({ directory, cgroupRoot, clock, random }: { directory: string; cgroupRoot: string; clock: Clock; random: Random }): Workshop {
  const place = join(directory, `build-${process.pid}`);
  let started: Promise<ProcessesRuntime> | undefined;
  let views: Promise<readonly LayerView[]> | undefined;

  async function start(): Promise<ProcessesRuntime> {
    // What a killed build left goes first.
    for (const name of await readdir(directory)) {
      const pid = Number(/^build-(\d+)$/.exec(name)?.[1]);
      if (pid > 0 && (pid === process.pid || !isRunning(pid))) await cleanup(join(directory, name), clock);
    }
    return processesRuntime({ directory: place, cgroupRoot: `${cgroupRoot}-build-${process.pid}`, network: async () => ({ attach: () => Promise.reject(new Error('builds use the host\'s network')), detach: async () => {}, adopt: () => {} }), clock, random });
  }
  const runtime = () => (started ??= start());

  async function hostViews(): Promise<readonly LayerView[]> {
    const entries = await hostMask();
    const mask = join(directory, 'host-mask');
    await rm(mask, { recursive: true, force: true });
    await mkdir(mask, { recursive: true, mode: 0o755 });
    for (const [kind, mode, path] of entries) if (kind !== 'hide') await mkdir(join(mask, path), { recursive: true, mode });
    const paths = (wanted: string) => new Set(entries.filter(([kind]) => kind === wanted).map(([, , path]) => path));
    return [{ directory: mask, opaque: paths('empty') }, { directory: '/', opaque: new Set(), hidden: paths('hide') }];
  }

  return {
    hostViews: () => (views ??= hostViews()),
    async mark({ whiteouts, opaque }) {
      if (whiteouts.length + opaque.length === 0) return;
      await (await runtime()).launcher.request('marks', { whiteouts, opaque, xattr: isPrivileged ? 'trusted' : 'user' });
    },
    async run(step) {
      const machine = await runtime();
      const name = `build-${random.suffix(5)}`;
      const logPath = join(place, `${name}.log`);
      const sandbox = await machine.createSandbox({
        podUid: name, namespace: 'coracle', name, attempt: 0, hostname: 'buildkitsandbox', hostNetwork: true, hostPID: false, hostIPC: false, shareProcessNamespace: false,
        dns: hostDns(), hostAliases: [], sysctls: {}, cgroupParent: name, resources: UNLIMITED, labels: {}, logDirectory: place,
      });
      try {
        const id = await machine.createContainer(sandbox.id, {
          name: 'run', attempt: 0, image: { reference: name, id: name, layers: step.layers, host: step.host }, command: step.command, workingDir: step.workingDir, env: step.env, mounts: step.mounts, user: step.user,
          security: { privileged: false, readOnlyRootFilesystem: false, noNewPrivileges: false, capabilities: CAPABILITIES },
          resources: UNLIMITED, stdin: false, stdinOnce: false, tty: false, logPath, stopSignal: 'SIGTERM', oomScoreAdj: 0, labels: {},
        });
        let kill: (() => void) | undefined;
        const ended = new Promise<void>((resolve) => {
          const stop = machine.onEvent((event) => {
            if (event.type !== 'exited' || event.containerId !== id) return;
            stop();
            resolve();
          });
          kill = () => void machine.killContainer(id).catch(() => {});
          step.signal?.addEventListener('abort', kill);
        });
        await machine.startContainer(id);
        const readLog = logReader(logPath, step.onOutput);
        const over = ended.then(() => true);
        while (!(await Promise.race([over, clock.sleep(50)]))) await readLog();
        await readLog();
        if (kill) step.signal?.removeEventListener('abort', kill);
        step.signal?.throwIfAborted();
        const opaque = await machine.opaqueDirectories(id);
        await rm(step.draft, { recursive: true, force: true });
        await rename(machine.writableLayer(id), step.draft);
        return { exitCode: (await machine.containerStatus(id))?.exitCode ?? 1, opaque };
      } finally {
        await machine.removeSandbox(sandbox.id);
        await rm(logPath, { force: true });
      }
    },
    async close() {
      if (!started) return;
      await (await started).close();
      await cleanup(place, clock);
    },
  };
}

/** Reads a CRI log as it grows; each call passes the new lines on. */
function logReader(path: string, onLine: (line: string) => void): () => Promise<void> {
  let at = 0;
  let partial = '';
  return async () => {
    const bytes = await readFile(path).catch(() => Buffer.alloc(0));
    const end = bytes.lastIndexOf('\n') + 1;
    for (const line of bytes.subarray(at, end).toString().split('\n').slice(0, -1)) {
      const [, , flag = '', ...rest] = line.split(' ');
      partial += rest.join(' ');
      if (flag !== 'F') continue;
      onLine(partial);
      partial = '';
    }
    at = end;
  };
}

function hostDns(): { servers: string[]; searches: string[]; options: string[] } {
  let text = '';
  try {
    text = readFileSync('/etc/resolv.conf', 'utf8');
  } catch {
    // No resolver: the build then has none either.
  }
  const values = (key: string) => text.split('\n').filter((line) => line.startsWith(`${key} `)).flatMap((line) => line.split(/\s+/).slice(1).filter(Boolean));
  return { servers: values('nameserver'), searches: values('search'), options: values('options') };
}
