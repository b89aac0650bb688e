/** The conditions that the kubelet owns, from container statuses (status/generate.go). */
import type { ContainerStatus, Pod, PodCondition, PodPhase } from '../../api/types/core.v1.ts';
import { isSidecar, sidecars } from './view.ts';

export const KUBELET_CONDITIONS: ReadonlySet<string> = new Set(['PodScheduled', 'Ready', 'Initialized', 'ContainersReady', 'PodReadyToStartContainers', 'PodResizePending', 'PodResizeInProgress']);

type Verdict = Pick<PodCondition, 'status' | 'reason' | 'message'>;

const isTrue: Verdict = { status: 'True' };
const isFalse = (reason: string, message?: string): Verdict => ({ status: 'False', reason, ...(message !== undefined && { message }) });
const bracketed = (names: readonly string[]) => `[${names.join(' ')}]`;

export function containersReady(pod: Pod, statuses: readonly ContainerStatus[], phase: PodPhase): Verdict {
  const { unknown, matching: unready } = sort([...sidecars(pod), ...pod.spec.containers].map((c) => c.name), statuses, (s) => !s.ready);
  if (phase === 'Succeeded' && unknown.length === 0) return isFalse('PodCompleted');
  if (phase === 'Failed') return isFalse('PodFailed');
  const message = texts(unknown, unready, 'unready');
  return message === '' ? isTrue : isFalse('ContainersNotReady', message);
}

/** `conditions` are those of others, where readiness gates are looked up. */
export function ready(pod: Pod, statuses: readonly ContainerStatus[], phase: PodPhase, conditions: readonly PodCondition[]): Verdict {
  const containers = containersReady(pod, statuses, phase);
  if (containers.status !== 'True') return containers;
  const complaints = (pod.spec.readinessGates ?? []).flatMap(({ conditionType }) => {
    const condition = conditions.find((c) => c.type === conditionType);
    if (!condition) return [`corresponding condition of pod readiness gate "${conditionType}" does not exist.`];
    return condition.status === 'True' ? [] : [`the status of pod readiness gate "${conditionType}" is not "True", but ${condition.status}`];
  });
  return complaints.length === 0 ? isTrue : isFalse('ReadinessGatesNotReady', complaints.join(', '));
}

export function initialized(pod: Pod, statuses: readonly ContainerStatus[], phase: PodPhase): Verdict {
  const inits = pod.spec.initContainers ?? [];
  const done = (s: ContainerStatus) => (isSidecar(inits.find((c) => c.name === s.name)!) ? s.started === true : s.ready);
  const { unknown, matching: incomplete } = sort(inits.map((c) => c.name), statuses, (s) => !done(s));
  if (phase === 'Succeeded' && unknown.length === 0) return { status: 'True', reason: 'PodCompleted' };
  if (hasStarted(pod, statuses)) return isTrue;
  const message = texts(unknown, incomplete, 'incomplete');
  return message === '' ? isTrue : isFalse('ContainersNotInitialized', message);
}

/** Whether any main container was ever started (container/helpers.go HasAnyRegularContainerStarted). */
export function hasStarted(pod: Pod, statuses: readonly ContainerStatus[]): boolean {
  return pod.spec.containers.some((c) => {
    const status = statuses.find((s) => s.name === c.name);
    return status?.state?.running !== undefined || status?.state?.terminated !== undefined;
  });
}

/** Conditions as they are written: a transition time moves only with the status (status_manager.go updateLastTransitionTime), of a resize with its reason (updatedPodResizeCondition). */
export function stampTransitions(next: readonly PodCondition[], old: readonly PodCondition[], now: string): PodCondition[] {
  return next.map((condition) => {
    if (!KUBELET_CONDITIONS.has(condition.type)) return condition;
    const before = old.find((c) => c.type === condition.type);
    const same = before?.status === condition.status && (!condition.type.startsWith('PodResize') || before.reason === condition.reason) && !!before.lastTransitionTime;
    return { ...condition, lastTransitionTime: same ? before.lastTransitionTime! : now };
  });
}

function sort(names: readonly string[], statuses: readonly ContainerStatus[], match: (status: ContainerStatus) => boolean) {
  const unknown: string[] = [];
  const matching: string[] = [];
  for (const name of names) {
    const status = statuses.find((s) => s.name === name);
    if (!status) unknown.push(name);
    else if (match(status)) matching.push(name);
  }
  return { unknown, matching };
}

function texts(unknown: readonly string[], named: readonly string[], word: string): string {
  const parts: string[] = [];
  if (unknown.length > 0) parts.push(`containers with unknown status: ${bracketed(unknown)}`);
  if (named.length > 0) parts.push(`containers with ${word} status: ${bracketed(named)}`);
  return parts.join(', ');
}
