/** What to do next for a pod: pure. (kuberuntime_manager.go computePodActions.) */
import type { Container, Pod } from '../../api/types/core.v1.ts';
import type { ContainerStatus } from '../runtime/runtime.ts';
import { resizeRestarts } from './resize.ts';
import { definitionChanged, doneForGood, ephemeralContainers, initFailed, isSidecar, newest, shouldRestart, type PodView } from './view.ts';

export type ProbeVerdict = 'success' | 'failure' | 'unknown';

/** Latest verdicts by container id; undefined = there is no such probe, or it has not run. */
export interface ProbeVerdicts {
  startup(containerId: string): ProbeVerdict | undefined;
  liveness(containerId: string): ProbeVerdict | undefined;
  readiness(containerId: string): ProbeVerdict | undefined;
}

export type KillReason = 'startup' | 'liveness' | 'unknown' | 'changed' | 'resize';

export interface ContainerKill {
  readonly id: string;
  readonly container: Container;
  /** Text of the Killing event. */
  readonly message: string;
  readonly reason: KillReason;
}

export interface PodActions {
  /** Everything dies, sandbox too. */
  readonly killPod: boolean;
  readonly createSandbox: boolean;
  readonly attempt: number;
  readonly kill: readonly ContainerKill[];
  /** Names, in the order they are started. */
  readonly startEphemeral: readonly string[];
  readonly startInit: readonly string[];
  readonly start: readonly string[];
}

/** Decides what brings the pod nearer to its spec. */
export function podActions(pod: Pod, view: PodView, probes: ProbeVerdicts): PodActions {
  const none: PodActions = { killPod: false, createSandbox: false, attempt: view.sandbox?.attempt ?? 0, kill: [], startEphemeral: [], startInit: [], start: [] };
  if (needsSandbox(view)) return fromScratch(pod, view, none);

  const startEphemeral = ephemeralContainers(pod).filter((c) => !newest(view, c.name)).map((c) => c.name);
  const init = initActions(pod, view, probes);
  if (init.killPod) return { ...none, startEphemeral, killPod: true };
  if (!init.initialized) return { ...none, startEphemeral, kill: init.kill, startInit: init.start };

  const main = mainActions(pod, view, probes);
  // Nothing is kept and nothing will be started: the pod is done, and its sidecars must not keep it alive.
  const killPod = main.keep === 0 && main.start.length === 0;
  return { ...none, killPod, startEphemeral, kill: [...init.kill, ...main.kill], startInit: killPod ? [] : init.start, start: main.start };
}

export function needsSandbox(view: PodView): boolean {
  return view.sandbox === undefined || view.sandbox.state !== 'ready';
}

function fromScratch(pod: Pod, view: PodView, none: PodActions): PodActions {
  const attempt = view.sandbox ? view.sandbox.attempt + 1 : 0;
  const again: PodActions = { ...none, attempt, killPod: true, createSandbox: true };
  const never = pod.spec.restartPolicy === 'Never';
  if (never && attempt !== 0 && view.containers.length > 0) return { ...again, createSandbox: false };
  const start = pod.spec.containers.filter((c) => !doneForGood(pod, c, view)).map((c) => c.name);
  if (start.length === 0) return { ...again, createSandbox: false };
  const first = pod.spec.initContainers?.[0];
  return first ? { ...again, startInit: [first.name] } : { ...again, start };
}

interface InitDecision {
  readonly initialized: boolean;
  readonly killPod: boolean;
  readonly start: readonly string[];
  readonly kill: readonly ContainerKill[];
}

