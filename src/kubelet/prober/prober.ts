/** Probes the running containers of one pod, and keeps the verdicts that decisions and statuses read. (prober/prober_manager.go) */
import type { Container, Pod, Probe } from '../../api/types/core.v1.ts';
import type { Clock, Timer } from '../../base/clock.ts';
import type { ProbeVerdict, ProbeVerdicts } from '../pods/actions.ts';
import { isSidecar, newest, type PodView } from '../pods/view.ts';
import type { ProbeOutcome, ProbeRunner } from '../types.ts';
import { begin, eagerDelayMs, firstTryMs, judge, periodMs, type Progress, type ProbeType, timeoutMs } from './schedule.ts';

export interface PodProber {
  readonly verdicts: ProbeVerdicts;
  /** Starts what is to be probed now, and stops what is not. Call whenever the pod or its containers change. */
  sync(pod: Pod, view: PodView, podIP: string): void;
  stop(): void;
}

export interface ProberOptions {
  readonly clock: Clock;
  readonly runner: ProbeRunner;
  readonly eager: boolean;
  readonly event: (container: string, type: 'Warning', reason: string, message: string) => void;
  /** A verdict changed. */
  readonly changed: () => void;
}

interface Task {
  readonly type: ProbeType;
  readonly container: string;
  readonly containerId: string;
  readonly startedAt: number;
  readonly probe: Probe;
  progress: Progress;
  timer: Timer | undefined;
  /** The next counted try. */
  dueAt: number;
  unseen: number;
  stopped: boolean;
}

const TITLES: Readonly<Record<ProbeType, string>> = { startup: 'Startup', liveness: 'Liveness', readiness: 'Readiness' };
const ERROR_TRIES = 3;

