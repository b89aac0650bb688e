/** What the kubelet needs of other rooms, and what it offers them. */
import type { Readable } from 'node:stream';
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { Pod, NodeAddress, Probe } from '../api/types/core.v1.ts';
import type { Client } from '../client/client.ts';
import type { Component } from '../client/controller.ts';
import type { EventRecorder } from '../client/events.ts';
import type { NodeFeed } from './feed.ts';
import type { AttachOptions, ContainerStats, ExecOptions, ExecSession, Runtime } from './runtime/runtime.ts';

/** Where images are kept and pulled from; the shape of CRI's ImageService. */
export interface ImageService {
  /** The local image that `reference` (`redis:7`, `a/b@sha256:…`, an id) names, or undefined. Rejects with ImageError `InvalidImageName`. */
  status(reference: string): Promise<ImageInfo | undefined>;
  /** Fetches it. Rejects with ImageError, whose message is what the user reads after `Failed to pull image "x": `. */
  pull(reference: string, auth: RegistryAuth | undefined, signal: AbortSignal): Promise<ImageInfo>;
  /** The numeric ids of a USER of the image (`postgres`, `postgres:www`, `999:999`), from its own /etc/passwd and /etc/group. Rejects when there is no such user. */
  resolveUser(image: ImageInfo, user: string): Promise<ImageUser>;
  /** All local images, for the node's status. */
  list(): Promise<readonly ImageInfo[]>;
  /** Calls back when a local image came or went: pods that wait for one look again at once. Returns the function that ends it. */
  onChange?(handler: () => void): () => void;
}

/** A failed pull. `reason` is the container's waiting reason. */
export class ImageError extends Error {
  readonly reason: 'ErrImagePull' | 'InvalidImageName' | 'RegistryUnavailable' | 'SignatureValidationFailed';

  constructor(reason: ImageError['reason'], message: string) {
    super(message);
    this.name = 'ImageError';
    this.reason = reason;
  }
}

/** An image, resolved: where its layers are and what it says about itself. */
export interface ImageInfo {
  readonly id: string;
  /** The reference it is shown under in a container's status (`docker.io/library/redis:7`). */
  readonly reference: string;
  /** `imageID` of container statuses: a repository digest when there is one, else the id. */
  readonly imageId: string;
  /** All its names, for the node's status. */
  readonly names: readonly string[];
  readonly sizeBytes: number;
  /** Directories, lowest first. */
  readonly layers: readonly string[];
  /** Built on the host's own file system. */
  readonly host: boolean;
  readonly config: ImageConfig;
}

