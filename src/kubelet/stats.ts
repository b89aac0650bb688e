import type { Runtime } from './runtime/runtime.ts';
import type { PodWorker } from './pods/worker.ts';
import type { PodStats } from './types.ts';

/** What every running container has used, read all at once. */
export async function podStats(runtime: Runtime, workers: readonly PodWorker[]): Promise<readonly PodStats[]> {
  const all = await Promise.all(workers.map(async (worker): Promise<PodStats> => {
    const running = worker.view.containers.filter((c) => c.state === 'running');
    const containers = await Promise.all(running.map(async (c) => {
      const stats = await runtime.stats(c.id).catch(() => undefined);
      return stats && { ...stats, name: c.name, startedAt: c.startedAt ?? c.createdAt };
    }));
    const { name = '', namespace = '' } = worker.pod.metadata;
    return { namespace, name, uid: worker.uid, containers: containers.filter((c) => c !== undefined) };
  }));
  return all.filter((pod) => pod.containers.length > 0);
}
