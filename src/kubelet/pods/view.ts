/** What the runtime knows of one pod, as the pure decisions see it. */
import { createHash } from 'node:crypto';
import type { Container, Pod, ResourceRequirements } from '../../api/types/core.v1.ts';
import type { ContainerStatus, SandboxStatus } from '../runtime/runtime.ts';

export interface PodView {
  /** The newest sandbox. */
  readonly sandbox: Omit<SandboxStatus, 'containers'> | undefined;
  /** Of every sandbox, newest first. */
  readonly containers: readonly ContainerStatus[];
}

/** The newest container of that name. */
export function newest(view: PodView, name: string): ContainerStatus | undefined {
  return view.containers.find((c) => c.name === name);
}

/** An init container that keeps running (KEP-753). */
export function isSidecar(container: Container): boolean {
  return container.restartPolicy === 'Always';
}

export function sidecars(pod: Pod): readonly Container[] {
  return (pod.spec.initContainers ?? []).filter(isSidecar);
}

/** Ephemeral containers as containers: the schema makes their fields optional, validation does not. */
export function ephemeralContainers(pod: Pod): readonly (Container & { readonly targetContainerName?: string })[] {
  return (pod.spec.ephemeralContainers ?? []) as (Container & { targetContainerName?: string })[];
}

/** Init, main and ephemeral containers of that name. */
export function containerSpec(pod: Pod, name: string): Container | undefined {
  return [...(pod.spec.initContainers ?? []), ...pod.spec.containers, ...ephemeralContainers(pod)].find((c) => c.name === name);
}

/** Labels that the runtime keeps, so that a restarted kubelet knows its own (kuberuntime/labels.go). */
export const LABEL = {
  podName: 'io.kubernetes.pod.name',
  podNamespace: 'io.kubernetes.pod.namespace',
  podUid: 'io.kubernetes.pod.uid',
  containerName: 'io.kubernetes.container.name',
  hash: 'io.kubernetes.container.hash',
  resources: 'coracle.dev/resources',
} as const;

/** The resources that a container has: those it was started with, or was given since (actuated, as upstream calls it). */
export function startedWith(status: ContainerStatus): ResourceRequirements | undefined {
  const text = status.labels[LABEL.resources];
  return text === undefined ? undefined : (JSON.parse(text) as ResourceRequirements);
}

/** Of the fields whose change restarts a container: name and image (container/helpers.go pickFieldsToHash). */
export function containerHash(container: Container): string {
  return createHash('sha1').update(JSON.stringify([container.name, container.image])).digest('hex').slice(0, 8);
}

export function definitionChanged(container: Container, status: ContainerStatus): boolean {
  const hash = status.labels[LABEL.hash];
  return hash !== undefined && hash !== containerHash(container);
}

/** An init container that ran and did not succeed (kuberuntime/helpers.go isInitContainerFailed). */
export function initFailed(status: ContainerStatus): boolean {
  return (status.state === 'exited' && status.exitCode !== 0) || status.state === 'unknown';
}

/** How a main container ended; undefined while it has not. What the runtime has forgotten (it forgets all when the cluster is taken down) the API still knows. */
function endedWith(pod: Pod, container: Container, view: PodView): number | undefined {
  const status = newest(view, container.name);
  if (status) return status.state === 'exited' ? status.exitCode : undefined;
  return pod.status?.containerStatuses?.find((c) => c.name === container.name)?.state?.terminated?.exitCode;
}

/** Whether a container that is not running is to be started (again); container/helpers.go ShouldContainerBeRestarted. */
export function shouldRestart(pod: Pod, container: Container, view: PodView): boolean {
  if (pod.metadata.deletionTimestamp !== undefined) return false;
  const status = newest(view, container.name);
  if (!status) return !doneForGood(pod, container, view);
  if (status.state === 'running') return false;
  if (status.state === 'unknown' || status.state === 'created') return true;
  // Init containers that are sidecars are always restarted, whatever the pod says.
  if (isSidecar(container)) return true;
  return !doneForGood(pod, container, view);
}

/** It ended in a way that the pod's restart policy takes for its last. */
export function doneForGood(pod: Pod, container: Container, view: PodView): boolean {
  const exitCode = endedWith(pod, container, view);
  return exitCode !== undefined && (pod.spec.restartPolicy === 'Never' || (pod.spec.restartPolicy === 'OnFailure' && exitCode === 0));
}
