import type { Readable, Writable } from 'node:stream';
import type { ProbeRunner } from '../types.ts';

/**
 * What the kubelet asks of whatever runs pods; the shape of CRI (runtime/v1), without its gRPC. Implementations: `processes` (Linux namespaces and cgroups), `simulated` (virtual clock);
 * later `containerd`. All pass `runtime.suite.ts`.
 *
 * A sandbox is a pod's shared namespaces and its address; containers live in it. All of it outlives the kubelet process: `list` after a restart finds what still runs.
 */
export interface Runtime {
  /** `processes`, `simulated`; and the version, for node info. */
  readonly name: string;
  readonly version: string;
  /** What this runtime cannot give here (no root, no cgroups …), in sentences for the node's conditions. Empty = all is well. */
  readonly limitations: readonly string[];
  /** Containers run with the users and groups they are given, and `ContainerStatus.user` says so (a pod's SupplementalGroupsPolicy can be kept). */
  readonly ownUsers: boolean;
  /** What answers probes where pods have no network and run no commands. */
  readonly probes?: ProbeRunner;

  /** Everything that this node's kubelet once made and that still exists. */
  list(): Promise<readonly SandboxStatus[]>;
  createSandbox(config: SandboxConfig): Promise<SandboxStatus>;
  /** Kills what is left in it and gives its network back; idempotent. */
  stopSandbox(id: string): Promise<void>;
  /** Removes a stopped sandbox and its containers, leaving nothing. Idempotent. */
  removeSandbox(id: string): Promise<void>;

  createContainer(sandboxId: string, config: ContainerConfig): Promise<string>;
  startContainer(id: string): Promise<void>;
  /** Sends `signal` to the container's main process (host side, so also PID 1 gets it). */
  signalContainer(id: string, signal: NodeJS.Signals): Promise<void>;
  /** SIGKILL to everything in it; resolves when nothing of it runs. */
  killContainer(id: string): Promise<void>;
  removeContainer(id: string): Promise<void>;
  /** Changes what a running container may use, and remembers that with these labels of its. */
  updateContainer(id: string, change: { readonly resources: Resources; readonly labels: Readonly<Record<string, string>> }): Promise<void>;
  /** Changes what the pod as a whole may use. Rejects when it uses as much memory already. */
  updateSandbox(id: string, resources: Resources): Promise<void>;
  containerStatus(id: string): Promise<ContainerStatus | undefined>;
  /** Calls back whenever a container starts or exits. Returns the function that ends it. */
  onEvent(handler: (event: RuntimeEvent) => void): () => void;

  exec(containerId: string, command: readonly string[], options: ExecOptions): Promise<ExecSession>;
  /** The main process's own streams. */
  attach(containerId: string, options: AttachOptions): Promise<ExecSession>;
  /** A byte stream to a port inside the sandbox. */
  portForward(sandboxId: string, port: number): Promise<{ readable: Readable; writable: Writable }>;

  /** Cumulative usage now; undefined when it does not run. Called for many containers at once: must not fork. */
  stats(containerId: string): Promise<ContainerStats | undefined>;
  /** Bytes that a container has written outside of its volumes; 0 when it is not known. Walks files: ask rarely. */
  writtenBytes(containerId: string): Promise<number>;
  close(): Promise<void>;
}

export interface SandboxConfig {
  readonly podUid: string;
  readonly namespace: string;
  readonly name: string;
  /** Grows when the sandbox is made anew. */
  readonly attempt: number;
  readonly hostname: string;
  /** `SUBDOMAIN.NAMESPACE.svc.DOMAIN`: with it, /etc/hosts says `IP HOSTNAME.DOMAIN HOSTNAME`. */
  readonly domain?: string;
  readonly hostNetwork: boolean;
  readonly hostPID: boolean;
  readonly hostIPC: boolean;
  readonly shareProcessNamespace: boolean;
  /** Its root is to be nobody on the host (`hostUsers: false`): a runtime that cannot do it refuses the pod. */
  readonly userNamespace?: boolean;
  readonly dns: { readonly servers: readonly string[]; readonly searches: readonly string[]; readonly options: readonly string[] };
  readonly hostAliases: readonly { readonly ip: string; readonly hostnames: readonly string[] }[];
  readonly sysctls: Readonly<Record<string, string>>;
  /** cgroup parent: `kubepods/burstable/pod<uid>`. */
  readonly cgroupParent: string;
  readonly resources: Resources;
  readonly labels: Readonly<Record<string, string>>;
  readonly logDirectory: string;
}

