import { PassThrough, Readable } from 'node:stream';
import type { Clock } from '../../base/clock.ts';
import type { ProbeRunner } from '../types.ts';
import { allGroups } from './groups.ts';
import { tooMuchMemory } from './runtime.ts';
import type { ContainerConfig, ContainerStatus, ExecSession, Runtime, RuntimeEvent, SandboxConfig, SandboxStatus } from './runtime.ts';

/** How a simulated pod behaves. Times are in milliseconds. */
export interface PodBehaviour {
  /** Until the sandbox is there; default 0. */
  readonly sandboxMs?: number;
  /** Rejects the sandbox with this text. */
  readonly sandboxError?: string;
  container(config: ContainerConfig): ContainerBehaviour;
}

export interface ContainerBehaviour {
  /** From start to running; default 0. */
  readonly startMs?: number;
  /** Fails to start with this text. */
  readonly startError?: string;
  /** From running until its probes succeed; default 0. Infinity = never. */
  readonly readyMs?: number;
  /** From running until it ends by itself; default never. */
  readonly runMs?: number;
  /** What it ends with by itself; default 0. */
  readonly exitCode?: number;
  /** From the stop signal to the end; Infinity = ignores it, and is killed. Default 0. */
  readonly stopMs?: number;
  /** What it ends with after a signal; default 143 (SIGTERM unhandled). */
  readonly stopCode?: number;
  /** Use at a moment, `runningMs` after it began to run. */
  usage?(at: number, runningMs: number): { readonly cpuMilli: number; readonly memoryBytes: number; /** Written outside of volumes. */ readonly diskBytes?: number };
  /** What its probes answer at a moment; overrides readyMs. */
  probe?(at: number, runningMs: number): boolean;
}

export interface SimulatedOptions {
  readonly clock: Clock;
  /** The behaviour of a pod; default: starts at once, is ready at once, runs for ever, uses nothing. */
  readonly model?: (config: SandboxConfig) => PodBehaviour;
  /** Addresses of its pods: `10.N.x.y`. Default 244. Nodes of one cluster take different blocks. */
  readonly addressBlock?: number;
  /** Names ids, so that several nodes differ. Default `sim`. */
  readonly name?: string;
}

/** A runtime on a (virtual) clock, and what answers its pods' probes. */
export interface SimulatedRuntime extends Runtime {
  readonly probes: ProbeRunner;
  /** Ends a running container as if by itself: a crash. */
  crash(containerId: string, exitCode: number, reason?: string): void;
  /** Loses a sandbox, as a reboot does. */
  loseSandbox(id: string): void;
}

interface SimContainer {
  readonly config: ContainerConfig;
  readonly behaviour: ContainerBehaviour;
  readonly sandboxId: string;
  status: ContainerStatus;
  end?: { cancel(): void };
  cpuNanoseconds: number;
  measuredAt: number;
}

interface SimSandbox {
  readonly behaviour: PodBehaviour;
  status: Omit<SandboxStatus, 'containers'>;
  readonly containers: SimContainer[];
}

