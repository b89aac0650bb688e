import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { isReason } from '../../src/api/errors.ts';
import { Events } from '../../src/api/kinds/core/event.ts';
import { Pods } from '../../src/api/kinds/core/pod.ts';
import type { Container, ContainerStatus, Pod, PodSpec } from '../../src/api/types/core.v1.ts';
import type { Client } from '../../src/client/client.ts';
import type { Cluster, ClusterOptions } from '../../src/cluster/cluster.ts';
import { startCluster } from '../../src/cluster/start.ts';

/** The image that test pods run: this machine's own file system. */
export const IMAGE = 'machine:1';

export const isRoot = process.getuid?.() === 0;

export interface PodWorld extends PodHelpers {
  readonly cluster: Cluster;
  readonly directory: string;
  readonly name: string;
  /** Stops the cluster; its directory stays until `close`. */
  stop(): Promise<void>;
  close(): Promise<void>;
}

let worlds = 0;

/** A cluster on real processes, with its directory on disk. */
export async function podWorld(options: ClusterOptions = {}): Promise<PodWorld> {
  const directory = options.dataDir ?? mkdtempSync(join(tmpdir(), 'coracle-e2e-'));
  const name = options.name ?? `e2e${process.pid}x${worlds++}`;
  const cluster = await startCluster({ ingress: false, nodeCapacity: { cpu: '64', memory: '64Gi', pods: '3000' }, ...options, dataDir: directory, name });
  await cluster.images?.build({ context: tmpdir(), dockerfile: 'FROM debian\n', tags: [IMAGE], base: 'host' });
  const helpers = podHelpers(cluster.client);
  let stopped: Promise<void> | undefined;
  const stop = () => (stopped ??= cluster.stop());
  return {
    ...helpers, cluster, directory, name, stop,
    async close() {
      await stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export type PodHelpers = ReturnType<typeof podHelpers>;

export const sh = (script: string, more: Partial<Container> = {}): Container => ({ name: 'app', image: IMAGE, command: ['sh', '-c', script], ...more });

/** Short ways to say what the tests say often. All of it goes through the API. */
export function podHelpers(client: Client) {
  const get = (name: string) => client.get(Pods, name, { namespace: 'default' });
  const wait = <T>(look: () => Promise<T>, timeout = 15_000) => expect.poll(look, { interval: 10, timeout });
  return {
    client,
    get,
    wait,
    run: (name: string, containers: Container | Container[], spec: Partial<PodSpec> = {}, labels: Record<string, string> = {}): Promise<Pod> => client.create(Pods, {
      apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default', labels },
      spec: { terminationGracePeriodSeconds: 1, ...spec, containers: [containers].flat() },
    } as Pod),
    ready: (name: string, timeout?: number) => wait(async () => isReady(await get(name)), timeout).toBe(true),
    phase: (name: string, phase: string, timeout?: number) => wait(async () => (await get(name)).status?.phase, timeout).toBe(phase),
    gone: (name: string, timeout?: number) => wait(() => get(name).then(() => false, (error: unknown) => isReason(error, 'NotFound')), timeout).toBe(true),
    remove: (name: string, gracePeriodSeconds?: number) => client.delete(Pods, name, { namespace: 'default', gracePeriodSeconds }),
    async logs(name: string, query = ''): Promise<string> {
      const answer = await client.raw({ method: 'GET', path: `/api/v1/namespaces/default/pods/${name}/log?${query}` });
      if (answer.status !== 200) throw new Error(answer.body.toString());
      return answer.body.toString();
    },
    async events(name: string): Promise<string[]> {
      const { items } = await client.list(Events, { namespace: 'default', fieldSelector: `involvedObject.name=${name}` });
      return items.map((event) => `${event.reason}: ${event.message}`);
    },
  };
}

export function isReady(pod: Pod): boolean {
  return pod.status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') ?? false;
}

export function status(pod: Pod, container = 'app'): ContainerStatus {
  const all = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  const found = all.find((each) => each.name === container);
  if (!found) throw new Error(`no status of ${container} yet`);
  return found;
}