export interface SandboxStatus {
  readonly id: string;
  readonly podUid: string;
  readonly namespace: string;
  readonly name: string;
  readonly attempt: number;
  readonly state: 'ready' | 'notready';
  readonly createdAt: number;
  /** undefined with hostNetwork. */
  readonly ip: string | undefined;
  readonly containers: readonly ContainerStatus[];
}

export interface ContainerConfig {
  readonly name: string;
  readonly attempt: number;
  /** Resolved image: where its layers are and what it says about itself. */
  readonly image: { readonly reference: string; readonly id: string; readonly layers: readonly string[]; readonly host: boolean };
  readonly command: readonly string[];
  readonly workingDir: string;
  readonly env: readonly (readonly [name: string, value: string])[];
  readonly mounts: readonly Mount[];
  readonly user: { readonly uid: number; readonly gid: number; readonly supplementalGroups: readonly number[] };
  readonly security: {
    readonly privileged: boolean;
    readonly readOnlyRootFilesystem: boolean;
    readonly noNewPrivileges: boolean;
    readonly capabilities: readonly string[];
    /** Absent: unconfined. A runtime without profiles of the node's own (`localhost/NAME`) refuses the container. */
    readonly seccompProfile?: 'runtime/default' | `localhost/${string}`;
    /** A profile of the node's own, by name. */
    readonly appArmorProfile?: string;
  };
  readonly resources: Resources;
  readonly stdin: boolean;
  readonly stdinOnce: boolean;
  readonly tty: boolean;
  /** Absolute path of the CRI-format log. */
  readonly logPath: string;
  /** The signal that asks it to stop; SIGTERM unless the image says otherwise. */
  readonly stopSignal: NodeJS.Signals;
  readonly oomScoreAdj: number;
  readonly labels: Readonly<Record<string, string>>;
  /** For a container that shares another one's process namespace (ephemeral debug containers). */
  readonly targetContainerId?: string;
}

export interface Mount {
  readonly hostPath: string;
  readonly containerPath: string;
  readonly readOnly: boolean;
  readonly propagation: 'private' | 'rslave' | 'rshared';
}

/** undefined = no limit. */
export interface Resources {
  readonly cpuShares: number;
  /** Microseconds per 100 ms. */
  readonly cpuQuota: number | undefined;
  readonly memoryBytes: number | undefined;
  readonly pids: number | undefined;
}

export interface ContainerStatus {
  readonly id: string;
  readonly name: string;
  readonly attempt: number;
  readonly state: 'created' | 'running' | 'exited' | 'unknown';
  readonly image: string;
  readonly imageId: string;
  readonly createdAt: number;
  readonly startedAt: number | undefined;
  readonly finishedAt: number | undefined;
  readonly exitCode: number | undefined;
  /** `Completed`, `Error`, `OOMKilled`, `StartError`. */
  readonly reason: string | undefined;
  readonly message: string | undefined;
  /** Host PID of the main process while it runs. */
  readonly pid: number | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly logPath: string;
  /** Whom its main process was started as; all its groups, the primary one first. */
  readonly user?: ContainerConfig['user'];
}

export interface RuntimeEvent {
  readonly type: 'started' | 'exited' | 'sandbox-gone';
  readonly sandboxId: string;
  readonly containerId: string | undefined;
}

export interface ExecOptions {
  readonly tty: boolean;
  readonly stdin: boolean;
}

export interface AttachOptions {
  readonly tty: boolean;
  readonly stdin: boolean;
}

/** A running command's streams. With a tty, stderr is undefined and stdout carries both. */
export interface ExecSession {
  readonly stdin: Writable | undefined;
  readonly stdout: Readable;
  readonly stderr: Readable | undefined;
  resize(columns: number, rows: number): void;
  /** The exit code, once it has ended and its output is drained. */
  readonly exit: Promise<number>;
  kill(): void;
}

export interface ContainerStats {
  /** When it was read, ms since the epoch. */
  readonly at: number;
  readonly cpuNanoseconds: number;
  readonly memoryUsageBytes: number;
  /** usage - inactive_file: what Kubernetes calls memory. */
  readonly memoryWorkingSetBytes: number;
  readonly oomKills: number;
}

/** Why a pod's memory limit is not lowered (doPodResizeAction's words). */
export const tooMuchMemory = (pod: string): string => `aborting attempt to set pod memory limit less than current memory usage for pod ${pod}`;
