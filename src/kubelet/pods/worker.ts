/**
 * One pod's worker: brings the pod to what its spec says, tells the API how it stands, and takes it down again. It sleeps until something happens: a change in the API, an event of the
 * runtime, a probe's verdict, the end of a back-off. (pod_workers.go, kubelet.go SyncPod / SyncTerminatingPod / SyncTerminatedPod.)
 */
import type { Pod, PodCondition, PodStatus } from '../../api/types/core.v1.ts';
import type { Timer } from '../../base/clock.ts';
import { podProber } from '../prober/prober.ts';
import type { Resources, RuntimeEvent, SandboxStatus } from '../runtime/runtime.ts';
import { rfc3339 } from '../../base/time.ts';
import { VolumeError } from '../volumes/types.ts';
import { podActions, type PodActions } from './actions.ts';
import { onlyStatusChanged, statusToShow } from './changes.ts';
import type { WaitingReason } from './container-status.ts';
import type { WorkerDeps } from './deps.ts';
import { graceUntil, type Grace } from './grace.ts';
import { killAll, killContainer, untilAborted, type KillContext } from './kill.ts';
import { liveView } from './live-view.ts';
import { StartError } from './pull.ts';
import { adoptedAllocation, allocationOf, resizeConditions, resizeSteps, sameResources, withAllocation, type Allocation, type Pending } from './resize.ts';
import { containerResources } from './resources.ts';
import { checkRuntimeClass } from './runtime-class.ts';
import { sandboxConfig } from './sandbox-config.ts';
import { fieldPath, restartKey, startContainer } from './start-container.ts';
import { podStatus } from './status.ts';
import { terminationText } from './termination-message.ts';
import { containerSpec, isSidecar, LABEL, sidecars, type PodView } from './view.ts';
import { podLogDirectory } from '../paths.ts';

export interface PodWorker {
  readonly uid: string;
  /** As last seen in the API, with the resources that the node has promised it. */
  readonly pod: Pod;
  readonly view: PodView;
  readonly status: PodStatus;
  /** It was refused or is over: it takes no room on the node. */
  readonly over: boolean;
  /** The node took it: it holds its room. */
  readonly admitted: boolean;
  /** It waits for room to get larger. */
  readonly deferred: boolean;
  update(pod: Pod): void;
  /** The pod is gone from the API. */
  removed(): void;
  onRuntime(event: RuntimeEvent): void;
  /** Something the pod uses may have changed. */
  kick(): void;
  /** Ends the pod for a reason of the node's own. */
  fail(failure: PodFailure): void;
  /** Resolves once nothing of it is being done (the kubelet stops; the pod lives on). */
  detach(): Promise<void>;
}

export interface PodFailure {
  readonly reason: string;
  readonly message: string;
  /** Overrides the pod's own grace, ms. */
  readonly graceMs?: number;
  readonly condition?: PodCondition;
}

type Stage = 'syncing' | 'terminating' | 'terminated' | 'gone';

const DEFAULT_GRACE_S = 30;
const RETRY_FIRST_MS = 500;
const RETRY_MAX_MS = 122_000;
/** A resize that failed is tried again with the pod's next sync (pod_workers.go backOffPeriod). */
const RESIZE_RETRY_MS = 10_000;
/** How often one that finds no room is looked at, if nothing else happens (the kubelet's syncFrequency). */
const ROOM_RETRY_MS = 60_000;

