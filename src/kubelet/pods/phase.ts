import type { ContainerStatus, Pod, PodPhase } from '../../api/types/core.v1.ts';
import { isSidecar } from './view.ts';

/**
 * The pod's phase from its containers' statuses (kubelet_pods.go getPhase). `terminal`: the pod's containers will not be started again. `initialized`: a main container has
 * been started, so that a restarting sidecar does not take the pod back to Pending.
 */
export function podPhase(pod: Pod, statuses: readonly ContainerStatus[], terminal: boolean, initialized: boolean): PodPhase {
  const byName = new Map(statuses.map((s) => [s.name, s]));
  const inits = pod.spec.initContainers ?? [];
  let pendingInit = 0;
  let failedInit = 0;
  for (const container of inits.filter((c) => !isSidecar(c))) {
    const status = byName.get(container.name);
    const ended = status?.state?.terminated ?? (status?.state?.waiting ? status.lastState?.terminated : undefined);
    if (!ended) pendingInit++;
    else if (ended.exitCode !== 0) failedInit++;
  }

  let pendingSidecars = 0;
  let unknown = 0;
  let running = 0;
  let waiting = 0;
  for (const container of inits.filter(isSidecar)) {
    const status = byName.get(container.name);
    if (!status) unknown++;
    else if (status.state?.running) {
      running++;
      if (status.started !== true) pendingSidecars++;
    } else if (status.state?.waiting && !status.lastState?.terminated) {
      waiting++;
      pendingSidecars++;
    } else if (!status.state?.waiting && !status.state?.terminated) {
      unknown++;
      pendingSidecars++;
    }
  }

  let stopped = 0;
  let succeeded = 0;
  for (const container of pod.spec.containers) {
    const status = byName.get(container.name);
    const state = status?.state;
    if (state?.running) running++;
    else if (state?.terminated) {
      stopped++;
      if (state.terminated.exitCode === 0) succeeded++;
    } else if (state?.waiting) {
      if (status?.lastState?.terminated) stopped++;
      else waiting++;
    } else unknown++;
  }

  const policy = pod.spec.restartPolicy ?? 'Always';
  if (failedInit > 0 && policy === 'Never') return 'Failed';
  if (pendingInit > 0 || (pendingSidecars > 0 && !initialized) || waiting > 0) return 'Pending';
  if (running > 0 && unknown === 0) return 'Running';
  if (running === 0 && stopped > 0 && unknown === 0) {
    if (terminal) return stopped === succeeded ? 'Succeeded' : 'Failed';
    if (policy === 'Always') return 'Running';
    if (stopped === succeeded) return 'Succeeded';
    return policy === 'Never' ? 'Failed' : 'Running';
  }
  return 'Pending';
}
