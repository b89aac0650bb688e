import { humanDuration } from '../../../base/duration.ts';
import type { Column } from '../../kind.ts';
import type { ContainerStatus, Pod } from '../../types/core.v1.ts';
import { ageColumn, nameColumn, text, wide } from '../columns.ts';

/** What `kubectl get pods` says of a pod, in one pass: printPod of printers.go. */
export interface PodSummary {
  readonly ready: number;
  readonly total: number;
  readonly status: string;
  readonly restarts: number;
  /** Milliseconds since the epoch; undefined when nothing restarted. */
  readonly lastRestart: number | undefined;
}

export const podColumns: readonly Column<Pod>[] = [
  nameColumn,
  text('Ready', (pod) => {
    const { ready, total } = summarize(pod);
    return `${ready}/${total}`;
  }),
  text('Status', (pod) => summarize(pod).status),
  text('Restarts', (pod, now) => {
    const { restarts, lastRestart } = summarize(pod);
    return restarts !== 0 && lastRestart !== undefined ? `${restarts} (${humanDuration(now - lastRestart)} ago)` : String(restarts);
  }),
  ageColumn,
  wide('IP', (pod) => pod.status?.podIPs?.[0]?.ip || pod.status?.podIP || '<none>'),
  wide('Node', (pod) => pod.spec.nodeName || '<none>'),
  wide('Nominated Node', (pod) => pod.status?.nominatedNodeName || '<none>'),
  wide('Readiness Gates', (pod) => {
    const gates = pod.spec.readinessGates ?? [];
    const passed = gates.filter((gate) => hasTrue(pod, gate.conditionType));
    return gates.length === 0 ? '<none>' : `${passed.length}/${gates.length}`;
  }),
];

const hasTrue = (pod: Pod, type: string) => pod.status?.conditions?.find((c) => c.type === type)?.status === 'True';

/** Restart count and last restart of a list of containers. */
function restartsOf(statuses: readonly ContainerStatus[]): { restarts: number; lastRestart: number | undefined } {
  let lastRestart: number | undefined;
  for (const { lastState } of statuses) {
    const finished = lastState?.terminated?.finishedAt;
    if (finished) lastRestart = Math.max(lastRestart ?? -Infinity, Date.parse(finished));
  }
  return { restarts: statuses.reduce((sum, s) => sum + (s.restartCount ?? 0), 0), lastRestart };
}

const summaries = new WeakMap<Pod, PodSummary>();

/** The pod's READY, STATUS and RESTARTS. Objects are immutable, so the answer is remembered. */
export function summarize(pod: Pod): PodSummary {
  if (!Object.isFrozen(pod)) return compute(pod);
  let known = summaries.get(pod);
  if (!known) summaries.set(pod, known = compute(pod));
  return known;
}

function compute(pod: Pod): PodSummary {
  const sidecars = new Set((pod.spec.initContainers ?? []).filter((c) => c.restartPolicy === 'Always').map((c) => c.name));
  const total = (pod.spec.containers ?? []).length + sidecars.size;
  const init = initialization(pod, sidecars);
  const gated = pod.status?.conditions?.some((c) => c.type === 'PodScheduled' && c.reason === 'SchedulingGated');
  const before = gated ? 'SchedulingGated' : pod.status?.reason || pod.status?.phase || '';
  if (init.blocked !== undefined && !hasTrue(pod, 'Initialized')) {
    return { total, ready: init.ready, status: ending(pod, init.blocked), ...restartsOf(init.seen) };
  }
  const running = containersState(pod, init.blocked ?? before);
  const counted = [...init.seen.filter((s) => sidecars.has(s.name)), ...(pod.status?.containerStatuses ?? [])];
  return { total, ready: init.ready + running.ready, status: ending(pod, running.status), ...restartsOf(counted) };
}

/** How far the init containers are: `blocked` is the status to show while one of them holds the pod back. */
function initialization(pod: Pod, sidecars: ReadonlySet<string>): { blocked: string | undefined; ready: number; seen: ContainerStatus[] } {
  const seen: ContainerStatus[] = [];
  let ready = 0;
  for (const [i, container] of (pod.status?.initContainerStatuses ?? []).entries()) {
    seen.push(container);
    const { terminated, waiting } = container.state ?? {};
    if (terminated && !terminated.exitCode) continue;
    if (sidecars.has(container.name) && container.started) {
      if (container.ready) ready++;
      continue;
    }
    const why = terminated ? terminated.reason || exitText(terminated)
      : waiting?.reason && waiting.reason !== 'PodInitializing' ? waiting.reason
        : `${i}/${(pod.spec.initContainers ?? []).length}`;
    return { blocked: `Init:${why}`, ready, seen };
  }
  return { blocked: undefined, ready, seen };
}

const exitText = (end: { exitCode: number; signal?: number }) => (end.signal ? `Signal:${end.signal}` : `ExitCode:${end.exitCode ?? 0}`);

/** The first container's trouble wins (they are looked at from last to first); a finished one hides behind one that still runs. */
function containersState(pod: Pod, fallback: string): { status: string; ready: number } {
  let status = fallback;
  let ready = 0;
  for (const container of (pod.status?.containerStatuses ?? []).toReversed()) {
    const { waiting, terminated, running } = container.state ?? {};
    if (waiting?.reason) status = waiting.reason;
    else if (terminated) status = terminated.reason || exitText(terminated);
    else if (container.ready && running) ready++;
  }
  if (status === 'Completed' && ready > 0) status = hasTrue(pod, 'Ready') ? 'Running' : 'NotReady';
  return { status, ready };
}

function ending(pod: Pod, status: string): string {
  if (!pod.metadata.deletionTimestamp) return status;
  if (pod.status?.reason === 'NodeLost') return 'Unknown';
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed' ? status : 'Terminating';
}
