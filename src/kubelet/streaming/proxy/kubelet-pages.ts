/** What a kubelet's own port answers, through `/api/v1/nodes/NAME/proxy/…` (pkg/kubelet/server: healthz, pods, stats/summary, metrics, metrics/resource). */
import { Readable } from 'node:stream';
import type { Pod } from '../../../api/types/core.v1.ts';
import type { Kubelet, PodStats } from '../../types.ts';
import type { Answered } from './forward.ts';

/** `pods`: all pods of the node. */
export async function kubeletPage(kubelet: Pick<Kubelet, 'nodeName' | 'stats'>, path: string, pods: () => Promise<readonly Pod[]>): Promise<Answered> {
  switch (path.replace(/\?.*/s, '')) {
    case '/healthz':
      return text(200, 'ok');
    case '/pods':
    case '/pods/':
    case '/runningpods/':
      return json({ kind: 'PodList', apiVersion: 'v1', metadata: {}, items: await pods() });
    case '/stats/summary':
      return json(summary(kubelet.nodeName, await kubelet.stats()));
    case '/metrics':
      return text(200, kubeletMetrics(kubelet.nodeName, await kubelet.stats()));
    case '/metrics/resource':
      return text(200, resourceMetrics(await kubelet.stats()));
    default:
      return text(404, '404 page not found\n');
  }
}

function json(value: unknown): Answered {
  return { status: 200, headers: { 'content-type': 'application/json' }, body: Readable.from([Buffer.from(JSON.stringify(value))]) };
}

function text(status: number, value: string): Answered {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: Readable.from([Buffer.from(value)]) };
}

/** k8s.io/kubelet/pkg/apis/stats/v1alpha1 Summary, as far as it is measured. */
export function summary(nodeName: string, pods: readonly PodStats[]) {
  const all = pods.flatMap((pod) => pod.containers);
  return {
    node: { nodeName, ...(all.length > 0 && usage(all)) },
    pods: pods.map((pod) => ({
      podRef: { name: pod.name, namespace: pod.namespace, uid: pod.uid },
      startTime: time(Math.min(...pod.containers.map((container) => container.startedAt))),
      containers: pod.containers.map((container) => ({ name: container.name, startTime: time(container.startedAt), ...usage([container]) })),
      ...(pod.containers.length > 0 && usage(pod.containers)),
    })),
  };
}

function usage(containers: PodStats['containers']) {
  const sum = (of: (container: PodStats['containers'][number]) => number) => containers.reduce((total, container) => total + of(container), 0);
  const at = time(Math.max(...containers.map((container) => container.at)));
  return {
    cpu: { time: at, usageCoreNanoSeconds: sum((container) => container.cpuNanoseconds) },
    memory: { time: at, usageBytes: sum((container) => container.memoryUsageBytes), workingSetBytes: sum((container) => container.memoryWorkingSetBytes) },
  };
}

function time(ms: number): string | null {
  return Number.isFinite(ms) ? new Date(ms).toISOString() : null;
}

type ContainerStats = PodStats['containers'][number];
type Row = readonly [labels: string, value: number, at?: number];

/** One family of Prometheus' text format. */
const family = (name: string, type: 'counter' | 'gauge', help: string, rows: readonly Row[]): string[] =>
  [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...rows.map(([labels, value, at]) => `${name}${labels} ${value}${at === undefined ? '' : ` ${at}`}`)];

/** The names of pkg/kubelet/metrics/collectors/resource_metrics.go. */
export function resourceMetrics(pods: readonly PodStats[]): string {
  const all = pods.flatMap(({ containers }) => containers);
  const latest = all.length === 0 ? undefined : Math.max(...all.map(({ at }) => at));
  const each = (value: (container: ContainerStats) => number): Row[] =>
    pods.flatMap((pod) => pod.containers.map((container) => [`{container="${container.name}",namespace="${pod.namespace}",pod="${pod.name}"}`, value(container), container.at] as const));
  const sum = (value: (container: ContainerStats) => number): Row[] => [['', all.reduce((total, container) => total + value(container), 0), latest]];
  const cpu = (container: ContainerStats) => container.cpuNanoseconds / 1e9;
  const memory = (container: ContainerStats) => container.memoryWorkingSetBytes;
  return [
    ...family('container_cpu_usage_seconds_total', 'counter', '[STABLE] Cumulative cpu time consumed by the container in core-seconds', each(cpu)),
    ...family('container_memory_working_set_bytes', 'gauge', '[STABLE] Current working set of the container in bytes', each(memory)),
    ...family('container_start_time_seconds', 'gauge', '[STABLE] Start time of the container since unix epoch in seconds', each((container) => container.startedAt / 1000)),
    ...family('node_cpu_usage_seconds_total', 'counter', '[STABLE] Cumulative cpu time consumed by the node in core-seconds, as far as its pods consume it', sum(cpu)),
    ...family('node_memory_working_set_bytes', 'gauge', '[STABLE] Current working set of the node in bytes, as far as it is that of its pods', sum(memory)),
    '',
  ].join('\n');
}

/** What a kubelet counts of itself: pkg/kubelet/metrics/metrics.go. */
export function kubeletMetrics(nodeName: string, pods: readonly PodStats[]): string {
  return [
    ...family('kubelet_node_name', 'gauge', "[ALPHA] The node's name. The count is always 1.", [[`{node="${nodeName}"}`, 1]]),
    ...family('kubelet_running_pods', 'gauge', '[ALPHA] Number of pods that have a running pod sandbox', [['', pods.length]]),
    ...family('kubelet_running_containers', 'gauge', '[ALPHA] Number of containers currently running', [['{container_state="running"}', pods.reduce((count, pod) => count + pod.containers.length, 0)]]),
    '',
  ].join('\n');
}
