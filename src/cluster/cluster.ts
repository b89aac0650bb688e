import type { Client } from '../client/client.ts';
import type { Images } from '../kubelet/images/images.ts';
import type { AccessRecord } from '../network/index.ts';

/** What a running cluster gives to whoever started it. */
export interface Cluster {
  /** `https://127.0.0.1:6443` */
  readonly url: string;
  /** A kubeconfig of the cluster's administrator, as YAML text. */
  readonly kubeconfig: string;
  /** The administrator's client, in process: no HTTP. */
  readonly client: Client;
  /** The images that pods can use; undefined where pods are only played. */
  readonly images: Images | undefined;
  /** What this machine could not give (no root, no cgroups …), in sentences. Empty = all is well. */
  readonly limitations: readonly string[];
  /** Where the ingress listens on this machine; undefined when it could not. */
  readonly ingress: { readonly http: string; readonly https: string } | undefined;
  /** Calls back for every request through the ingress, when it is over. Returns the function that ends it. */
  onAccess(handler: (record: AccessRecord) => void): () => void;
  /**
   * Ends it. Pods are stopped and everything that was made on the machine is removed, unless `keepPods`: then they run on, and the next cluster on the same
   * directory adopts them.
   */
  stop(options?: { readonly keepPods?: boolean }): Promise<void>;
}

export interface ClusterOptions {
  /** State on disk, kept between starts. Without it everything is in memory and in a temporary directory, gone at `stop()`. */
  readonly dataDir?: string;
  /** Tells several clusters on one machine apart; part of interface and cgroup names. Default: made from the directory. */
  readonly name?: string;
  /** Address and port of the API; default 127.0.0.1 and any free port. */
  readonly host?: string;
  readonly port?: number;
  /** How many nodes; default 1. 0 = only the API and its controllers. */
  readonly nodes?: number;
  /** What each node declares; default: what the machine has. A part that is not given keeps its default. */
  readonly nodeCapacity?: Readonly<Record<string, string>>;
  /** `processes` runs pods; `simulated` only plays them. Default `processes`. */
  readonly runtime?: 'processes' | 'simulated';
  /** `standard`: Kubernetes' periods. `fast`: metrics and autoscaling each second. Default `standard`. */
  readonly cadence?: 'standard' | 'fast';
  /** Ports of the ingress; 0 = any free one. Default: 0. false = no ingress. */
  readonly ingress?: { readonly httpPort: number; readonly httpsPort: number } | false;
}
