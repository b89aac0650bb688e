/** What a pod worker works with; one for all workers of a node. */
import type { Pod, Service } from '../../api/types/core.v1.ts';
import type { Clock } from '../../base/clock.ts';
import type { EventRecorder } from '../../client/events.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { HostPorts } from '../host-ports.ts';
import type { Cadence, Drain, ImageService, ProbeRunner } from '../types.ts';
import type { Volumes } from '../volumes/types.ts';
import type { Backoff } from './backoff.ts';
import type { ObjectCache } from './objects.ts';
import type { Puller } from './pull.ts';
import type { Pending } from './resize.ts';
import type { DnsSettings } from './sandbox-config.ts';
import type { StatusWriter } from './status-writer.ts';

export interface WorkerDeps {
  readonly clock: Clock;
  readonly runtime: Runtime;
  readonly images: ImageService;
  readonly puller: Puller;
  readonly events: EventRecorder;
  readonly drain: Drain | undefined;
  readonly volumes: Volumes;
  readonly objects: ObjectCache;
  /** Undefined on nodes whose pods have no network. */
  readonly hostPorts: HostPorts | undefined;
  readonly status: StatusWriter;
  readonly probes: ProbeRunner;
  readonly cadence: Cadence;
  readonly dns: DnsSettings;
  /** Crash-loop back-off of all containers. */
  readonly restarts: Backoff;
  readonly hostIPs: readonly string[];
  readonly allocatable: Readonly<Record<string, string>>;
  readonly memoryCapacity: number;
  /** Undefined: nothing is written to disk. */
  readonly directory: string | undefined;
  services(namespace: string): readonly Service[];
  /** Why the node refuses a pod that it has not run yet. */
  admit(pod: Pod): { readonly reason: string; readonly message: string } | undefined;
  /** Why the node does not promise a pod what it now asks for. */
  resize(pod: Pod): Pending | undefined;
  /** Reads the Node again, as far as the API answers. */
  reloadNode(): Promise<void>;
  /** Takes the pod out of the API for good. */
  remove(pod: Pod): Promise<void>;
  /** A sandbox is there, or is gone: whose events its are. */
  owns(sandboxId: string, podUid: string | undefined): void;
  /** Removes the pod's directory and logs. */
  erase(pod: Pod): Promise<void>;
  /** The worker has nothing left to do. */
  done(podUid: string): void;
}
