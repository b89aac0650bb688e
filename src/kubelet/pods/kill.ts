/** Stops containers: preStop, stop signal, grace, SIGKILL (kuberuntime_container.go killContainer). */
import type { Container, Pod } from '../../api/types/core.v1.ts';
import type { Clock } from '../../base/clock.ts';
import type { ContainerStatus, Runtime } from '../runtime/runtime.ts';
import { signalName, STOP_SIGNAL_LABEL } from './container-config.ts';
import type { Grace } from './grace.ts';
import { runHook } from './handlers.ts';
import type { LiveView } from './live-view.ts';
import { containerSpec, isSidecar } from './view.ts';

/** Every container gets at least this long after its stop signal, ms. */
const MINIMUM_GRACE_MS = 2000;

export interface KillContext {
  readonly pod: Pod;
  readonly podIP: string;
  readonly clock: Clock;
  readonly runtime: Runtime;
  readonly live: LiveView;
  /** The kubelet stops: waiting ends, containers live on. */
  readonly signal: AbortSignal;
  readonly event: (container: string, type: 'Normal' | 'Warning', reason: string, message: string) => void;
}

/** Resolves when the container does not run any more. `turn` holds the stop signal (never preStop) back until it resolves, within the grace. */
export async function killContainer(context: KillContext, status: ContainerStatus, message: string, grace: Grace, turn?: Promise<void>): Promise<void> {
  const { pod, podIP, clock, runtime, live } = context;
  const container = containerSpec(pod, status.name);
  context.event(status.name, 'Normal', 'Killing', message === '' ? `Stopping container ${status.name}` : message);
  const preStop = container?.lifecycle?.preStop;
  if (container && preStop && grace.deadline > clock.now()) {
    const expiry = grace.expiry();
    try {
      const end = AbortSignal.any([expiry.signal, context.signal]);
      await untilAborted(runHook(preStop, { pod, container, containerId: status.id, podIP }, runtime, clock, end), end);
    } catch {
      context.signal.throwIfAborted();
      if (!expiry.signal.aborted) context.event(status.name, 'Warning', 'FailedPreStopHook', 'PreStopHook failed');
    } finally {
      expiry.dispose();
    }
  }
  if (turn) await withinGrace(turn, grace, context.signal);

  const expiry = grace.expiry(clock.now() + MINIMUM_GRACE_MS);
  try {
    await runtime.signalContainer(status.id, stopSignal(container, status));
    await untilAborted(live.exited(status.id), AbortSignal.any([expiry.signal, context.signal])).catch(() => {
      context.signal.throwIfAborted();
      return runtime.killContainer(status.id);
    });
  } finally {
    expiry.dispose();
  }
  await live.refresh(status.id);
}

/** All that runs, in parallel; sidecars end after the main containers, in reverse order (kuberuntime_termination_order.go). */
export async function killAll(context: KillContext, grace: Grace): Promise<void> {
  const running = context.live.view.containers.filter((c) => c.state === 'running');
  const ended = new Map<string, Promise<void>>();
  const sidecarNames = (context.pod.spec.initContainers ?? []).filter(isSidecar).map((c) => c.name);
  const mains = running.filter((c) => !sidecarNames.includes(c.name));
  for (const status of mains) ended.set(status.id, killContainer(context, status, '', grace));
  for (const name of [...sidecarNames].reverse()) {
    for (const status of running.filter((c) => c.name === name)) {
      const before = Promise.allSettled(ended.values()).then(() => {});
      ended.set(status.id, killContainer(context, status, '', grace, before));
    }
  }
  const results = await Promise.allSettled(ended.values());
  const failed = results.find((r) => r.status === 'rejected');
  if (failed) throw failed.reason;
}

function stopSignal(container: Container | undefined, status: ContainerStatus): NodeJS.Signals {
  return signalName(container?.lifecycle?.stopSignal ?? status.labels[STOP_SIGNAL_LABEL]);
}

async function withinGrace(turn: Promise<void>, grace: Grace, signal: AbortSignal): Promise<void> {
  const expiry = grace.expiry();
  try {
    await untilAborted(turn, AbortSignal.any([expiry.signal, signal])).catch(() => {});
  } finally {
    expiry.dispose();
  }
  signal.throwIfAborted();
}

/** The promise's outcome, or the signal's reason if that comes first. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
