/** The pod's whole status (kubelet_pods.go generateAPIPodStatus). */
import type { ContainerStatus, HostIP, PodCondition, PodStatus } from '../../api/types/core.v1.ts';
import { needsSandbox } from './actions.ts';
import { containersReady, hasStarted, initialized, KUBELET_CONDITIONS, ready, stampTransitions } from './conditions.ts';
import { containerStatuses, type StatusInput } from './container-status.ts';
import { podPhase } from './phase.ts';
import { qosClass } from './qos.ts';

export interface PodStatusInput extends StatusInput {
  /** The status last generated, or the API's. */
  readonly old: PodStatus;
  /** The pod's containers will not be started again. */
  readonly terminal: boolean;
  /** Eviction, deadline, refused admission: says how the pod ended. */
  readonly failure?: { readonly reason: string; readonly message: string };
  /** The node did not take the pod: its containers were never anything here. */
  readonly refused?: boolean;
  /** Conditions to add (DisruptionTarget). */
  readonly extra?: readonly PodCondition[];
  /** How a change of resources stands. */
  readonly resize?: readonly PodCondition[];
  readonly hostIPs: readonly string[];
  /** RFC 3339 */
  readonly now: string;
}

export function podStatus(input: PodStatusInput): PodStatus {
  const { pod, old, view, failure } = input;
  const foreign = mergeForeign(pod.status?.conditions ?? [], input.extra ?? [], old.conditions ?? []);
  const refused = input.refused || (old.phase === 'Failed' && (old.containerStatuses ?? []).length === 0 && view.containers.length === 0);
  if (refused) return refusedStatus(input, foreign);

  const seen = { init: containerStatuses(input, 'init', old.initContainerStatuses ?? []), main: containerStatuses(input, 'main', old.containerStatuses ?? []) };
  const { init: initContainerStatuses, main: mainStatuses } = input.terminal ? allEnded(seen) : seen;
  const ephemeralContainerStatuses = containerStatuses(input, 'ephemeral', old.ephemeralContainerStatuses ?? []);
  const all = [...initContainerStatuses, ...mainStatuses];

  const terminalBefore = [old.phase, pod.status?.phase].find((p) => p === 'Failed' || p === 'Succeeded');
  const phase = terminalBefore ?? (failure ? 'Failed' : podPhase(pod, all, input.terminal, hasStarted(pod, all)));
  const reason = failure?.reason ?? (phase === old.phase ? old.reason : undefined);
  const message = failure?.message ?? (phase === old.phase ? old.message : undefined);

  const conditions: PodCondition[] = stampTransitions([
    ...foreign,
    ...(phase === 'Failed' || phase === 'Succeeded' ? [] : input.resize ?? []),
    { type: 'PodReadyToStartContainers', status: needsSandbox(view) ? 'False' : 'True' },
    { type: 'Initialized', ...initialized(pod, all, phase) },
    { type: 'Ready', ...ready(pod, all, phase, foreign) },
    { type: 'ContainersReady', ...containersReady(pod, all, phase) },
    { type: 'PodScheduled', status: 'True' },
  ], old.conditions ?? [], input.now);

  const hostIPs: HostIP[] = input.hostIPs.map((ip) => ({ ip }));
  const podIP = pod.spec.hostNetwork ? input.hostIPs[0] : (view.sandbox?.state === 'ready' ? view.sandbox.ip : undefined) ?? old.podIP;
  return {
    ...(old.observedGeneration !== undefined && { observedGeneration: old.observedGeneration }),
    phase,
    conditions,
    ...(message !== undefined && { message }),
    ...(reason !== undefined && { reason }),
    ...(hostIPs.length > 0 && { hostIP: hostIPs[0]!.ip, hostIPs }),
    ...(podIP !== undefined && { podIP, podIPs: [{ ip: podIP }] }),
    startTime: old.startTime ?? input.now,
    ...(initContainerStatuses.length > 0 && { initContainerStatuses: [...initContainerStatuses] }),
    ...(mainStatuses.length > 0 && { containerStatuses: [...mainStatuses] }),
    ...(ephemeralContainerStatuses.length > 0 && { ephemeralContainerStatuses }),
    qosClass: qosClass(pod),
  };
}

type Statuses = { readonly init: readonly ContainerStatus[]; readonly main: readonly ContainerStatus[] };

/** A container that was begun and of whose end nothing is known ended all the same, once the pod is over (status_manager.go TerminatePod). What was never reached stays waiting. */
function allEnded({ init, main }: Statuses): Statuses {
  const begun = ({ state, lastState, restartCount }: ContainerStatus) => state?.running !== undefined || state?.terminated !== undefined || lastState?.terminated !== undefined || (restartCount ?? 0) > 0;
  const end = (status: ContainerStatus): ContainerStatus => (status.state?.terminated || !begun(status) ? status : { ...status, started: false, ready: false, state: { terminated: LOST } });
  return { init: init.map(end), main: main.map(end) };
}

const LOST = { reason: 'ContainerStatusUnknown', message: 'The container could not be located when the pod was terminated', exitCode: 137 };

/** Only that it failed, and why: kubectl then shows the reason, not a container that is being created (kubelet.go rejectPod). */
function refusedStatus({ pod, old, failure, now }: PodStatusInput, conditions: readonly PodCondition[]): PodStatus {
  const { reason, message } = failure ?? old;
  return {
    ...(old.observedGeneration !== undefined && { observedGeneration: old.observedGeneration }),
    phase: 'Failed',
    ...(conditions.length > 0 && { conditions: [...conditions] }),
    ...(message !== undefined && { message }),
    ...(reason !== undefined && { reason }),
    startTime: old.startTime ?? now,
    qosClass: pod.status?.qosClass ?? qosClass(pod),
  };
}

/** What others wrote stays; what the kubelet itself once added (DisruptionTarget on eviction) stays too. */
function mergeForeign(api: readonly PodCondition[], extra: readonly PodCondition[], old: readonly PodCondition[]): PodCondition[] {
  const merged = new Map(api.filter((c) => !KUBELET_CONDITIONS.has(c.type)).map((c) => [c.type, c]));
  for (const condition of [...old.filter((c) => c.type === 'DisruptionTarget'), ...extra]) merged.set(condition.type, condition);
  return [...merged.values()];
}