/** Walks the init containers backwards, since finished ones may be gone from the runtime: the last one that is known tells how far the pod got. */
function initActions(pod: Pod, view: PodView, probes: ProbeVerdicts): InitDecision {
  const inits = pod.spec.initContainers ?? [];
  if (inits.length === 0) return { initialized: true, killPod: false, start: [], kill: [] };
  const start = new Set<number>();
  const kill: ContainerKill[] = [];
  let initialized = pod.spec.containers.some((c) => ['created', 'running'].includes(newest(view, c.name)?.state ?? ''));
  let reached = initialized;
  const done = (i: number) => {
    if (i === inits.length - 1) initialized = true;
    else if (!reached) start.add(i + 1);
  };

  for (let i = inits.length - 1; i >= 0; i--) {
    const container = inits[i]!;
    const status = newest(view, container.name);
    if (!status) {
      if (reached && isSidecar(container)) start.add(i);
      continue;
    }
    if (reached && !isSidecar(container)) continue;
    if (status.state === 'created') {
      start.add(i);
    } else if (status.state === 'running') {
      if (isSidecar(container)) {
        const verdict = sidecarAction(container, status, probes);
        if (verdict.kill) {
          kill.push(verdict.kill);
          start.add(i);
        }
        if (verdict.started) done(i);
      }
    } else if (isSidecar(container)) {
      if (status.state === 'unknown') kill.push(killUnknown(container, status, 'Init container'));
      start.add(i);
    } else if (!initFailed(status)) {
      done(i);
    } else if (pod.spec.restartPolicy === 'Never') {
      return { initialized: false, killPod: true, start: [], kill };
    } else {
      if (status.state === 'unknown') kill.push(killUnknown(container, status, 'Init container'));
      start.add(i);
    }
    reached = true;
  }
  if (!reached) start.add(0);
  return { initialized, killPod: false, start: [...start].sort((a, b) => a - b).map((i) => inits[i]!.name), kill };
}

function sidecarAction(container: Container, status: ContainerStatus, probes: ProbeVerdicts): { started: boolean; kill?: ContainerKill } {
  const killed = (message: string, reason: KillReason): ContainerKill => ({ id: status.id, container, message: `Init container ${container.name} ${message}`, reason });
  if (container.startupProbe) {
    const startup = probes.startup(status.id);
    if (startup === 'failure') return { started: false, kill: killed('failed startup probe', 'startup') };
    if (startup !== 'success') return { started: false };
  }
  if (definitionChanged(container, status)) return { started: true, kill: killed('definition changed', 'changed') };
  if (container.livenessProbe && probes.liveness(status.id) === 'failure') return { started: true, kill: killed('failed liveness probe', 'liveness') };
  return resizeRestarts(container, status) ? { started: true, kill: resizeKill(container, status) } : { started: true };
}

function mainActions(pod: Pod, view: PodView, probes: ProbeVerdicts): { start: string[]; kill: ContainerKill[]; keep: number } {
  const start: string[] = [];
  const kill: ContainerKill[] = [];
  let keep = 0;
  for (const container of pod.spec.containers) {
    const status = newest(view, container.name);
    if (!status || status.state !== 'running') {
      if (shouldRestart(pod, container, view)) {
        start.push(container.name);
        if (status?.state === 'unknown') kill.push(killUnknown(container, status, 'Container'));
      }
      continue;
    }
    const cause = killCause(container, status, probes);
    if (!cause) {
      if (resizeRestarts(container, status)) {
        start.push(container.name);
        kill.push(resizeKill(container, status));
      } else keep++;
      continue;
    }
    const restart = cause.reason === 'changed' || pod.spec.restartPolicy !== 'Never';
    if (restart) start.push(container.name);
    kill.push({ id: status.id, container, reason: cause.reason, message: `Container ${container.name} ${cause.text}${restart ? ', will be restarted' : ''}` });
  }
  return { start, kill, keep };
}

function killCause(container: Container, status: ContainerStatus, probes: ProbeVerdicts): { text: string; reason: KillReason } | undefined {
  if (definitionChanged(container, status)) return { text: 'definition changed', reason: 'changed' };
  if (probes.liveness(status.id) === 'failure') return { text: 'failed liveness probe', reason: 'liveness' };
  if (probes.startup(status.id) === 'failure') return { text: 'failed startup probe', reason: 'startup' };
  return undefined;
}

function resizeKill(container: Container, { id }: ContainerStatus): ContainerKill {
  return { id, container, message: `Container ${container.name} resize requires restart`, reason: 'resize' };
}

function killUnknown(container: Container, status: ContainerStatus, what: string): ContainerKill {
  return { id: status.id, container, message: `${what} is in "Unknown" state, try killing it before restart`, reason: 'unknown' };
}
