/** What a kubelet tells Prometheus, as far as it is measured, with upstream's names. */
import type { PodStats } from '../../types.ts';

type Container = PodStats['containers'][number];

interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** When it was measured, ms since the epoch. */
  readonly at?: number;
}

/** `/metrics`: how much runs (pkg/kubelet/metrics/metrics.go). */
export function ownMetrics(nodeName: string, pods: readonly PodStats[]): string {
  const containers = pods.reduce((sum, pod) => sum + pod.containers.length, 0);
  return exposition([
    family('kubelet_node_name', 'gauge', "[ALPHA] The node's name. The count is always 1.", [{ labels: { node: nodeName }, value: 1 }]),
    family('kubelet_running_containers', 'gauge', '[ALPHA] Number of containers currently running', [{ labels: { container_state: 'running' }, value: containers }]),
    family('kubelet_running_pods', 'gauge', '[ALPHA] Number of pods that have a running pod sandbox', [{ labels: {}, value: pods.length }]),
  ]);
}

/** `/metrics/resource` (pkg/kubelet/metrics/collectors/resource_metrics.go). */
export function resourceMetrics(pods: readonly PodStats[]): string {
  const [each, whole] = [samples(pods, (pod, { name }) => ({ container: name, namespace: pod.namespace, pod: pod.name })), sums(pods)];
  const total = (value: (container: Container) => number): Sample[] => [{ labels: {}, value: pods.flatMap(({ containers }) => containers).reduce((sum, container) => sum + value(container), 0) }];
  return exposition([
    family('container_cpu_usage_seconds_total', 'counter', '[STABLE] Cumulative cpu time consumed by the container in core-seconds', each((container) => container.cpuNanoseconds / 1e9)),
    family('container_memory_working_set_bytes', 'gauge', '[STABLE] Current working set of the container in bytes', each((container) => container.memoryWorkingSetBytes)),
    family('container_start_time_seconds', 'gauge', '[STABLE] Start time of the container since unix epoch in seconds', each((container) => container.startedAt / 1000)),
    family('pod_cpu_usage_seconds_total', 'counter', '[STABLE] Cumulative cpu time consumed by the pod in core-seconds', whole((container) => container.cpuNanoseconds / 1e9)),
    family('pod_memory_working_set_bytes', 'gauge', '[STABLE] Current working set of the pod in bytes', whole((container) => container.memoryWorkingSetBytes)),
    family('node_cpu_usage_seconds_total', 'counter', '[STABLE] Cumulative cpu time consumed by the node in core-seconds, as far as its pods consume it', total((container) => container.cpuNanoseconds / 1e9)),
    family('node_memory_working_set_bytes', 'gauge', '[STABLE] Current working set of the node in bytes, as far as it is that of its pods', total((container) => container.memoryWorkingSetBytes)),
    family('resource_scrape_error', 'gauge', '[STABLE] 1 if there was an error while getting container metrics, 0 otherwise', [{ labels: {}, value: 0 }]),
  ]);
}

/** `/metrics/cadvisor`, which dashboards of containers read (google/cadvisor metrics/prometheus.go). */
export function cadvisorMetrics(pods: readonly PodStats[]): string {
  const each = samples(pods, (pod, { name }) => ({ container: name, namespace: pod.namespace, pod: pod.name }));
  const cpu = samples(pods, (pod, { name }) => ({ container: name, cpu: 'total', namespace: pod.namespace, pod: pod.name }));
  return exposition([
    family('container_cpu_usage_seconds_total', 'counter', 'Cumulative cpu time consumed in seconds.', cpu((container) => container.cpuNanoseconds / 1e9)),
    family('container_memory_usage_bytes', 'gauge', 'Current memory usage in bytes, including all memory regardless of when it was accessed', each((container) => container.memoryUsageBytes)),
    family('container_memory_working_set_bytes', 'gauge', 'Current working set in bytes.', each((container) => container.memoryWorkingSetBytes)),
    family('container_oom_events_total', 'counter', 'Count of out of memory events observed for the container', each((container) => container.oomKills)),
    family('container_start_time_seconds', 'gauge', 'Start time of the container since unix epoch in seconds.', each((container) => container.startedAt / 1000)),
  ]);
}

function samples(pods: readonly PodStats[], labels: (pod: PodStats, container: Container) => Record<string, string>) {
  return (value: (container: Container) => number): Sample[] => pods.flatMap((pod) => pod.containers.map((container) => ({ labels: labels(pod, container), value: value(container), at: container.at })));
}

function sums(pods: readonly PodStats[]) {
  return (value: (container: Container) => number): Sample[] => pods.map(({ name, namespace, containers }) => ({
    labels: { namespace, pod: name }, value: containers.reduce((sum, container) => sum + value(container), 0), at: Math.max(...containers.map(({ at }) => at)),
  }));
}

function family(name: string, type: 'counter' | 'gauge', help: string, values: readonly Sample[]): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...values.map(({ labels, value, at }) => {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${text}"`);
    return `${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}${at === undefined ? '' : ` ${at}`}`;
  })];
}

const exposition = (families: readonly string[][]) => `${families.flat().join('\n')}\n`;
