import type { KubeObject } from '../api/object.ts';
import type { NodeMetrics, PodMetrics } from '../api/types/metrics.v1beta1.ts';
import type { Clock, Timer } from '../base/clock.ts';
import { rfc3339 } from '../base/time.ts';
import type { Component } from '../client/controller.ts';
import { usageBetween, windowText, type Point } from './usage.ts';

/** What a node can say of its containers; a kubelet fits. */
export interface NodeSource {
  readonly nodeName: string;
  stats(): Promise<readonly PodSample[]>;
}

export interface PodSample {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly containers: readonly (Point & { readonly name: string; readonly startedAt: number })[];
}

export interface MetricsOptions {
  readonly clock: Clock;
  readonly nodes: () => readonly NodeSource[];
  /** Labels for the answers' metadata, by which the autoscaler selects. */
  readonly podLabels: (namespace: string, name: string) => Readonly<Record<string, string>> | undefined;
  /** How often usage is read; metrics-server's --metric-resolution. Default 15,000. */
  readonly resolutionMs?: number;
  /** What is used on the machine beside pods, added to each node's figures; default nothing. */
  readonly machine?: () => Point | undefined;
}

/** metrics-server: reads every container's counters at an interval and answers metrics.k8s.io from the last two. */
export interface Metrics extends Component {
  pods(): readonly PodMetrics[];
  nodes(): readonly NodeMetrics[];
}

interface Tracked {
  previous: Point | undefined;
  last: Point;
  startedAt: number;
}

interface PodTrack {
  readonly node: string;
  readonly namespace: string;
  readonly name: string;
  readonly containers: Map<string, Tracked>;
}

export function createMetrics(options: MetricsOptions): Metrics {
  const { clock, nodes, podLabels, resolutionMs = 15_000, machine } = options;
  let tracks = new Map<string, PodTrack>();
  const machinePoints: { previous: Point | undefined; last: Point | undefined } = { previous: undefined, last: undefined };
  let timer: Timer | undefined;
  let running: Promise<void> = Promise.resolve();

  async function sample(): Promise<void> {
    const next = new Map<string, PodTrack>();
    await Promise.all(nodes().map(async (node) => {
      for (const pod of await node.stats()) {
        const old = tracks.get(pod.uid);
        const containers = new Map<string, Tracked>();
        for (const { name, startedAt, ...point } of pod.containers) {
          const before = old?.containers.get(name);
          const same = before !== undefined && before.startedAt === startedAt;
          // A reading at the same instant adds nothing.
          if (same && before.last.at >= point.at) containers.set(name, before);
          else containers.set(name, { previous: same ? before.last : undefined, last: point, startedAt });
        }
        next.set(pod.uid, { node: node.nodeName, namespace: pod.namespace, name: pod.name, containers });
      }
    }));
    tracks = next;
    const point = machine?.();
    if (point) Object.assign(machinePoints, { previous: machinePoints.last, last: point });
  }

  const tick = () => {
    running = sample().catch((error: unknown) => console.error(`metrics: ${error instanceof Error ? error.message : String(error)}`)).finally(() => {
      if (timer) timer = clock.after(resolutionMs, tick);
    });
  };

  /** A pod is shown only when every container of it has figures. */
  function podMetrics(pod: PodTrack): PodMetrics | undefined {
    const containers: NonNullable<PodMetrics['containers']> = [];
    let at = Infinity;
    let windowMs = 0;
    for (const [name, { previous, last, startedAt }] of pod.containers) {
      const usage = usageBetween(previous, last, startedAt, resolutionMs);
      if (!usage) return undefined;
      if (usage.at < at) [at, windowMs] = [usage.at, usage.windowMs];
      containers.push({ name, usage: { cpu: `${usage.cpuNanocores}n`, memory: `${Math.ceil(usage.memoryBytes / 1024)}Ki` } });
    }
    if (containers.length === 0) return undefined;
    return {
      apiVersion: 'metrics.k8s.io/v1beta1', kind: 'PodMetrics',
      metadata: { name: pod.name, namespace: pod.namespace, labels: { ...podLabels(pod.namespace, pod.name) }, creationTimestamp: rfc3339(clock.now()) },
      timestamp: rfc3339(at), window: windowText(windowMs), containers,
    };
  }

  const metrics = {
    name: 'metrics',
    pods: () => [...tracks.values()].map(podMetrics).filter((p): p is PodMetrics => p !== undefined).sort(byName),
    nodes: () => nodes().flatMap(({ nodeName }): NodeMetrics[] => {
      let cpu = 0;
      let memory = 0;
      let at = 0;
      let windowMs = 0;
      const own = [...tracks.values()].filter((t) => t.node === nodeName).flatMap((t) => [...t.containers.values()]);
      const whole = machinePoints.last && usageBetween(machinePoints.previous, machinePoints.last, -Infinity, resolutionMs);
      if (whole && nodes().length === 1) [cpu, memory, at, windowMs] = [whole.cpuNanocores, whole.memoryBytes, whole.at, whole.windowMs];
      else {
        for (const { previous, last, startedAt } of own) {
          const usage = usageBetween(previous, last, startedAt, resolutionMs);
          if (!usage) continue;
          cpu += usage.cpuNanocores;
          memory += usage.memoryBytes;
          if (usage.at > at) [at, windowMs] = [usage.at, usage.windowMs];
        }
        if (at === 0 && own.length > 0) return [];
        if (at === 0) [at, windowMs] = [clock.now(), resolutionMs];
      }
      return [{
        apiVersion: 'metrics.k8s.io/v1beta1', kind: 'NodeMetrics', metadata: { name: nodeName, creationTimestamp: rfc3339(clock.now()) },
        timestamp: rfc3339(at), window: windowText(windowMs), usage: { cpu: `${cpu}n`, memory: `${Math.ceil(memory / 1024)}Ki` },
      }];
    }),
    start: async () => {
      timer = clock.after(0, tick);
    },
    stop: async () => {
      timer?.cancel();
      timer = undefined;
      await running;
    },
  };
  return metrics;
}

const byName = (a: KubeObject, b: KubeObject) => (keyOf(a) < keyOf(b) ? -1 : 1);
const keyOf = ({ metadata }: KubeObject) => `${metadata.namespace ?? ''}/${metadata.name ?? ''}`;
