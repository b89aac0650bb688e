import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { Client, EventRecorder } from '../client/index.ts';
import { createKubelet, nodeFeed, simulatedImages, simulatedRuntime, type Drain, type ImageService, type Kubelet, type NodeFeed, type Runtime } from '../kubelet/index.ts';
import { bridgeName } from '../kubelet/runtime/processes/pod-network.ts';
import { processesRuntime } from '../kubelet/runtime/processes/processes.ts';
import { MOST_NODES, nodeCidr, nodeNameOf, type Addresses } from './addresses.ts';
import { nodeCapacity } from './node-capacity.ts';
import { clearNode, stopAllPods, type NodePlaces } from './shutdown.ts';

export interface NodesOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  /** The kubelet's recorder on this node. */
  readonly events: (node: string) => EventRecorder;
  readonly count: number;
  readonly capacity: Readonly<Record<string, string>> | undefined;
  readonly kind: 'processes' | 'simulated';
  /** Pods' files and the runtimes' state: `nodes/NAME` below it. */
  readonly directory: string;
  /** Of their control groups: no other cluster on this machine has it. */
  readonly groupName: string;
  readonly addresses: Addresses;
  readonly images: ImageService | undefined;
  readonly drain: Drain | undefined;
}

/** A node: its agent and what runs its pods. */
export interface ClusterNode {
  readonly kubelet: Kubelet;
  readonly runtime: Runtime;
  /** undefined where pods are only played. */
  readonly places: NodePlaces | undefined;
}

export interface ClusterNodes {
  readonly all: readonly ClusterNode[];
  /** Whether pods of an earlier run were found alive. */
  readonly adopts: boolean;
  start(): Promise<void>;
  /** Ends the agents, then the pods and everything of them on the machine, unless `keepPods`. */
  stop(keepPods: boolean): Promise<void>;
}

/** Makes the cluster's nodes; they are not started yet. Several nodes share the machine, each with a part of the pod network. Rejects with nothing left when one cannot be made. */
export async function createNodes(options: NodesOptions): Promise<ClusterNodes> {
  const { client, clock, random, kind } = options;
  if (kind === 'processes' && options.count > MOST_NODES) throw new Error(`nodes: ${options.count}: the pod network of one machine has room for ${MOST_NODES}`);
  // One watch for all of them, however many.
  const feed = nodeFeed({ client, clock, random, services: kind === 'processes' });
  const made = await Promise.allSettled(Array.from({ length: options.count }, (_, index) => createNode(options, feed, index)));
  const all = made.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const adopts = (await Promise.all(all.map(({ runtime }) => runtime.list()))).some((sandboxes) => sandboxes.length > 0);
  const failed = made.find((each) => each.status === 'rejected');
  if (failed) {
    await endNodes(all, adopts, clock);
    throw failed.reason;
  }
  return {
    all,
    adopts,
    async start() {
      await feed.start();
      await Promise.all(all.map(({ kubelet }) => kubelet.start()));
    },
    async stop(keepPods) {
      await Promise.all(all.map(({ kubelet }) => kubelet.stop()));
      feed.stop();
      await endNodes(all, keepPods, clock);
    },
  };
}

/** What the nodes share on the machine goes last, when no pod of any of them runs. */
async function endNodes(nodes: readonly ClusterNode[], keepPods: boolean, clock: Clock): Promise<void> {
  if (!keepPods) await Promise.all(nodes.map(({ runtime }) => stopAllPods(runtime, clock)));
  await Promise.all(nodes.map(({ runtime }) => runtime.close()));
  if (!keepPods) for (const { places } of nodes) if (places) await clearNode(places, clock);
}

/** The cluster's images; also for `coracle build` while no cluster runs. */
export function imageDirectory(directory: string): string {
  return join(directory, 'images');
}

/** Where a node of a cluster on this directory keeps its things. */
export function nodePlaces(directory: string, node: string): NodePlaces {
  return { runtime: join(directory, 'nodes', node, 'runtime'), pods: join(directory, 'nodes', node, 'pods') };
}

/** Simulated pods of the first node have addresses in 10.244.0.0/16, those of the next in 10.245.0.0/16. */
const FIRST_BLOCK = 244;

async function createNode(options: NodesOptions, feed: NodeFeed, index: number): Promise<ClusterNode> {
  const { client, clock, random, groupName, addresses, kind } = options;
  const nodeName = nodeNameOf(index);
  const places = nodePlaces(options.directory, nodeName);
  mkdirSync(places.pods, { recursive: true, mode: 0o711 });
  const capacity = nodeCapacity(options.capacity, places.pods);
  const images = options.images ?? simulatedImages({ clock });
  const runtime = kind === 'simulated' ? simulatedRuntime({ clock, name: nodeName, addressBlock: (FIRST_BLOCK + index) % 256 }) : await processesRuntime({
    directory: places.runtime,
    cgroupRoot: `coracle-${groupName}-${nodeName}`,
    network: { bridge: bridgeName(options.directory), clusterCIDR: addresses.podCidr, podCIDR: nodeCidr(addresses, index) },
    clock,
    random,
  });
  const kubelet = createKubelet({
    nodeName, client, clock, random, runtime, images, feed, capacity,
    events: options.events(nodeName),
    podCIDR: nodeCidr(addresses, index),
    ...(kind === 'processes' && { directory: places.pods }),
    network: { addresses: [{ type: 'InternalIP', address: addresses.gateway }, { type: 'Hostname', address: nodeName }], ...(options.drain && { drain: options.drain }) },
    clusterDns: addresses.dns,
  });
  return { kubelet, runtime, places: kind === 'processes' ? places : undefined };
}
