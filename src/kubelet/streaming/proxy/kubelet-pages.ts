/** What a kubelet's own port answers, through `/api/v1/nodes/NAME/proxy/…` (pkg/kubelet/server: healthz, pods, stats/summary, metrics). */
import { Readable } from 'node:stream';
import type { Pod } from '../../../api/types/core.v1.ts';
import type { Kubelet, PodStats } from '../../types.ts';
import type { Answered } from './forward.ts';
import { cadvisorMetrics, ownMetrics, resourceMetrics } from './kubelet-metrics.ts';

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
      return text(200, ownMetrics(kubelet.nodeName, await kubelet.stats()));
    case '/metrics/cadvisor':
      return text(200, cadvisorMetrics(await kubelet.stats()));
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