export function podWorker(first: Pod, adopted: readonly SandboxStatus[], deps: WorkerDeps): PodWorker {
  const { clock, runtime } = deps;
  const uid = first.metadata.uid ?? '';
  const live = liveView(runtime, (status) => terminationText(status, containerSpec(pod, status.name), deps.directory, uid));
  for (const sandbox of adopted) {
    live.addSandbox(sandbox);
    deps.owns(sandbox.id, uid);
  }
  let portsAdopted = adopted.length === 0;
  const reasons = new Map<string, WaitingReason>();
  const abort = new AbortController();
  const leave = new AbortController();
  /** As the API has it; `pod` is the same with what the node has promised of it. */
  let desired = first;
  let pod = first;
  let status: PodStatus = first.status ?? {};
  let stage: Stage = 'syncing';
  let failure: PodFailure | undefined;
  let allocation: Allocation | undefined;
  let pending: Pending | undefined;
  let resizeError: string | undefined;
  /** What the pod as a whole may use; undefined: an earlier kubelet knew. */
  let podLimits: Resources | undefined;
  let inApi = true;
  let admitted = adopted.length > 0 || (first.status?.containerStatuses?.length ?? 0) > 0;
  let published = adopted.length > 0;
  let grace: Grace | undefined;
  let dirty = false;
  let detached = false;
  let refused = false;
  let failures = 0;
  let setbacks = 0;
  let loop: Promise<void> | undefined;
  let wake: Timer | undefined;

  const acting = () => stage !== 'gone' && !detached;
  const podIP = () => (pod.spec.hostNetwork ? deps.hostIPs[0] : live.view.sandbox?.ip) ?? '';
  const event = (container: string, type: 'Normal' | 'Warning', reason: string, message: string) =>
    deps.events.event(pod, type, reason, message, { fieldPath: fieldPath(pod, container) });
  const prober = podProber({ clock, runner: deps.probes, eager: deps.cadence.eagerProbes, event, changed: () => observe() });

  /** Takes in what is known now: probes follow the containers, the API gets the status. */
  const publish = (terminal = false) => {
    if (!acting()) return;
    prober.sync(pod, live.view, podIP());
    status = podStatus({
      pod, view: live.view, probes: prober.verdicts, reasons, runtimeName: runtime.name, old: status, terminal,
      resize: resizeConditions(pod, live.view, pending, resizeError),
      ...(refused && { refused }),
      ...(failure && { failure, ...(failure.condition && { extra: [failure.condition] }) }),
      hostIPs: deps.hostIPs, now: rfc3339(clock.now()),
    });
    if (status.conditions?.some((c) => c.type === 'Ready' && c.status === 'True')) published = true;
    if (inApi) deps.status.set(pod, statusToShow(pod, status, live.view));
  };
  const observe = () => {
    publish(stage === 'terminated');
    kick();
  };
  const isOver = () => status.phase === 'Failed' || status.phase === 'Succeeded';
  const mustEnd = () => !inApi || failure !== undefined || pod.metadata.deletionTimestamp !== undefined || isOver();

  const kick = () => {
    dirty = true;
    if (!acting()) return;
    loop ??= run().finally(() => {
      loop = undefined;
      if (dirty) kick();
    });
  };
  const wakeAt = (at: number | undefined) => {
    wake?.cancel();
    if (at !== undefined && acting()) wake = clock.after(at - clock.now(), kick);
  };

  /** Volumes or sandbox cannot be had yet: again after a while that doubles (nestedpendingoperations' 500 ms to 2 min 2 s). */
  const tryLater = () => wakeAt(Math.min(clock.now() + Math.min(RETRY_FIRST_MS * 2 ** setbacks++, RETRY_MAX_MS), deadline() ?? Infinity));

  const run = async () => {
    // The first turn waits for the caller to have finished, so that a worker is known before it acts.
    await Promise.resolve();
    while (dirty && acting()) {
      dirty = false;
      try {
        await step();
        failures = 0;
      } catch (error) {
        if (!acting()) return;
        if (abort.signal.aborted && stage === 'syncing') {
          dirty = true;
          continue;
        }
        deps.events.event(pod, 'Warning', stage === 'syncing' ? 'FailedSync' : 'FailedKillPod', `${stage === 'syncing' ? 'error determining status' : 'error killing pod'}: ${error instanceof Error ? error.message : String(error)}`);
        wakeAt(clock.now() + Math.min(RETRY_FIRST_MS * 2 ** failures++, RETRY_MAX_MS));
      }
    }
  };

  const step = async () => {
    if (stage === 'syncing') {
      if (!admitted) {
        if (!mustEnd()) await admit();
        else admitted = true;
      }
      if (!mustEnd()) promise();
      publish();
      checkDeadline();
      if (!mustEnd()) return sync();
      stage = 'terminating';
    }
    if (stage === 'terminating') {
      await terminate();
      stage = 'terminated';
      publish(true);
    }
    if (stage === 'terminated' && (!inApi || pod.metadata.deletionTimestamp !== undefined)) await finish();
  };

  const admit = async () => {
    let refusal = deps.admit(pod);
    // In the same turn as the look at what is left, so that no two pods are given the same room.
    admitted = refusal === undefined;
    if (admitted) return;
    // The node's labels may have changed since it was last read; a pod is refused only by what is so now.
    await deps.reloadNode();
    refusal = deps.admit(pod);
    admitted = true;
    if (!refusal) return;
    deps.events.event(pod, 'Warning', refusal.reason, refusal.message);
    refused = true;
    failure = { reason: refusal.reason, message: `Pod was rejected: ${refusal.message}` };
  };
  /** Promises what the spec asks for, as far as the node has it. */
  const promise = () => {
    allocation ??= adoptedAllocation(desired, live.view);
    pod = withAllocation(desired, allocation);
    pending = pod === desired ? undefined : deps.resize(desired);
    if (pod === desired || pending) return;
    for (const container of [...desired.spec.containers, ...sidecars(desired)]) {
      if (!sameResources(container.resources, allocation.get(container.name))) deps.restarts.reset(restartKey(desired, container));
    }
    allocation = allocationOf(desired);
    pod = desired;
    resizeError = undefined;
  };

  /** Gives what was promised; says when to try again what could not be given. */
  const resize = async (): Promise<number | undefined> => {
    const { sandbox } = live.view;
    const steps = resizeSteps(pod, live.view, podLimits);
    if (!sandbox || steps.length === 0) {
      resizeError = undefined;
      return undefined;
    }
    try {
      for (const step of steps) {
        if (step.kind === 'pod') {
          await runtime.updateSandbox(sandbox.id, step.resources);
          podLimits = step.resources;
        } else {
          await runtime.updateContainer(step.id, { resources: containerResources(step.requirements), labels: { [LABEL.resources]: JSON.stringify(step.requirements) } });
          await live.refresh(step.id);
        }
      }
      resizeError = undefined;
      return undefined;
    } catch (error) {
      resizeError = error instanceof Error ? error.message : String(error);
      return clock.now() + RESIZE_RETRY_MS;
    }
  };

  const deadline = () => {
    const seconds = pod.spec.activeDeadlineSeconds;
    return seconds === undefined || status.startTime === undefined ? undefined : Date.parse(status.startTime) + seconds * 1000;
  };
  const checkDeadline = () => {
    const at = deadline();
    if (at === undefined || failure || isOver() || clock.now() < at) return;
    failure = { reason: 'DeadlineExceeded', message: 'Pod was active on the node longer than the specified deadline' };
    deps.events.event(pod, 'Normal', 'DeadlineExceeded', failure.message);
    publish();
  };

  const sync = async () => {
    try {
      await untilAborted(deps.volumes.mount(pod), abort.signal);
    } catch (error) {
      if (!(error instanceof VolumeError)) throw error;
      for (const { message } of error.failures) deps.events.event(pod, 'Warning', 'FailedMount', message);
      return tryLater();
    }
    abort.signal.throwIfAborted();
    if (!portsAdopted) {
      portsAdopted = true;
      await deps.hostPorts?.open(pod, podIP);
    }
    const actions = podActions(pod, live.view, prober.verdicts);
    if (actions.createSandbox && live.view.sandbox) deps.events.event(pod, 'Normal', 'SandboxChanged', 'Pod sandbox changed, it will be killed and re-created.');
    if (actions.killPod && (live.view.sandbox || !actions.createSandbox)) {
      await stopAll(graceUntil(clock, clock.now() + graceMs()));
      if (!actions.createSandbox) {
        publish();
        if (isOver()) kick();
        return;
      }
    }
    for (const kill of actions.kill) await killOne(kill.id, kill.message, kill.reason);
    if (actions.createSandbox && !(await makeSandbox(actions.attempt))) return;
    setbacks = 0;
    const resizeAt = actions.createSandbox ? undefined : await resize();
    const retryAt = await startAll(actions);
    publish();
    const at = deadline();
    const roomAt = pending?.reason === 'Deferred' ? clock.now() + ROOM_RETRY_MS : undefined;
    wakeAt([retryAt, resizeAt, roomAt, at].filter((t) => t !== undefined).reduce<number | undefined>((a, b) => Math.min(a ?? b, b), undefined));
  };

  const killOne = async (id: string, message: string, reason: string) => {
    const target = live.view.containers.find((c) => c.id === id);
    if (!target) return;
    const probe = reason === 'liveness' ? containerSpec(pod, target.name)?.livenessProbe : reason === 'startup' ? containerSpec(pod, target.name)?.startupProbe : undefined;
    const seconds = probe?.terminationGracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_S;
    grace = graceUntil(clock, clock.now() + seconds * 1000);
    await killContainer(killContext(), target, message, grace);
  };

  const makeSandbox = async (attempt: number): Promise<boolean> => {
    try {
      await checkRuntimeClass(pod, deps);
      await deps.hostPorts?.open(pod, podIP);
      const logs = deps.directory === undefined ? '' : podLogDirectory(deps.directory, pod);
      const config = sandboxConfig(pod, attempt, deps.dns, logs);
      const sandbox = await runtime.createSandbox(config);
      podLimits = config.resources;
      deps.owns(sandbox.id, uid);
      live.addSandbox(sandbox);
      // The one before keeps its dead containers for lastState and logs; older ones are of no use.
      for (const id of live.sandboxIds.slice(2)) await dropSandbox(id);
      publish();
      return true;
    } catch (error) {
      if (abort.signal.aborted) throw error;
      deps.events.event(pod, 'Warning', 'FailedCreatePodSandBox', `Failed to create pod sandbox: ${error instanceof Error ? error.message : String(error)}`);
      tryLater();
      return false;
    }
  };

  /** Starts what is to be started; returns when the first of what failed is worth another try. */
  const startAll = async (actions: PodActions): Promise<number | undefined> => {
    let retryAt: number | undefined;
    const start = async (name: string): Promise<boolean> => {
      abort.signal.throwIfAborted();
      const container = containerSpec(pod, name)!;
      try {
        await startContainer(container, {
          pod, view: live.view, sandboxId: live.view.sandbox!.id, podIP: podIP(), deps, signal: abort.signal,
          restartCount: (of) => [...(status.containerStatuses ?? []), ...(status.initContainerStatuses ?? [])].find((c) => c.name === of)?.restartCount ?? 0,
          created: (id) => track(id),
          kill: (id, message) => killOne(id, message, 'unknown'),
        });
        reasons.delete(name);
        publish();
        return true;
      } catch (error) {
        if (!(error instanceof StartError)) throw error;
        reasons.set(name, { reason: error.reason, message: error.message });
        retryAt = Math.min(retryAt ?? Infinity, error.retryAt ?? Infinity);
        publish();
        return false;
      }
    };
    for (const name of actions.startEphemeral) await start(name);
    for (const name of actions.startInit) {
      // A sidecar that cannot start does not hold the ones after it back here; an init container does.
      if (!(await start(name)) && !isSidecar(containerSpec(pod, name)!)) return finite(retryAt);
    }
    for (const name of actions.start) await start(name);
    return finite(retryAt);
  };
  const finite = (at: number | undefined) => (at === Infinity ? undefined : at);

  /** A container came or changed: statuses, and the ones that are too old go. */
  const track = async (id: string) => {
    await live.refresh(id);
    for (const old of live.surplus()) {
      await runtime.removeContainer(old.id);
      live.forget(old.id);
    }
  };

  const killContext = (): KillContext => ({ pod, podIP: podIP(), clock, runtime, live, event, signal: leave.signal });
  const graceMs = () => failure?.graceMs ?? (pod.metadata.deletionGracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_S) * 1000;
  const dropSandbox = async (id: string) => {
    await runtime.stopSandbox(id);
    await runtime.removeSandbox(id);
    live.forgetSandbox(id);
    deps.owns(id, undefined);
  };

  const stopAll = async (until: Grace) => {
    await killAll(killContext(), until);
    for (const id of live.sandboxIds) {
      await runtime.stopSandbox(id);
      live.sandboxLost(id);
    }
  };

  /** Unpublish, drain, preStop, stop signal, grace: in this order, within one grace. */
  const terminate = async () => {
    const began = clock.now();
    grace = graceUntil(clock, began + graceMs());
    publish();
    deps.hostPorts?.close(uid);
    const running = live.view.containers.some((c) => c.state === 'running');
    if (deps.drain && published && running) {
      await untilAborted(deps.drain.unpublish(pod, began + Math.min(deps.cadence.drainMs, graceMs() / 2)), leave.signal);
    }
    await stopAll(grace);
    prober.stop();
    await deps.volumes.unmount(uid);
  };

  const finish = async () => {
    if (inApi) {
      publish(true);
      await untilAborted(deps.status.flushed(uid), leave.signal);
      await untilAborted(deps.remove(pod), leave.signal);
    }
    for (const id of live.sandboxIds) await dropSandbox(id);
    await deps.erase(pod);
    stage = 'gone';
    wake?.cancel();
    prober.stop();
    deps.puller.forget(uid);
    deps.objects.release(uid);
    deps.status.forget(uid);
    deps.done(uid);
  };

  const endingChanged = () => {
    if (mustEnd()) abort.abort(new Error('the pod is ending'));
    grace?.shorten(inApi ? Math.max(clock.now(), Date.parse(pod.metadata.deletionTimestamp ?? '') || Infinity) : clock.now());
    kick();
  };

  return {
    uid,
    get pod() { return pod; },
    get view() { return live.view; },
    get status() { return status; },
    get admitted() { return admitted; },
    get deferred() { return pending?.reason === 'Deferred'; },
    get over() { return failure !== undefined || isOver(); },
    update(next) {
      const before = desired;
      desired = next;
      pod = allocation === undefined ? next : withAllocation(next, allocation);
      // Most updates are our own status coming back.
      if (onlyStatusChanged(before, next)) return publish(stage === 'terminated');
      endingChanged();
    },
    removed() {
      inApi = false;
      endingChanged();
    },
    onRuntime({ type, sandboxId, containerId }) {
      if (type === 'sandbox-gone') {
        live.sandboxLost(sandboxId);
        observe();
      } else if (containerId !== undefined) {
        void track(containerId).then(observe, observe);
      }
    },
    kick,
    fail(reason) {
      if (failure || isOver()) return;
      failure = reason;
      publish();
      endingChanged();
    },
    async detach() {
      detached = true;
      abort.abort(new Error('the kubelet stops'));
      leave.abort(new Error('the kubelet stops'));
      wake?.cancel();
      prober.stop();
      await loop?.catch(() => {});
    },
  };

}
