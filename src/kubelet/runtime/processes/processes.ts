import { closeSync, constants, mkdirSync, openSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { availableParallelism, release } from 'node:os';
import { join } from 'node:path';
import type { Clock, Timer } from '../../../base/clock.ts';
import type { Random } from '../../../base/random.ts';
import { directorySize } from '../../directory-size.ts';
import { tooMuchMemory } from '../runtime.ts';
import type { Runtime, RuntimeEvent, SandboxStatus } from '../runtime.ts';
import { NO_ISOLATION, findAbilities } from './abilities.ts';
import { groupProcs, killGroup, makeGroup, oomFile, readMemory, readUsage, removeGroup, updateGroup, updateGroupSoon } from './cgroups.ts';
import { hostsFile, resolvConf } from './etc-files.ts';
import { hostMask, maskText } from './host-mask.ts';
import { decode, superviseLauncher } from './launcher/launcher.ts';
import type { Launcher } from './launcher/launcher.ts';
import { limiter } from './limiter.ts';
import { bridgeNetwork, loopbackNetwork } from './pod-network.ts';
import type { BridgeOptions, PodNetwork } from './pod-network.ts';
import { processTreeUsage } from './process-tree.ts';
import { removeTree } from './remove-tree.ts';
import { connectTo, openSession } from './session.ts';
import { containerStatus, sandboxStatus } from './status.ts';
import { identityFields, sandboxFlags, startFields } from './start-request.ts';
import { isAlive, layout, names, prepare, readExit, readInfo, readJson, readPause, readRunning, signalProcess, writeExit, writeInfo, writeJson } from './state.ts';
import type { ContainerRecord, Exit, Running, SandboxRecord } from './state.ts';

export interface ProcessesOptions {
  /** Where state, writable layers and sockets are; one runtime at a time. */
  readonly directory: string;
  /** Top control group of ours; everything we start is below it. Begins with `coracle`. */
  readonly cgroupRoot: string;
  /** Addresses for pods: a bridge of our own, or somebody else's network. */
  readonly network: BridgeOptions | ((launcher: Launcher) => Promise<PodNetwork>);
  readonly clock: Clock;
  readonly random: Random;
  /** `none`: no namespaces at all, though the machine would allow them. Default `auto`: as much as it allows. */
  readonly isolation?: 'auto' | 'none';
}

/** The runtime, and the helper that others (image builds) may fork through as well. */
export interface ProcessesRuntime extends Runtime {
  readonly launcher: Launcher;
  /** What an ended container wrote, as an overlay's upper directory; the caller may move it away before the container is removed. */
  writableLayer(containerId: string): string;
  /** Directories of it, from `/` on, that hide what the layers below have there. */
  opaqueDirectories(containerId: string): Promise<readonly string[]>;
}

/** How often it looks after sandboxes and containers that an earlier process started; for its own it is told. */
const CHECK_ADOPTED_MS = 2000;

interface Sandbox {
  record: SandboxRecord;
  adopted: boolean;
}

interface Container {
  record: ContainerRecord;
  running: Running | undefined;
  exit: Exit | undefined;
  adopted: boolean;
}

/**
 * Pods as Linux processes: namespaces, control groups and overlays made by one small helper. What it starts outlives this process; a second call with the same directory finds it again.
 * Rejects when there is no perl, or the bridge can't be made.
 */
export async function processesRuntime(options: ProcessesOptions): Promise<ProcessesRuntime> {
  const { clock, random } = options;
  const places = layout(options.directory);
  prepare(places);
  const sandboxes = new Map<string, Sandbox>();
  const containers = new Map<string, Container>();
  const byPid = new Map<number, { sandbox: string; container?: string }>();
  const handlers = new Set<(event: RuntimeEvent) => void>();
  const exitWaiters = new Map<string, Set<() => void>>();
  let check: Timer | undefined;
  let maskWritten: Promise<void> | undefined;
  let closed = false;

  const { rootless, groups, limitations: found } = findAbilities(options.isolation, readInfo(places)?.groups);
  const systemGroup = `${options.cgroupRoot}/system`;
  makeGroup(groups, systemGroup, undefined, true);
  const bridge = typeof options.network === 'function' ? undefined : options.network;
  writeInfo(places, { cgroupRoot: options.cgroupRoot, groups, bridge: rootless ? undefined : bridge?.bridge });
  const launcher = await superviseLauncher(options.directory, groupProcs(groups, systemGroup), watchOrphans);
  const plain = rootless && (options.isolation === 'none' || !(await launcher.request('probe', {}).then(() => true, () => false)));
  const limitations = plain ? [...found, NO_ISOLATION] : found;
  const network = typeof options.network === 'function' ? await options.network(launcher) : rootless ? loopbackNetwork(options.network) : await bridgeNetwork(launcher, options.network);
  // Sockets are reached by way of this descriptor: their own paths may be longer than the 108 bytes that the kernel takes.
  const run = openSync(places.run, constants.O_RDONLY | constants.O_DIRECTORY);
  const socketPath = (name: string) => `/proc/self/fd/${run}/${name}.sock`;

  // Namespaces and control groups are made under locks of the whole kernel: many at once only make each other, and whatever else runs, slower.
  const inTurn = limiter(2 * availableParallelism());

  const newId = () => random.uuid().replaceAll('-', '') + random.uuid().replaceAll('-', '');
  const emit = (event: RuntimeEvent) => {
    for (const handler of handlers) handler(event);
  };
  const sandboxOf = (id: string): Sandbox => sandboxes.get(id) ?? missing('sandbox', id);
  const containerOf = (id: string): Container => containers.get(id) ?? missing('container', id);
  const podGroup = (record: SandboxRecord) => `${options.cgroupRoot}/${record.config.cgroupParent}`;
  const sandboxGroup = (record: SandboxRecord) => `${podGroup(record)}/${record.id}`;
  const containerGroup = (record: ContainerRecord) => `${podGroup(sandboxOf(record.sandboxId).record)}/${record.id}`;
  const containersIn = (sandboxId: string) => [...containers.values()].filter(({ record }) => record.sandboxId === sandboxId);

  function noteExit(id: string, exit = readExit(places, id)): void {
    const container = containers.get(id);
    // One that ends before its start is answered for is looked at again then: an end without a start would be shown as one of 1970.
    if (!container?.running || container.exit || !exit) return;
    container.exit = exit;
    byPid.delete(container.running.shim.pid);
    for (const done of exitWaiters.get(id) ?? []) done();
    exitWaiters.delete(id);
    emit({ type: 'exited', sandboxId: container.record.sandboxId, containerId: id });
  }

  /** A shim that died without its last word took the exit code with it. */
  async function shimLost(id: string): Promise<void> {
    noteExit(id);
    const container = containers.get(id);
    if (!container || container.exit || !container.running) return;
    killMain(container.running);
    await killGroup(groups, containerGroup(container.record), clock);
    const lost = { code: 137, signal: 9, at: clock.now(), oomKills: 0 };
    try {
      if (containers.has(id) && !readExit(places, id)) writeExit(places, id, lost);
    } finally {
      // On a full disk it is known here at least.
      noteExit(id, readExit(places, id) ?? lost);
    }
  }

  function pauseLost(id: string): void {
    const sandbox = sandboxes.get(id);
    if (!sandbox || sandbox.record.stopped) return;
    markStopped(sandbox);
    emit({ type: 'sandbox-gone', sandboxId: id, containerId: undefined });
  }

  function markStopped(sandbox: Sandbox): void {
    byPid.delete(sandbox.record.pause.pid);
    sandbox.record = { ...sandbox.record, stopped: true };
    writeJson(places.sandbox(sandbox.record.id, 'state.json'), sandbox.record);
  }

  launcher.onGone((pid) => {
    const owner = byPid.get(pid);
    if (!owner) return;
    byPid.delete(pid);
    if (owner.container) void shimLost(owner.container).catch(() => {});
    else pauseLost(owner.sandbox);
  });
  const watcher = watch(places.exits, (_kind, name) => {
    if (name) noteExit(name);
    else for (const id of containers.keys()) noteExit(id);
  });

  /** What a dead helper forked is nobody's child that would be told of its end; it is looked after as if adopted. */
  function watchOrphans(): void {
    for (const sandbox of sandboxes.values()) sandbox.adopted = true;
    for (const container of containers.values()) container.adopted = true;
    check?.cancel();
    checkAdopted();
  }

  function checkAdopted(): void {
    let left = false;
    for (const { record, adopted } of sandboxes.values()) {
      if (!adopted || record.stopped) continue;
      left = true;
      if (!isAlive(record.pause)) pauseLost(record.id);
    }
    for (const container of containers.values()) {
      if (!container.adopted || !container.running || container.exit) continue;
      left = true;
      if (!isAlive(container.running.shim)) void shimLost(container.record.id).catch(() => {});
    }
    if (left && !closed) check = clock.after(CHECK_ADOPTED_MS, checkAdopted);
  }

  /** Finds what an earlier process left running, and clears what it had half made. */
  async function adopt(): Promise<void> {
    for (const id of names(join(options.directory, 'sandboxes'))) {
      const record = readJson<SandboxRecord>(places.sandbox(id, 'state.json'));
      if (!record) {
        const pause = readPause(places, id);
        if (pause) signalProcess(pause, 'SIGKILL');
        await removeTree(places.sandbox(id));
        continue;
      }
      sandboxes.set(id, { record, adopted: true });
      if (record.ip && !record.stopped) network.adopt(id, record.ip);
    }
    for (const id of names(join(options.directory, 'containers'))) {
      const record = readJson<ContainerRecord>(places.container(id, 'state.json'));
      if (!record || !sandboxes.has(record.sandboxId)) {
        const left = readRunning(places, id);
        if (left) signalProcess(left.main, 'SIGKILL');
        await removeTree(places.container(id));
        continue;
      }
      containers.set(id, { record, running: readRunning(places, id), exit: readExit(places, id), adopted: true });
    }
    for (const name of names(places.exits)) if (!containers.has(name)) rmSync(join(places.exits, name), { force: true });
    for (const name of names(places.run)) if (!containers.has(name.replace(/\.sock$/, ''))) rmSync(join(places.run, name), { force: true });
    checkAdopted();
  }

  const statusOfSandbox = ({ record }: Sandbox): SandboxStatus => sandboxStatus(record, containersIn(record.id), !rootless);

  const exited = (container: Container): Promise<void> =>
    new Promise((resolve) => {
      if (container.exit || !container.running) return resolve();
      const { id } = container.record;
      const waiters = exitWaiters.get(id) ?? new Set();
      exitWaiters.set(id, waiters.add(resolve));
    });

  /** Without control groups, what the main process started is found by its process group. */
  function killMain({ main }: Running): void {
    if (signalProcess(main, 'SIGKILL') && groups.version === 0) signalGroup(main.pid);
  }

  async function killContainer(id: string): Promise<void> {
    const container = containerOf(id);
    if (!container.running || container.exit) return;
    // PID 1 of a process namespace takes everything in it along; the group holds the rest where the namespace is shared.
    killMain(container.running);
    await Promise.all([exited(container), killGroup(groups, containerGroup(container.record), clock)]);
  }

  async function stopSandbox(id: string): Promise<void> {
    const sandbox = sandboxes.get(id);
    if (!sandbox) return;
    await Promise.all(containersIn(id).map(({ record }) => killContainer(record.id)));
    if (!sandbox.record.stopped) markStopped(sandbox);
    signalProcess(sandbox.record.pause, 'SIGKILL');
    await killGroup(groups, sandboxGroup(sandbox.record), clock);
    await network.detach(id);
  }

  async function removeContainer(id: string): Promise<void> {
    const container = containers.get(id);
    if (!container) return;
    await killContainer(id);
    await removeGroup(groups, containerGroup(container.record), clock);
    containers.delete(id);
    await removeTree(places.container(id));
    await rm(join(places.exits, id), { force: true });
    await rm(join(places.run, `${id}.sock`), { force: true });
  }

  function processNamespace(sandbox: SandboxRecord, target: string | undefined): string | number {
    if (target) {
      const main = containers.get(target)?.running?.main;
      if (!main || containers.get(target)?.exit) throw new Error(`target container "${target}" is not running`);
      return main.pid;
    }
    return sandbox.config.hostPID || plain ? 'host' : sandbox.config.shareProcessNamespace ? sandbox.pause.pid : 'new';
  }

  async function liveMain(id: string): Promise<{ container: Container; running: Running }> {
    const container = containerOf(id);
    if (!container.running || container.exit) throw new Error('container is not running');
    return { container, running: container.running };
  }

  await adopt();

  return {
    name: 'processes',
    version: release(),
    limitations,
    ownUsers: !rootless,
    launcher,
    list: async () => [...sandboxes.values()].map(statusOfSandbox),

    async createSandbox(config) {
      // Without root every pod is in a user namespace anyway.
      if (config.userNamespace && (!rootless || plain)) throw new Error('hostUsers: false is not supported by the processes runtime: as root it gives pods no user namespace of their own');
      if (plain && Object.keys(config.sysctls).length > 0) throw new Error('sysctls are not supported without namespaces: they would be the whole machine\'s');
      const id = newId();
      mkdirSync(places.sandbox(id, 'shm'), { recursive: true, mode: 0o700 });
      const draft = { id, config, createdAt: clock.now(), ip: undefined, pause: { pid: 0, start: '' }, stopped: false } satisfies SandboxRecord;
      let pause = { pid: 0, start: '' };
      try {
        makeGroup(groups, podGroup(draft), config.resources, false);
        makeGroup(groups, sandboxGroup(draft), undefined, true);
        const [pid = '', start = ''] = await inTurn(() => launcher.request('sandbox', {
          title: `${config.namespace}/${config.name}`,
          flags: plain ? 0 : sandboxFlags(config, rootless),
          userns: rootless && !plain,
          pidns: config.shareProcessNamespace && !config.hostPID && !plain,
          hostname: config.hostname,
          procs: groupProcs(groups, sandboxGroup(draft)),
          record: places.sandbox(id, 'record'),
          shm: places.sandbox(id, 'shm'),
          sysctls: Object.entries(config.sysctls).map(([key, value]) => [key.replaceAll('.', '/'), value]),
        }));
        pause = { pid: Number(pid), start };
        byPid.set(pause.pid, { sandbox: id });
        const ip = config.hostNetwork ? undefined : (await inTurn(() => network.attach(id, pause.pid))).ip;
        const hostFile = config.hostNetwork ? readFileSync('/etc/hosts', 'utf8') : '';
        for (const [name, text] of [['resolv.conf', resolvConf(config.dns)], ['hosts', hostsFile(config, ip, hostFile)], ['hostname', `${config.hostname}\n`]] as const) writeFileSync(places.sandbox(id, name), text, { mode: 0o644 });
        const sandbox: Sandbox = { record: { ...draft, ip, pause }, adopted: false };
        writeJson(places.sandbox(id, 'state.json'), sandbox.record);
        sandboxes.set(id, sandbox);
        return statusOfSandbox(sandbox);
      } catch (error) {
        byPid.delete(pause.pid);
        signalProcess(pause, 'SIGKILL');
        await network.detach(id);
        await removeGroup(groups, sandboxGroup(draft), clock).catch(() => {});
        await removeTree(places.sandbox(id));
        throw error;
      }
    },

    stopSandbox,

    async removeSandbox(id) {
      const sandbox = sandboxes.get(id);
      if (!sandbox) return;
      await stopSandbox(id);
      await Promise.all(containersIn(id).map(({ record }) => removeContainer(record.id)));
      await removeGroup(groups, sandboxGroup(sandbox.record), clock);
      sandboxes.delete(id);
      // The pod's group is shared with a sandbox that may already have taken this one's place.
      const shared = [...sandboxes.values()].some(({ record }) => record.config.cgroupParent === sandbox.record.config.cgroupParent);
      if (!shared) await removeGroup(groups, podGroup(sandbox.record), clock);
      await removeTree(places.sandbox(id));
    },

    async createContainer(sandboxId, config) {
      sandboxOf(sandboxId);
      const { seccompProfile, appArmorProfile } = config.security;
      if (seccompProfile?.startsWith('localhost/')) throw new Error(`seccomp profile "${seccompProfile}" cannot be applied: the processes runtime has none of the node's own; RuntimeDefault and Unconfined are accepted`);
      if (appArmorProfile !== undefined) throw new Error(`AppArmor profile "${appArmorProfile}" cannot be applied: the processes runtime has no AppArmor profiles; RuntimeDefault and Unconfined are accepted`);
      const id = newId();
      mkdirSync(places.container(id, 'scratch'), { recursive: true, mode: 0o700 });
      const record: ContainerRecord = { id, sandboxId, config, createdAt: clock.now() };
      writeJson(places.container(id, 'state.json'), record);
      containers.set(id, { record, running: undefined, exit: undefined, adopted: false });
      return id;
    },

    async startContainer(id) {
      const container = containerOf(id);
      if (container.running || container.record.startError) throw new Error(`container ${id} was started before`);
      const sandbox = sandboxOf(container.record.sandboxId).record;
      try {
        if (sandbox.stopped) throw new Error('sandbox is not running');
        if (container.record.config.image.host && !plain) await (maskWritten ??= hostMask().then((entries) => writeFileSync(places.mask, maskText(entries))));
        const pidns = processNamespace(sandbox, container.record.config.targetContainerId);
        const fields = startFields(places, groups, containerGroup(container.record), sandbox, container.record, { rootless, plain, pidns, secret: newId() });
        const [shim, shimStart, main, mainStart, at] = await inTurn(() => launcher.request('start', fields));
        container.running = { shim: { pid: Number(shim), start: shimStart! }, main: { pid: Number(main), start: mainStart! }, startedAt: Number(at) };
      } catch (error) {
        // The words of runc and containerd, which people search for.
        const message = `failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: ${(error as Error).message}: unknown`;
        container.record = { ...container.record, startError: { message, at: clock.now() } };
        writeJson(places.container(id, 'state.json'), container.record);
        throw new Error(message, { cause: error });
      }
      byPid.set(container.running.shim.pid, { sandbox: sandbox.id, container: id });
      emit({ type: 'started', sandboxId: sandbox.id, containerId: id });
      noteExit(id);
    },

    async signalContainer(id, signal) {
      const { running, exit } = containerOf(id);
      if (running && !exit) signalProcess(running.main, signal);
    },

    killContainer,

    removeContainer,

    async updateContainer(id, { resources, labels }) {
      const { container } = await liveMain(id);
      updateGroup(groups, containerGroup(container.record), resources);
      const { config } = container.record;
      container.record = { ...container.record, config: { ...config, resources: { ...resources, pids: config.resources.pids }, labels: { ...config.labels, ...labels } } };
      writeJson(places.container(id, 'state.json'), container.record);
    },

    async updateSandbox(id, resources) {
      const sandbox = sandboxOf(id);
      const used = await readMemory(groups, podGroup(sandbox.record));
      if (used !== undefined && resources.memoryBytes !== undefined && used >= resources.memoryBytes) throw new Error(tooMuchMemory(sandbox.record.config.name));
      // Version 1 lets no group have less than what is below it, be that used or not.
      await Promise.all(containersIn(id).filter(({ exit }) => exit).map(({ record }) => removeGroup(groups, containerGroup(record), clock)));
      await updateGroupSoon(groups, podGroup(sandbox.record), resources, clock);
      sandbox.record = { ...sandbox.record, config: { ...sandbox.record.config, resources } };
      writeJson(places.sandbox(id, 'state.json'), sandbox.record);
    },

    containerStatus: async (id) => {
      const container = containers.get(id);
      return container && containerStatus(container, !rootless);
    },

    onEvent(handler) {
      handlers.add(handler);
      return () => void handlers.delete(handler);
    },

    async exec(containerId, command, { tty, stdin }) {
      const { container, running } = await liveMain(containerId);
      const id = newId();
      const sandbox = sandboxOf(container.record.sandboxId).record;
      try {
        // Root of a namespace of one user can't give files away: `kubectl cp` unpacks with tar as root, and would fail for every file.
        const env = rootless ? [['TAR_OPTIONS', '--no-same-owner'] as const] : [];
        await launcher.request('exec', {
          ...identityFields(sandbox, container.record, rootless, env),
          id,
          title: `${sandbox.config.namespace}/${sandbox.config.name}/${container.record.config.name}`,
          pid: running.main.pid,
          start_time: running.main.start,
          procs: groupProcs(groups, containerGroup(container.record)),
          command,
          tty,
          stdin,
        });
      } catch (error) {
        throw new Error(`OCI runtime exec failed: exec failed: unable to start container process: ${(error as Error).message}: unknown`, { cause: error });
      }
      return openSession(await connectTo(socketPath(id)), { tty, stdin, again: () => connectTo(socketPath(id)) });
    },

    async attach(containerId, { stdin }) {
      const { container } = await liveMain(containerId);
      return openSession(await connectTo(socketPath(containerId)), { tty: container.record.config.tty, stdin: stdin && container.record.config.stdin });
    },

    async portForward(sandboxId, port) {
      const { record } = sandboxOf(sandboxId);
      if (record.stopped) throw new Error(`sandbox ${sandboxId} is not running`);
      const id = newId();
      await launcher.request('forward', { id, title: `${record.config.namespace}/${record.config.name}`, pause: record.pause.pid, port, userns: rootless, address: rootless && record.ip ? record.ip : '127.0.0.1' });
      const socket = await connectTo(socketPath(id));
      return { readable: socket, writable: socket };
    },

    async stats(containerId) {
      const container = containers.get(containerId);
      if (!container?.running || container.exit) return undefined;
      const usage = oomFile(groups, '') === undefined ? processTreeUsage(container.running.main.pid) : await readUsage(groups, containerGroup(container.record));
      return usage && { at: clock.now(), ...usage };
    },

    async writtenBytes(containerId) {
      const own = places.container(containerId);
      // Without root every part of the host's tree has an upper directory of its own.
      const sizes = names(own).filter((name) => /^upper(-|$)/.test(name)).map((name) => directorySize(join(own, name)));
      return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
    },

    writableLayer: (id) => places.container(containerOf(id).record.id, 'upper'),
    async opaqueDirectories(id) {
      const upper = places.container(containerOf(id).record.id, 'upper');
      const entries = await readdir(upper, { recursive: true, withFileTypes: true });
      const paths = entries.filter((entry) => entry.isDirectory()).map((entry) => join(entry.parentPath ?? entry.path, entry.name));
      const result = places.container(id, 'opaque');
      await launcher.request('opaque', { paths, result, xattr: rootless ? 'user' : 'trusted' });
      return decode(readFileSync(result)).map((path) => path.slice(upper.length));
    },

    async close() {
      closed = true;
      check?.cancel();
      watcher.close();
      handlers.clear();
      await launcher.close();
      closeSync(run);
    },
  };
}

function signalGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody left in it.
  }
}

function missing(what: string, id: string): never {
  throw new Error(`${what} "${id}" not found`);
}
