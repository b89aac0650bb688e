/** Container statuses as the API shows them (kubelet_pods.go convertToAPIContainerStatuses). */
import type { Container, ContainerState, ContainerStatus, Pod } from '../../api/types/core.v1.ts';
import type * as cri from '../runtime/runtime.ts';
import { rfc3339 } from '../../base/time.ts';
import type { ProbeVerdicts } from './actions.ts';
import { ephemeralContainers, newest, shouldRestart, isSidecar, startedWith, type PodView } from './view.ts';

/** Why a container could not be started, as its waiting state says. */
export interface WaitingReason {
  readonly reason: string;
  readonly message: string;
}

export interface StatusInput {
  readonly pod: Pod;
  readonly view: PodView;
  readonly probes: ProbeVerdicts;
  /** By container name. */
  readonly reasons: ReadonlyMap<string, WaitingReason>;
  /** `processes`; the scheme of container ids. */
  readonly runtimeName: string;
}

type Role = 'init' | 'main' | 'ephemeral';

export function containerStatuses(input: StatusInput, role: Role, previous: readonly ContainerStatus[]): ContainerStatus[] {
  const { pod } = input;
  const containers = role === 'init' ? pod.spec.initContainers ?? [] : role === 'main' ? pod.spec.containers : ephemeralContainers(pod);
  const statuses = containers.map((container) => {
    const status = statusOf(input, container, role, previous.find((s) => s.name === container.name));
    return withReadiness(input, container, role, status);
  });
  return role === 'init' ? statuses : statuses.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

function statusOf(input: StatusInput, container: Container, role: Role, old: ContainerStatus | undefined): ContainerStatus {
  const { pod, view } = input;
  // One that is made but not started is not shown yet: upstream's kubelet, which looks once a second, hardly ever sees it, and clients expect a waiting container to say why it waits.
  const seen = view.containers.filter((c) => c.name === container.name && c.state !== 'created').slice(0, 2);
  const current = seen[0];
  const hasInit = role !== 'init' && (pod.spec.initContainers?.length ?? 0) > 0;
  let status: ContainerStatus;
  if (current) {
    const state = stateOf(current, input.runtimeName, old);
    const last = seen[1] ? stateOf(seen[1], input.runtimeName, undefined) : old && old.containerID !== containerId(input.runtimeName, current) ? terminatedOf(old) : old?.lastState;
    const resources = (current.state === 'running' ? startedWith(current) : undefined) ?? container.resources ?? {};
    status = {
      ...base(container, current.image, current.imageId, current.attempt),
      state,
      lastState: last ?? {},
      containerID: containerId(input.runtimeName, current),
      resources,
      ...(current.user && { user: { linux: { ...current.user, supplementalGroups: [...current.user.supplementalGroups] } } }),
      ...(container.resources?.requests && { allocatedResources: container.resources.requests }),
    };
  } else {
    status = unseen(pod, container, hasInit || role === 'init' ? 'PodInitializing' : 'ContainerCreating', old);
  }

  const finished = role === 'init' && !isSidecar(container) && current?.state === 'exited' && current.exitCode === 0;
  const reason = input.reasons.get(container.name);
  if (reason && !finished && role !== 'ephemeral' && shouldRestart(pod, container, view)) return waiting(status, reason);
  if (reason && role === 'ephemeral' && !current) return waiting(status, reason);
  return status;
}

/** A container that the runtime does not know (any more). */
function unseen(pod: Pod, container: Container, reason: string, old: ContainerStatus | undefined): ContainerStatus {
  if (old?.state?.terminated) return old;
  const status: ContainerStatus = { ...base(container, container.image ?? '', '', old?.restartCount ?? 0), state: { waiting: { reason } }, lastState: old?.lastState ?? {} };
  if (!old?.state?.running || old.lastState?.terminated) return status;
  const lost = { reason: 'ContainerStatusUnknown', message: 'The container could not be located when the pod was deleted.  The container used to be Running', exitCode: 137 };
  return { ...status, lastState: { terminated: lost }, restartCount: status.restartCount + (pod.metadata.deletionTimestamp === undefined ? 1 : 0) };
}

function waiting(status: ContainerStatus, { reason, message }: WaitingReason): ContainerStatus {
  const lastState = status.state?.terminated ? { terminated: status.state.terminated } : status.lastState;
  return { ...status, ...(lastState && { lastState }), state: { waiting: { reason, ...(message !== '' && { message }) } } };
}

function base(container: Container, image: string, imageID: string, restartCount: number): ContainerStatus {
  const volumeMounts = (container.volumeMounts ?? []).map((m) => ({
    name: m.name,
    mountPath: m.mountPath,
    ...(m.readOnly && { readOnly: true, recursiveReadOnly: 'Disabled' }),
  }));
  return { name: container.name, ready: false, restartCount, image, imageID, ...(volumeMounts.length > 0 && { volumeMounts }) };
}

function stateOf(status: cri.ContainerStatus, runtime: string, old: ContainerStatus | undefined): ContainerState {
  switch (status.state) {
    case 'running':
      return { running: { startedAt: rfc3339(status.startedAt ?? status.createdAt) } };
    case 'exited':
      return {
        terminated: {
          exitCode: status.exitCode ?? 137,
          reason: status.reason ?? (status.exitCode === 0 ? 'Completed' : 'Error'),
          ...(status.message && { message: status.message }),
          // What never started is shown as started at the epoch: CRI's zero.
          startedAt: rfc3339(status.startedAt ?? 0),
          ...(status.finishedAt !== undefined && { finishedAt: rfc3339(status.finishedAt) }),
          containerID: containerId(runtime, status),
        },
      };
    case 'created':
    case 'unknown':
      if (!old?.state?.running) return { waiting: {} };
      return { terminated: { reason: 'ContainerStatusUnknown', message: 'The container could not be located when the pod was terminated', exitCode: 137 } };
  }
}

function terminatedOf(old: ContainerStatus): ContainerState | undefined {
  return old.state?.terminated ? { terminated: old.state.terminated } : old.lastState;
}

export function containerId(runtime: string, status: { readonly id: string }): string {
  return `${runtime}://${status.id}`;
}

/** started and ready (prober_manager.go UpdatePodStatus). */
function withReadiness(input: StatusInput, container: Container, role: Role, status: ContainerStatus): ContainerStatus {
  if (role === 'ephemeral') return status;
  const id = newest(input.view, container.name)?.id ?? '';
  const running = status.state?.running !== undefined;
  const started = running && (!container.startupProbe || input.probes.startup(id) === 'success');
  if (role === 'init' && !isSidecar(container)) return { ...status, started, ready: status.state?.terminated?.exitCode === 0 };
  return { ...status, started, ready: started && (!container.readinessProbe || input.probes.readiness(id) === 'success') };
}
