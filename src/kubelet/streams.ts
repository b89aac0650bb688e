/** Logs, exec, attach and port-forward of this node's pods (kubelet_pods.go validateContainerLogStatus; registry/core/pod/strategy.go for the texts). */
import { Readable } from 'node:stream';
import { badRequest, notFound, StatusError } from '../api/errors.ts';
import type { Pod } from '../api/types/core.v1.ts';
import type { Clock } from '../base/clock.ts';
import { readLog } from './logs/read.ts';
import { containerSpec, ephemeralContainers, newest } from './pods/view.ts';
import type { PodWorker } from './pods/worker.ts';
import type { ContainerStatus, Runtime } from './runtime/runtime.ts';
import type { Streams } from './types.ts';

export interface StreamsOptions {
  readonly clock: Clock;
  readonly runtime: Runtime;
  readonly directory: string | undefined;
  workers(): Iterable<PodWorker>;
}

const PODS = { group: '', plural: 'pods' };

export function podStreams({ clock, runtime, directory, workers }: StreamsOptions): Streams {
  const find = (namespace: string, name: string): PodWorker => {
    // The last one: a pod of that name from before may still be on its way out.
    const found = [...workers()].filter((w) => w.pod.metadata.name === name && w.pod.metadata.namespace === namespace).at(-1);
    if (!found) throw notFound(PODS, name);
    return found;
  };
  const running = (worker: PodWorker, container: string | undefined): ContainerStatus => {
    const name = chooseContainer(worker.pod, container);
    const status = newest(worker.view, name);
    if (status?.state !== 'running') throw missing(`container not found ("${name}")`);
    return status;
  };
  const completed = (worker: PodWorker, what: string) => {
    const phase = worker.status.phase;
    if (phase === 'Succeeded' || phase === 'Failed') throw badRequest(`cannot ${what} a container in a completed pod; current phase is ${phase}`);
  };

  return {
    async logs(namespace, pod, container, options) {
      const worker = find(namespace, pod);
      const name = chooseContainer(worker.pod, container);
      const status = logContainer(worker, name, options.previous === true);
      if (directory === undefined || status.logPath === '') return Readable.from([]);
      const current = () => worker.view.containers.find((c) => c.id === status.id);
      return readLog({
        path: status.logPath, clock,
        running: () => current()?.state === 'running',
        ended: () => new Promise((resolve) => {
          const stop = runtime.onEvent((event) => {
            if (event.containerId !== status.id || event.type !== 'exited') return;
            stop();
            resolve();
          });
          if (current()?.state !== 'running') {
            stop();
            resolve();
          }
        }),
      }, options);
    },
    async exec(namespace, pod, container, command, options) {
      const worker = find(namespace, pod);
      completed(worker, 'exec into');
      return runtime.exec(running(worker, container).id, command, options);
    },
    async attach(namespace, pod, container, options) {
      const worker = find(namespace, pod);
      completed(worker, 'attach to');
      return runtime.attach(running(worker, container).id, options);
    },
    async portForward(namespace, pod, port) {
      const worker = find(namespace, pod);
      const sandbox = worker.view.sandbox;
      if (sandbox?.state !== 'ready') throw badRequest(`unable to forward port because pod is not running. Current status=${worker.status.phase ?? 'Pending'}`);
      return runtime.portForward(sandbox.id, port);
    },
  };
}

function missing(message: string): StatusError {
  return new StatusError({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason: 'NotFound', code: 404 });
}

function chooseContainer(pod: Pod, wanted: string | undefined): string {
  if (wanted) {
    if (containerSpec(pod, wanted)) return wanted;
    throw badRequest(`container ${wanted} is not valid for pod ${pod.metadata.name}`);
  }
  const [only, ...others] = pod.spec.containers.map((c) => c.name);
  const inits = (pod.spec.initContainers ?? []).map((c) => c.name);
  const ephemeral = ephemeralContainers(pod).map((c) => c.name);
  if (only !== undefined && others.length === 0) return only;
  const more = [...(inits.length > 0 ? [` or one of the init containers: [${inits.join(' ')}]`] : []), ...(ephemeral.length > 0 ? [` or one of the ephemeral containers: [${ephemeral.join(' ')}]`] : [])];
  throw badRequest(`a container name must be specified for pod ${pod.metadata.name}, choose one of: [${[only, ...others].join(' ')}]${more.join('')}`);
}

/** Which container's log is meant: the newest, or with `previous` the one before. */
function logContainer(worker: PodWorker, name: string, previous: boolean): ContainerStatus {
  const pod = worker.pod.metadata.name;
  const [last, before] = worker.view.containers.filter((c) => c.name === name && c.state !== 'created');
  if (previous) {
    // A container that ended and waits to be started again is itself the previous one.
    const status = [...(worker.status.containerStatuses ?? []), ...(worker.status.initContainerStatuses ?? [])].find((s) => s.name === name);
    const found = last?.state === 'exited' && status?.state?.waiting ? last : before;
    if (!found) throw badRequest(`previous terminated container "${name}" in pod "${pod}" not found`);
    return found;
  }
  if (last) return last;
  const status = [...(worker.status.containerStatuses ?? []), ...(worker.status.initContainerStatuses ?? []), ...(worker.status.ephemeralContainerStatuses ?? [])].find((s) => s.name === name);
  const waiting = status?.state?.waiting;
  const why: Readonly<Record<string, string>> = { ErrImagePull: "image can't be pulled", ImagePullBackOff: 'trying and failing to pull image' };
  if (waiting) throw badRequest(`container "${name}" in pod "${pod}" is waiting to start: ${why[waiting.reason ?? ''] ?? waiting.reason ?? ''}`);
  throw badRequest(`container "${name}" in pod "${pod}" is not available`);
}
