/** What a kubelet's own port answers, through `/api/v1/nodes/NAME/proxy/…` (pkg/kubelet/server: healthz, pods, stats/summary, metrics/resource). */
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

/** Prometheus text, with the names of pkg/kubelet/metrics/collectors/resource_metrics.go. */
export function resourceMetrics(pods: readonly PodStats[]): string {
  const rows = pods.flatMap((pod) => pod.containers.map((container) => ({ labels: `{container="${container.name}",namespace="${pod.namespace}",pod="${pod.name}"}`, container })));
  const family = (name: string, type: string, help: string, value: (container: PodStats['containers'][number]) => number) =>
    [`# HELP ${name} [STABLE] ${help}`, `# TYPE ${name} ${type}`, ...rows.map(({ labels, container }) => `${name}${labels} ${value(container)} ${container.at}`)];
  return [
    ...family('container_cpu_usage_seconds_total', 'counter', 'Cumulative cpu time consumed by the container in core-seconds', (container) => container.cpuNanoseconds / 1e9),
    ...family('container_memory_working_set_bytes', 'gauge', 'Current working set of the container in bytes', (container) => container.memoryWorkingSetBytes),
    ...family('container_start_time_seconds', 'gauge', 'Start time of the container since unix epoch in seconds', (container) => container.startedAt / 1000),
    '',
  ].join('\n');
}
