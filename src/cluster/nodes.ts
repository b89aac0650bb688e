import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { Client, EventRecorder } from '../client/index.ts';
import { createKubelet, simulatedImages, simulatedRuntime, type Drain, type ImageService, type Kubelet, type Runtime } from '../kubelet/index.ts';
import { bridgeName } from '../kubelet/runtime/processes/pod-network.ts';
import { processesRuntime } from '../kubelet/runtime/processes/processes.ts';
import { nodeCidr, type Addresses } from './addresses.ts';
import { nodeCapacity } from './node-capacity.ts';
import { endRuntime, type NodePlaces } from './shutdown.ts';

export interface NodesOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly events: EventRecorder;
  readonly count: number;
  readonly capacity: Readonly<Record<string, string>> | undefined;
  readonly kind: 'processes' | 'simulated';
  /** Pods' files and the runtimes' state: `nodes/NAME` below it. */
  readonly directory: string;
  readonly clusterName: string;
  readonly addresses: Addresses;
  readonly images: ImageService | undefined;
  readonly drain: Drain | undefined;
}

/** A node: its agent and what runs its pods. */
export interface ClusterNode {
  readonly kubelet: Kubelet;
  readonly runtime: Runtime;
  /** Ends what runs its pods, once the kubelet has stopped. */
  end(keepPods: boolean): Promise<void>;
}

/** Makes the cluster's nodes; they are not started yet. Several nodes share the machine, each with a part of the pod network. */
export async function createNodes(options: NodesOptions): Promise<ClusterNode[]> {
  return Promise.all(Array.from({ length: options.count }, (_, index) => createNode(options, index)));
}

/** The cluster's images; also for `coracle build` while no cluster runs. */
export function imageDirectory(directory: string): string {
  return join(directory, 'images');
}

/** Where a node of a cluster on this directory keeps its things. */
export function nodePlaces(directory: string, node: string): NodePlaces {
  return { runtime: join(directory, 'nodes', node, 'runtime'), pods: join(directory, 'nodes', node, 'pods') };
}

async function createNode(options: NodesOptions, index: number): Promise<ClusterNode> {
  const { client, clock, random, events, clusterName, addresses, kind } = options;
  const nodeName = `node-${index + 1}`;
  const places = nodePlaces(options.directory, nodeName);
  mkdirSync(places.pods, { recursive: true, mode: 0o711 });
  const capacity = nodeCapacity(options.capacity, places.pods);
  const images = options.images ?? simulatedImages({ clock });
  const runtime = kind === 'simulated' ? simulatedRuntime({ clock }) : await processesRuntime({
    directory: places.runtime,
    cgroupRoot: `coracle-${clusterName}-${nodeName}`,
    network: { bridge: bridgeName(options.directory), clusterCIDR: addresses.podCidr, podCIDR: nodeCidr(addresses, index) },
    clock,
    random,
  });
  const kubelet = createKubelet({
    nodeName, client, clock, random, runtime, images, events, capacity,
    ...(kind === 'processes' && { directory: places.pods }),
    network: { addresses: [{ type: 'InternalIP', address: addresses.gateway }, { type: 'Hostname', address: nodeName }], ...(options.drain && { drain: options.drain }) },
    clusterDns: addresses.dns,
  });
  return { kubelet, runtime, end: (keepPods) => endRuntime(runtime, kind === 'processes' ? places : undefined, keepPods, clock) };
}