/** Pods that exist only in time: each starts, gets ready, uses CPU and memory, and ends as its model says. Nothing touches the machine. */
export function simulatedRuntime(options: SimulatedOptions): SimulatedRuntime {
  const { clock, name = 'sim', addressBlock = 244 } = options;
  const model: (config: SandboxConfig) => PodBehaviour = options.model ?? (() => ({ container: () => ({}) }));
  const sandboxes = new Map<string, SimSandbox>();
  const containers = new Map<string, SimContainer>();
  const handlers = new Set<(event: RuntimeEvent) => void>();
  let serial = 0;
  let address = 0;

  const emit = (type: RuntimeEvent['type'], sandboxId: string, containerId?: string) => {
    for (const handler of handlers) handler({ type, sandboxId, containerId });
  };
  const wait = (ms: number) => (ms > 0 ? clock.sleep(ms) : Promise.resolve());
  const nextIp = () => `10.${addressBlock}.${(++address >> 8) & 255}.${address & 255}`;
  const find = (id: string): SimContainer => {
    const found = containers.get(id);
    if (!found) throw new Error(`container ${id} not found`);
    return found;
  };
  const measure = (c: SimContainer) => {
    const now = clock.now();
    const since = c.status.startedAt ?? now;
    const usage = c.behaviour.usage?.(now, now - since) ?? { cpuMilli: 0, memoryBytes: 0 };
    c.cpuNanoseconds += usage.cpuMilli * (now - c.measuredAt) * 1000;
    c.measuredAt = now;
    return usage;
  };
  const finish = (c: SimContainer, exitCode: number, reason?: string) => {
    if (c.status.state === 'exited') return;
    c.end?.cancel();
    c.status = { ...c.status, state: 'exited', exitCode, finishedAt: clock.now(), pid: undefined, reason: reason ?? (exitCode === 0 ? 'Completed' : 'Error') };
    emit('exited', c.sandboxId, c.status.id);
  };
  const view = (s: SimSandbox): SandboxStatus => ({ ...s.status, containers: s.containers.map((c) => c.status) });

  return {
    name: 'simulated',
    version: '1.0.0',
    limitations: [],
    ownUsers: true,
    list: async () => [...sandboxes.values()].map(view),

    async createSandbox(config) {
      const behaviour = model(config);
      await wait(behaviour.sandboxMs ?? 0);
      if (behaviour.sandboxError !== undefined) throw new Error(behaviour.sandboxError);
      const id = `${name}-sandbox-${++serial}`;
      const { podUid, namespace, name: podName, attempt } = config;
      const sandbox: SimSandbox = {
        behaviour,
        status: { id, podUid, namespace, name: podName, attempt, state: 'ready', createdAt: clock.now(), ip: config.hostNetwork ? undefined : nextIp() },
        containers: [],
      };
      sandboxes.set(id, sandbox);
      return view(sandbox);
    },
    async stopSandbox(id) {
      const sandbox = sandboxes.get(id);
      if (!sandbox) return;
      for (const c of sandbox.containers) if (c.status.state === 'running') finish(c, 137);
      sandbox.status = { ...sandbox.status, state: 'notready' };
    },
    async removeSandbox(id) {
      for (const c of sandboxes.get(id)?.containers ?? []) {
        c.end?.cancel();
        containers.delete(c.status.id);
      }
      sandboxes.delete(id);
    },

    async createContainer(sandboxId, config) {
      const sandbox = sandboxes.get(sandboxId);
      if (!sandbox || sandbox.status.state !== 'ready') throw new Error(`sandbox ${sandboxId} is not ready`);
      const id = `${name}-${++serial}`;
      const container: SimContainer = {
        config, sandboxId, behaviour: sandbox.behaviour.container(config), cpuNanoseconds: 0, measuredAt: clock.now(),
        status: {
          id, name: config.name, attempt: config.attempt, state: 'created', image: config.image.reference, imageId: config.image.id, createdAt: clock.now(),
          startedAt: undefined, finishedAt: undefined, exitCode: undefined, reason: undefined, message: undefined, pid: undefined, labels: config.labels, logPath: config.logPath,
          user: { ...config.user, supplementalGroups: allGroups(config.user) },
        },
      };
      containers.set(id, container);
      sandbox.containers.unshift(container);
      return id;
    },
    async startContainer(id) {
      const c = find(id);
      await wait(c.behaviour.startMs ?? 0);
      if (c.behaviour.startError !== undefined) {
        c.status = { ...c.status, state: 'exited', exitCode: 128, reason: 'StartError', message: c.behaviour.startError, finishedAt: clock.now() };
        throw new Error(c.behaviour.startError);
      }
      c.status = { ...c.status, state: 'running', startedAt: clock.now() };
      c.measuredAt = clock.now();
      const { runMs } = c.behaviour;
      if (runMs !== undefined && Number.isFinite(runMs)) c.end = clock.after(runMs, () => finish(c, c.behaviour.exitCode ?? 0));
      emit('started', c.sandboxId, id);
    },
    async signalContainer(id, signal) {
      const c = find(id);
      if (c.status.state !== 'running') return;
      if (signal === 'SIGKILL') return finish(c, 137);
      const { stopMs = 0, stopCode = 143 } = c.behaviour;
      if (!Number.isFinite(stopMs)) return;
      c.end?.cancel();
      c.end = clock.after(stopMs, () => finish(c, stopCode));
    },
    async killContainer(id) {
      const c = containers.get(id);
      if (c?.status.state === 'running') finish(c, 137);
    },
    async removeContainer(id) {
      const c = containers.get(id);
      if (!c) return;
      if (c.status.state === 'running') throw new Error(`container ${id} is running`);
      containers.delete(id);
      const siblings = sandboxes.get(c.sandboxId)?.containers;
      siblings?.splice(siblings.indexOf(c), 1);
    },
    async updateContainer(id, { labels }) {
      const c = find(id);
      if (c.status.state !== 'running') throw new Error(`container ${id} is not running`);
      c.status = { ...c.status, labels: { ...c.status.labels, ...labels } };
    },
    async updateSandbox(id, { memoryBytes }) {
      const sandbox = sandboxes.get(id);
      if (!sandbox) throw new Error(`sandbox ${id} not found`);
      const used = sandbox.containers.filter((c) => c.status.state === 'running').reduce((sum, c) => sum + measure(c).memoryBytes, 0);
      if (memoryBytes !== undefined && used >= memoryBytes) throw new Error(tooMuchMemory(sandbox.status.name));
    },
    containerStatus: async (id) => containers.get(id)?.status,
    onEvent(handler) {
      handlers.add(handler);
      return () => void handlers.delete(handler);
    },

    async exec(id) {
      if (find(id).status.state !== 'running') throw new Error(`container ${id} is not running`);
      return endedSession('simulated containers run no programs\n', 126);
    },
    async attach(id) {
      if (find(id).status.state !== 'running') throw new Error(`container ${id} is not running`);
      return endedSession('', 0);
    },
    async portForward() {
      throw new Error('simulated containers listen on no port');
    },

    async stats(id) {
      const c = containers.get(id);
      if (c?.status.state !== 'running') return undefined;
      const { memoryBytes } = measure(c);
      return { at: clock.now(), cpuNanoseconds: Math.round(c.cpuNanoseconds), memoryUsageBytes: memoryBytes, memoryWorkingSetBytes: memoryBytes, oomKills: 0 };
    },
    async writtenBytes(id) {
      const c = containers.get(id);
      const now = clock.now();
      return (c?.status.state === 'running' && c.behaviour.usage?.(now, now - (c.status.startedAt ?? now)).diskBytes) || 0;
    },
    async close() {
      handlers.clear();
      for (const c of containers.values()) c.end?.cancel();
    },

    probes: {
      async run({ containerId }) {
        const c = containers.get(containerId);
        const now = clock.now();
        if (c?.status.state !== 'running') return { result: 'failure', output: 'the container does not run' };
        const running = now - c.status.startedAt!;
        const good = c.behaviour.probe ? c.behaviour.probe(now, running) : running >= (c.behaviour.readyMs ?? 0);
        return good ? { result: 'success', output: '' } : { result: 'failure', output: 'the model says: not ready' };
      },
    },
    crash(id, exitCode, reason) {
      const c = find(id);
      if (c.status.state === 'running') finish(c, exitCode, reason);
    },
    loseSandbox(id) {
      const sandbox = sandboxes.get(id);
      if (!sandbox) return;
      sandbox.status = { ...sandbox.status, state: 'notready' };
      for (const c of sandbox.containers) if (c.status.state === 'running') finish(c, 137);
      emit('sandbox-gone', id);
    },
  };
}

function endedSession(text: string, code: number): ExecSession {
  return { stdin: new PassThrough(), stdout: Readable.from([]), stderr: Readable.from(text === '' ? [] : [text]), resize() {}, exit: Promise.resolve(code), kill() {} };
}