export interface ImageConfig {
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  /** `NAME=value` */
  readonly env: readonly string[];
  readonly workingDir: string;
  /** '' = root; as in OCI: `user`, `uid`, `user:group` … */
  readonly user: string;
  readonly stopSignal: string | undefined;
  /** `8080/tcp` */
  readonly exposedPorts: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

export interface ImageUser {
  readonly uid: number;
  readonly gid: number;
  readonly supplementalGroups: readonly number[];
}

export interface RegistryAuth {
  readonly username?: string;
  readonly password?: string;
  readonly identityToken?: string;
  readonly registryToken?: string;
}

/** The service proxy, as the kubelet sees it: a pod leaves it before it is asked to stop. */
export interface Drain {
  /** Takes the pod out of every endpoint list at once; resolves when no request to it is open any more, or at `deadlineMs` (Clock.now). Never rejects. */
  unpublish(pod: Pod, deadlineMs: number): Promise<void>;
}

/** The node's place in the network. */
export interface NodeNetwork {
  /** InternalIP first. */
  readonly addresses: readonly NodeAddress[];
  readonly drain?: Drain;
}

/** Runs one probe handler once; the default one connects, calls and execs for real, the simulated runtime brings its own. */
export interface ProbeRunner {
  run(request: ProbeRequest): Promise<ProbeOutcome>;
}

export interface ProbeRequest {
  readonly pod: Pod;
  readonly container: string;
  readonly containerId: string;
  /** '' while the pod has none. */
  readonly podIP: string;
  readonly probe: Probe;
  readonly timeoutMs: number;
}

/** `error`: the probe could not be made (not: it failed). */
export interface ProbeOutcome {
  readonly result: 'success' | 'warning' | 'failure' | 'error';
  readonly output: string;
}

/** What a node has to give; quantities (`4`, `8Gi`). */
export interface NodeCapacity {
  readonly cpu: string;
  readonly memory: string;
  readonly pods: string;
  readonly 'ephemeral-storage': string;
  readonly [extended: string]: string;
}

/** How often the kubelet does what it does on a timer. Milliseconds; Infinity = never. */
export interface Cadence {
  /** Lease renewal; default 10,000. */
  readonly leaseMs: number;
  /** Node status heartbeat when nothing changed; default 300,000. */
  readonly nodeStatusMs: number;
  /** Eviction and log rotation checks; default 10,000. */
  readonly housekeepingMs: number;
  /** A readiness or startup probe that fails before its first success is tried again sooner than its period, unseen. Default true. */
  readonly eagerProbes: boolean;
  /** Longest wait for open requests before preStop; never more than half of the grace. Default 10,000. */
  readonly drainMs: number;
}

export interface KubeletOptions {
  readonly nodeName: string;
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly runtime: Runtime;
  readonly images: ImageService;
  /** Default: one of its own, named kubelet and the node. */
  readonly events?: EventRecorder;
  readonly capacity: NodeCapacity;
  /** Labels of the node beyond hostname, os and arch. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Taints it registers with. */
  readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute' }[];
  /** Where its pods' addresses come from, for the Node's spec. */
  readonly podCIDR?: string;
  /** Volumes, logs, hosts files. Undefined: nothing is written to disk (simulated nodes). */
  readonly directory?: string;
  readonly network: NodeNetwork;
  /** DNS server that ClusterFirst pods use. */
  readonly clusterDns: string;
  /** Default `cluster.local`. */
  readonly clusterDomain?: string;
  /** Default: the runtime's own, else real connections and commands. */
  readonly probes?: ProbeRunner;
  /** Shared by the nodes of one process (`nodeFeed`), and started and stopped by whoever made it; default: one of its own. */
  readonly feed?: NodeFeed;
  readonly cadence?: Partial<Cadence>;
  /** Bytes of memory that are free on the machine now; default: what Linux says is available, or for nodes that write nothing to disk, plenty. Less than 100 MiB of this or of the capacity evicts. */
  readonly memoryAvailable?: () => Promise<number>;
}

/** A node's agent. */
export interface Kubelet extends Component {
  readonly nodeName: string;
  readonly streams: Streams;
  /** Usage of every running container now. */
  stats(): Promise<readonly PodStats[]>;
}

export interface PodStats {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly containers: readonly (ContainerStats & { readonly name: string; /** ms since the epoch */ readonly startedAt: number })[];
}

/** What `kubectl logs`, `exec`, `attach`, `cp` and `port-forward` stand on. All reject with StatusError of upstream's texts. */
export interface Streams {
  logs(namespace: string, pod: string, container: string | undefined, options: LogOptions): Promise<Readable>;
  exec(namespace: string, pod: string, container: string | undefined, command: readonly string[], options: ExecOptions): Promise<ExecSession>;
  attach(namespace: string, pod: string, container: string | undefined, options: AttachOptions): Promise<ExecSession>;
  portForward(namespace: string, pod: string, port: number): ReturnType<Runtime['portForward']>;
}

export interface LogOptions {
  readonly follow?: boolean;
  readonly previous?: boolean;
  readonly timestamps?: boolean;
  readonly sinceSeconds?: number;
  /** ms since the epoch */
  readonly sinceTime?: number;
  readonly tailLines?: number;
  readonly limitBytes?: number;
  /** Default: both. */
  readonly stream?: 'All' | 'Stdout' | 'Stderr';
}
