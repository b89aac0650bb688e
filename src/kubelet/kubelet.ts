/** A node's agent: registers the node, runs a worker for each pod bound to it, keeps both in step with the API and the runtime. (kubelet.go syncLoop) */
import { mkdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { isReason } from '../api/errors.ts';
import { Pods } from '../api/kinds/core/pod.ts';
import type { Pod, PodStatus } from '../api/types/core.v1.ts';
import { createRecorder } from '../client/index.ts';
import { evictionManager } from './eviction/manager.ts';
import { nodeFeed } from './feed.ts';
import { hostPorts } from './host-ports.ts';
import { logRotation } from './logs/rotation.ts';
import { allocatable, nodeLabels } from './node/object.ts';
import { nodeKeeper } from './node/registration.ts';
import { goArch, machineMemory, systemInfo } from './node/system-info.ts';
import { admission } from './pods/admit.ts';
import { resizeRefusal } from './pods/resize.ts';
import { createBackoff } from './pods/backoff.ts';
import type { WorkerDeps } from './pods/deps.ts';
import { imagePuller } from './pods/pull.ts';
import { nodeDns, NO_DNS } from './pods/sandbox-config.ts';
import { statusWriter } from './pods/status-writer.ts';
import { podWorker, type PodWorker } from './pods/worker.ts';
import { podDirectory, podLogDirectory } from './paths.ts';
import { networkProbes } from './prober/runner.ts';
import { whole } from './quantity.ts';
import type { SandboxStatus } from './runtime/runtime.ts';
import { podStats } from './stats.ts';
import { podStreams } from './streams.ts';
import type { Cadence, Kubelet, KubeletOptions } from './types.ts';
import { diskVolumes } from './volumes/disk.ts';
import { paperVolumes } from './volumes/none.ts';
import { volumeSources } from './volumes/sources.ts';
import { VolumeError } from './volumes/types.ts';
import { tokenSource } from './volumes/tokens.ts';

const CADENCE: Cadence = { leaseMs: 10_000, nodeStatusMs: 300_000, housekeepingMs: 10_000, eagerProbes: true, drainMs: 10_000 };
const DELETE_RETRY_MS = 500;

/** Creates the agent of one node; nothing happens before `start`. It does not close the runtime or the client, which it was given. */
export function createKubelet(options: KubeletOptions): Kubelet {
  const { client, clock, random, runtime, nodeName, directory } = options;
  const cadence: Cadence = { ...CADENCE, ...options.cadence };
  const recorder = options.events ? undefined : createRecorder(client, clock, random, 'kubelet', { host: nodeName });
  const events = options.events ?? recorder!;
  const hostIPs = options.network.addresses.filter((a) => a.type === 'InternalIP').map((a) => a.address);
  const room = allocatable(options.capacity);
  const workers = new Map<string, PodWorker>();
  const sandboxes = new Map<string, string>();
  // Nodes that write nothing have no use for Service variables either.
  const feed = options.feed ?? nodeFeed({ client, clock, random, nodeName, services: directory !== undefined });
  const { objects } = feed;
  const status = statusWriter(client, clock);
  // Nodes that write nothing need no signed tokens either.
  const tokens = directory === undefined ? { get: async () => ({ token: '', refreshAt: Infinity }), forget: () => {} } : tokenSource(client, clock);
  const sources = volumeSources({
    objects, tokens, allocatable: room,
    addresses: (pod) => ({ podIPs: [workers.get(pod.metadata.uid ?? '')?.view.sandbox?.ip ?? pod.status?.podIP ?? ''].filter((ip) => ip !== ''), hostIPs }),
  });
  const volumes = directory === undefined ? paperVolumes(sources) : diskVolumes({ directory, sources, clock, random });
  const available = options.memoryAvailable ?? (directory === undefined ? undefined : machineMemory);
  const eviction = evictionManager({ clock, runtime, volumes, nodeName, memoryCapacity: whole(options.capacity.memory), workers: () => [...workers.values()], events, ...(available && { available }) });
  const ports = directory === undefined ? undefined : hostPorts(clock);
  const rotation = directory === undefined ? undefined : logRotation(clock);
  let stopping = false;
  let stopEvents = () => {};
  let stopImages = () => {};
  let stopPods = () => {};
  let stopNode = () => {};
  let stopObjects = () => {};
  let housekeeping: { cancel(): void } | undefined;

  const info = systemInfo(runtime, VERSION);
  const keeper = nodeKeeper(nodeName, {
    client, clock, events,
    leaseMs: cadence.leaseMs, statusMs: cadence.nodeStatusMs,
    labels: nodeLabels(nodeName, goArch(), options.labels ?? {}),
    taints: options.taints ?? [],
    podCIDR: options.podCIDR,
    capacity: options.capacity,
    facts: async () => ({
      name: nodeName, labels: options.labels ?? {}, capacity: options.capacity, addresses: options.network.addresses,
      info, limitations: runtime.limitations, ownUsers: runtime.ownUsers, images: await options.images.list(), memoryPressure: eviction.memoryPressure,
      ...(stopping && { notReady: 'node is shutting down' }),
    }),
  });
  eviction.onPressureChange(() => keeper.refresh());

  /** The pods that hold room on the node beside this one. */
  const others = (pod: Pod): Pod[] => [...workers.values()].filter((w) => w.uid !== pod.metadata.uid && !w.over && w.admitted).map((w) => w.pod);
  const remove = async (pod: Pod): Promise<void> => {
    const { name = '', namespace = '', uid = '' } = pod.metadata;
    try {
      await client.delete(Pods, name, { namespace, gracePeriodSeconds: 0, preconditions: { uid } });
    } catch (error) {
      // Gone, or another pod of the same name has taken its place.
      if (stopping || isReason(error, 'NotFound') || isReason(error, 'Conflict')) return;
      await clock.sleep(DELETE_RETRY_MS);
      await remove(pod);
    }
  };

  const deps: WorkerDeps = {
    clock, runtime, events, volumes, objects, status, cadence, hostIPs, directory,
    hostPorts: ports,
    images: options.images,
    puller: imagePuller(options.images, clock),
    drain: options.network.drain,
    probes: options.probes ?? runtime.probes ?? networkProbes(runtime, clock),
    dns: { clusterDns: options.clusterDns, clusterDomain: options.clusterDomain ?? 'cluster.local', host: directory === undefined ? NO_DNS : nodeDns((path) => readFileSync(path, 'utf8')) },
    restarts: createBackoff(),
    allocatable: room,
    memoryCapacity: whole(options.capacity.memory),
    services: (namespace) => [...feed.services(namespace), ...(namespace === 'default' ? [] : feed.services('default').filter((s) => s.metadata.name === 'kubernetes'))],
    admit: (pod) => {
      const pressure = eviction.refuse(pod);
      if (pressure) return pressure;
      return admission(pod, keeper.node, others(pod));
    },
    resize: (pod) => resizeRefusal(pod, keeper.node, others(pod)),
    reloadNode: () => keeper.reload(),
    remove,
    owns: (sandboxId, uid) => void (uid === undefined ? sandboxes.delete(sandboxId) : sandboxes.set(sandboxId, uid)),
    erase: async (pod) => {
      if (directory === undefined) return;
      await rm(podDirectory(directory, pod.metadata.uid ?? ''), { recursive: true, force: true });
      await rm(podLogDirectory(directory, pod), { recursive: true, force: true });
    },
    done: (uid) => {
      workers.delete(uid);
      sources.forget(uid);
      for (const worker of workers.values()) if (worker.deferred) worker.kick();
    },
  };

  const begin = (pod: Pod, adopted: readonly SandboxStatus[]) => {
    const worker = podWorker(pod, adopted, deps);
    workers.set(worker.uid, worker);
    worker.kick();
  };
  const seen = (pod: Pod) => {
    const worker = workers.get(pod.metadata.uid ?? '');
    if (worker) worker.update(pod);
    else begin(pod, []);
  };

  /** What still runs from before: a pod's worker takes it over; what has no pod any more is ended. */
  const adopt = async () => {
    const found = new Map<string, SandboxStatus[]>();
    for (const sandbox of await runtime.list()) found.set(sandbox.podUid, [...(found.get(sandbox.podUid) ?? []), sandbox]);
    const wanted = new Map(feed.podsOf(nodeName).map((pod) => [pod.metadata.uid ?? '', pod]));
    for (const pod of wanted.values()) begin(pod, found.get(pod.metadata.uid ?? '') ?? []);
    const orphans = [...found].filter(([uid]) => !wanted.has(uid)).flatMap(([, list]) => list);
    await Promise.all(orphans.map(async ({ id }) => {
      await runtime.stopSandbox(id);
      await runtime.removeSandbox(id);
    }));
    await volumes.removeOrphans(new Set(wanted.keys()));
  };

  const tidy = () => {
    if (cadence.housekeepingMs === Infinity) return;
    housekeeping = clock.after(cadence.housekeepingMs, () => {
      void Promise.allSettled([eviction.check(), rotation?.check([...workers.values()].flatMap((w) => w.view.containers))]).then(() => {
        if (!stopping) tidy();
      });
    });
  };

  return {
    name: `kubelet/${nodeName}`,
    nodeName,
    streams: podStreams({ clock, runtime, workers: () => workers.values(), directory }),
    stats: () => podStats(runtime, [...workers.values()]),
    async start() {
      if (directory !== undefined) mkdirSync(directory, { recursive: true, mode: 0o700 });
      await Promise.all([keeper.start(), feed.start()]);
      stopNode = feed.onNode(nodeName, keeper.seen);
      stopEvents = runtime.onEvent((event) => workers.get(sandboxes.get(event.sandboxId) ?? '')?.onRuntime(event));
      stopImages = options.images.onChange?.(() => {
        keeper.refresh();
        for (const worker of workers.values()) if (waits(worker.status)) worker.kick();
      }) ?? stopImages;
      stopObjects = objects.onChange((owners) => {
        for (const uid of owners) {
          const worker = workers.get(uid);
          if (!worker) continue;
          void volumes.update(uid).catch((error: unknown) => {
            if (error instanceof VolumeError) for (const { message } of error.failures) events.event(worker.pod, 'Warning', 'FailedMount', message);
          });
          worker.kick();
        }
      });
      await adopt();
      stopPods = feed.onPods(nodeName, { changed: seen, removed: (pod) => workers.get(pod.metadata.uid ?? '')?.removed() });
      // What changed while the runtime was asked.
      for (const pod of feed.podsOf(nodeName)) seen(pod);
      tidy();
    },
    async stop() {
      if (stopping) return;
      stopping = true;
      housekeeping?.cancel();
      stopEvents();
      stopImages();
      stopPods();
      stopNode();
      ports?.closeAll();
      await Promise.all([...workers.values()].map((w) => w.detach()));
      for (const uid of workers.keys()) objects.release(uid);
      stopObjects();
      if (!options.feed) feed.stop();
      status.stop();
      await volumes.stop();
      await keeper.stop();
      await recorder?.flush();
      recorder?.stop();
    },
  };
}

function waits(status: PodStatus): boolean {
  return [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])].some((c) => c.state?.waiting !== undefined);
}

/** The Kubernetes version whose kubelet this behaves as. */
const VERSION = 'v1.33.1';
