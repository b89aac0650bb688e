/** Watches the node's memory and what pods with a limit hold on disk, and evicts (pkg/kubelet/eviction/eviction_manager.go). */
import { dirname } from 'node:path';
import type { Pod } from '../../api/types/core.v1.ts';
import type { Clock } from '../../base/clock.ts';
import type { EventRecorder } from '../../client/events.ts';
import { directorySize } from '../directory-size.ts';
import { EVICTION_MEMORY_BYTES } from '../node/object.ts';
import { qosClass } from '../pods/qos.ts';
import type { PodWorker } from '../pods/worker.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { podStats } from '../stats.ts';
import { rfc3339 } from '../../base/time.ts';
import type { Volumes } from '../volumes/types.ts';
import { diskOverLimit, evictionMessage, hasContainerDiskLimit, hasDiskLimit, rankForMemory, type DiskUse, type PodUse } from './decide.ts';

export interface EvictionManager {
  readonly memoryPressure: boolean;
  /** One look; evicts at most one pod for memory, and every pod that is over a limit on disk. */
  check(): Promise<void>;
  /** Why a new pod is not taken now. */
  refuse(pod: Pod): { readonly reason: string; readonly message: string } | undefined;
  onPressureChange(handler: () => void): void;
}

export interface EvictionOptions {
  readonly clock: Clock;
  readonly runtime: Runtime;
  readonly volumes: Volumes;
  readonly events: EventRecorder;
  readonly nodeName: string;
  readonly memoryCapacity: number;
  /** Bytes free on the machine, which may be less than what the node's capacity leaves. */
  readonly available?: () => Promise<number>;
  workers(): readonly PodWorker[];
}

/** The condition stays this long after the pressure ended (eviction-pressure-transition-period). */
const TRANSITION_MS = 5 * 60_000;

export function evictionManager(options: EvictionOptions): EvictionManager {
  const { clock, events } = options;
  const handlers: (() => void)[] = [];
  let pressure = false;
  let lastSeen = -Infinity;

  const evict = (worker: PodWorker, message: string) => {
    events.event(worker.pod, 'Warning', 'Evicted', message);
    worker.fail({
      reason: 'Evicted', message, graceMs: 0,
      condition: { type: 'DisruptionTarget', status: 'True', reason: 'TerminationByKubelet', message, lastTransitionTime: rfc3339(clock.now()) },
    });
  };

  const diskUse = async ({ pod, view }: PodWorker): Promise<DiskUse> => {
    const containers = new Map<string, number>();
    for (const { id, name, state, logPath } of hasContainerDiskLimit(pod) ? view.containers : []) {
      const written = state === 'running' ? await options.runtime.writtenBytes(id) : 0;
      // One directory holds the logs of all its runs.
      const logged = containers.has(name) || logPath === '' ? 0 : await directorySize(dirname(logPath));
      containers.set(name, (containers.get(name) ?? 0) + written + logged);
    }
    return { emptyDirs: await options.volumes.emptyDirUsage(pod), containers };
  };

  const memory = async (running: readonly PodWorker[]) => {
    if (options.memoryCapacity <= 2 * EVICTION_MEMORY_BYTES) return;
    const stats = await podStats(options.runtime, running);
    const used = stats.reduce((sum, pod) => sum + pod.containers.reduce((n, c) => n + c.memoryWorkingSetBytes, 0), 0);
    const available = Math.min(options.memoryCapacity - used, (await options.available?.()) ?? Infinity);
    const short = available < EVICTION_MEMORY_BYTES;
    const now = clock.now();
    if (short) lastSeen = now;
    const next = now - lastSeen < TRANSITION_MS;
    if (next !== pressure) {
      pressure = next;
      for (const handler of handlers) handler();
    }
    if (!short) return;
    const byUid = new Map(running.map((w) => [w.uid, w]));
    const uses: PodUse[] = stats.map((s) => ({ pod: byUid.get(s.uid)!.pod, containers: new Map(s.containers.map((c) => [c.name, c.memoryWorkingSetBytes])) }));
    const victim = rankForMemory(uses)[0];
    if (victim) evict(byUid.get(victim.pod.metadata.uid ?? '')!, evictionMessage(victim, EVICTION_MEMORY_BYTES, available));
  };

  return {
    get memoryPressure() { return pressure; },
    onPressureChange: (handler) => void handlers.push(handler),
    async check() {
      const running = options.workers().filter((w) => !w.over && w.pod.metadata.deletionTimestamp === undefined);
      for (const worker of running) {
        if (!hasDiskLimit(worker.pod)) continue;
        const message = diskOverLimit(worker.pod, await diskUse(worker));
        if (message !== undefined) evict(worker, message);
      }
      await memory(running);
    },
    refuse(pod) {
      if (!pressure || qosClass(pod) !== 'BestEffort' || (pod.spec.priority ?? 0) >= 2_000_000_000) return undefined;
      const tolerated = pod.spec.tolerations?.some((t) => (t.key === undefined || t.key === 'node.kubernetes.io/memory-pressure') && (t.effect === undefined || t.effect === 'NoSchedule'));
      return tolerated ? undefined : { reason: 'Evicted', message: 'The node had condition: [MemoryPressure]. ' };
    },
  };
}