export function podProber(options: ProberOptions): PodProber {
  const { clock, runner } = options;
  const tasks = new Map<string, Task>();
  let pod: Pod | undefined;
  let podIP = '';

  const verdict = (type: ProbeType, id: string): ProbeVerdict | undefined => tasks.get(`${type}/${id}`)?.progress.verdict;
  const verdicts: ProbeVerdicts = {
    startup: (id) => verdict('startup', id),
    liveness: (id) => verdict('liveness', id),
    readiness: (id) => verdict('readiness', id),
  };

  const attempt = async (task: Task): Promise<ProbeOutcome> => {
    let outcome: ProbeOutcome = { result: 'error', output: '' };
    for (let i = 0; i < ERROR_TRIES && !task.stopped; i++) {
      outcome = await runner.run({ pod: pod!, container: task.container, containerId: task.containerId, podIP, probe: task.probe, timeoutMs: timeoutMs(task.probe) })
        .catch((error: unknown) => ({ result: 'error', output: error instanceof Error ? error.message : String(error) }));
      if (outcome.result !== 'error') break;
    }
    return outcome;
  };

  const settle = (task: Task, result: 'success' | 'failure') => {
    const before = task.progress.verdict;
    task.progress = judge(task.type, task.probe, task.progress, result);
    if (task.progress.verdict === before) return;
    // A startup that passed lets the other probes of the container begin.
    if (task.type === 'startup' && task.progress.verdict === 'success') for (const other of tasks.values()) if (other.containerId === task.containerId) arm(other);
    options.changed();
  };

  /** One try. A counted one is judged and told of; an unseen one only ever brings good news. */
  const run = async (task: Task, counted: boolean) => {
    const outcome = await attempt(task);
    if (task.stopped) return;
    const { result, output } = outcome;
    const title = TITLES[task.type];
    if (result === 'success' || result === 'warning') {
      if (result === 'warning' && counted) options.event(task.container, 'Warning', 'ProbeWarning', `${title} probe warning: ${output}`);
      settle(task, 'success');
    } else if (counted) {
      const text = result === 'failure' ? `${title} probe failed: ${output}` : `${title} probe errored and resulted in unknown state: ${output}`;
      options.event(task.container, 'Warning', 'Unhealthy', text);
      if (result === 'failure') settle(task, 'failure');
    }
    if (!task.stopped) arm(task);
  };

  /** Sets the timer for the next try, counted or unseen, whichever is first. */
  const arm = (task: Task) => {
    task.timer?.cancel();
    task.timer = undefined;
    if (task.stopped || task.progress.hold) return;
    const gate = tasks.get(`startup/${task.containerId}`);
    if (task.type !== 'startup' && gate && gate.progress.verdict !== 'success') return;
    const now = clock.now();
    const countedIn = Math.max(0, task.dueAt - now);
    const young = options.eager && task.type !== 'liveness' && task.progress.verdict !== 'success' && now >= task.startedAt + (task.probe.initialDelaySeconds ?? 0) * 1000;
    const eager = young ? eagerDelayMs(task.probe, task.unseen, now - task.startedAt) : undefined;
    if (eager !== undefined && eager < countedIn) {
      task.unseen++;
      task.timer = clock.after(eager, () => void run(task, false));
      return;
    }
    task.timer = clock.after(countedIn, () => {
      task.dueAt = clock.now() + periodMs(task.probe);
      void run(task, true);
    });
  };

  const stopTask = (key: string, task: Task) => {
    task.stopped = true;
    task.timer?.cancel();
    tasks.delete(key);
  };

  return {
    verdicts,
    sync(next, view, ip) {
      pod = next;
      podIP = ip;
      const wanted = new Set<string>();
      for (const container of probed(next)) {
        const status = newest(view, container.name);
        if (status?.state !== 'running') continue;
        for (const [type, probe] of probesOf(container)) {
          const key = `${type}/${status.id}`;
          wanted.add(key);
          const known = tasks.get(key);
          if (known) {
            // While it is being deleted a pod is neither restarted nor declared dead; whether it is ready still counts (worker.go).
            if (next.metadata.deletionTimestamp !== undefined && type !== 'readiness') {
              known.progress = { ...known.progress, verdict: 'success', hold: true };
              known.timer?.cancel();
            }
            continue;
          }
          const startedAt = status.startedAt ?? clock.now();
          const hold = next.metadata.deletionTimestamp !== undefined && type !== 'readiness';
          const task: Task = {
            type, probe, container: container.name, containerId: status.id, startedAt, timer: undefined, unseen: 0, stopped: false,
            progress: { ...begin(type), ...(hold && { verdict: 'success', hold }), ...(passedBefore(next, type, status.id) && { verdict: 'success', hold: type === 'startup' }) },
            dueAt: startedAt + firstTryMs(type, probe),
          };
          tasks.set(key, task);
        }
        for (const [type] of probesOf(container)) {
          const task = tasks.get(`${type}/${status.id}`)!;
          if (!task.timer && !task.progress.hold && task.progress.last === undefined) arm(task);
        }
      }
      for (const [key, task] of tasks) if (!wanted.has(key)) stopTask(key, task);
    },
    stop() {
      for (const [key, task] of tasks) stopTask(key, task);
    },
  };
}

/** After a restart of the kubelet a container is what the API last said: it does not fall out of its Services until it has failed a probe. */
function passedBefore(pod: Pod, type: ProbeType, id: string): boolean {
  const said = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])].find((s) => s.containerID?.endsWith(`//${id}`));
  return (type === 'readiness' && said?.ready === true) || (type === 'startup' && said?.started === true);
}

function probed(pod: Pod): Container[] {
  return [...(pod.spec.initContainers ?? []).filter(isSidecar), ...pod.spec.containers];
}

function probesOf(container: Container): [ProbeType, Probe][] {
  const all: [ProbeType, Probe | undefined][] = [['startup', container.startupProbe], ['liveness', container.livenessProbe], ['readiness', container.readinessProbe]];
  return all.filter((entry): entry is [ProbeType, Probe] => entry[1] !== undefined);
}
