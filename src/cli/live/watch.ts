import { DaemonSets } from '../../api/kinds/apps/daemon-set.ts';
import { Deployments } from '../../api/kinds/apps/deployment.ts';
import { StatefulSets } from '../../api/kinds/apps/stateful-set.ts';
import { Events } from '../../api/kinds/core/event.ts';
import { Nodes } from '../../api/kinds/core/node.ts';
import { Pods } from '../../api/kinds/core/pod.ts';
import type { KubeObject, ResourceType } from '../../api/object.ts';
import { matchesLabels, requirementsOf } from '../../api/selectors.ts';
import type { Event, Pod } from '../../api/types/core.v1.ts';
import type { Clock, Timer } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import { createInformer, type Client, type Informer } from '../../client/index.ts';
import { createScreen } from './screen.ts';
import { isReady, render, type ClusterState, type Workload } from './view.ts';

export interface LiveOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly out: NodeJS.WriteStream;
  readonly facts: Pick<ClusterState, 'name' | 'url' | 'ingress' | 'kubeconfig' | 'limitations'>;
}

const FRAME_MS = 100;
const MOST_EVENTS = 100;

/** Shows a cluster in a terminal until the returned function is called. */
export async function live({ client, clock, random, out, facts }: LiveOptions): Promise<() => void> {
  const began = clock.monotonic();
  const openedAt = clock.now();
  const changedAt = new Map<string, number>();
  const events: Event[] = [];
  const stops: (() => void)[] = [];
  const watch = <T extends KubeObject>(type: ResourceType<T>): Informer<T> & { start(): Promise<void> } => {
    const informer = createInformer(client, clock, random, type);
    stops.push(informer.stop);
    return informer;
  };
  const kinds = [['Deployment', watch(Deployments)], ['StatefulSet', watch(StatefulSets)], ['DaemonSet', watch(DaemonSets)]] as const;
  const pods = watch(Pods);
  const nodes = watch(Nodes);
  const happened = watch(Events);
  const keyOf = (kind: string, { metadata }: KubeObject) => `${kind} ${metadata.namespace}/${metadata.name}`;
  const touch = (kind: string) => (object: KubeObject) => void changedAt.set(keyOf(kind, object), clock.now());
  for (const [kind, informer] of kinds) {
    informer.onChange({ added: (object: KubeObject) => void changedAt.set(keyOf(kind, object), Date.parse(object.metadata.creationTimestamp ?? '') || clock.now()), updated: (_: KubeObject, next: KubeObject) => touch(kind)(next), deleted: (object: KubeObject) => void changedAt.delete(keyOf(kind, object)) });
  }
  const recorded = (event: Event) => {
    // What was recorded before this view opened is history.
    if (Date.parse(event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp ?? '') < openedAt - 1_000) return;
    const known = events.findIndex(({ metadata }) => metadata.uid === event.metadata.uid);
    if (known >= 0) events.splice(known, 1);
    events.push(event);
    if (events.length > MOST_EVENTS) events.shift();
  };
  happened.onChange({ added: recorded, updated: (_, next) => recorded(next), deleted: () => {} });
  await Promise.all([...kinds.map(([, informer]) => informer.start()), pods.start(), nodes.start(), happened.start()]);

  const state = (): ClusterState => {
    const all = pods.list();
    const workloads = kinds.flatMap(([kind, informer]): Workload[] => (informer.list() as readonly WorkloadObject[]).map((object) => workloadOf(kind, object, all, changedAt.get(keyOf(kind, object)) ?? openedAt)));
    const loose = all.filter(({ metadata }) => (metadata.ownerReferences ?? []).length === 0).map(podAlone);
    return {
      ...facts, upMs: clock.monotonic() - began, pods: all, events, workloads: [...workloads, ...loose],
      nodes: nodes.list().map(({ metadata, spec, status }) => ({ name: metadata.name ?? '', ready: status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false, schedulable: spec.unschedulable !== true })),
    };
  };
  const screen = createScreen(out);
  let timer: Timer | undefined;
  const frame = () => {
    screen.draw(render(state(), out.columns ?? 80, out.rows ?? 24, clock.now()));
    timer = clock.after(FRAME_MS, frame);
  };
  out.on('resize', screen.resized);
  frame();
  return () => {
    timer?.cancel();
    out.off('resize', screen.resized);
    screen.close();
    for (const stop of stops) stop();
  };
}

/** What Deployments, StatefulSets and DaemonSets have in common, as far as it is shown. */
interface WorkloadObject extends KubeObject {
  readonly spec: { readonly replicas?: number; readonly selector?: { readonly matchLabels?: Record<string, string> } };
  readonly status?: { readonly readyReplicas?: number; readonly updatedReplicas?: number; readonly desiredNumberScheduled?: number; readonly numberReady?: number; readonly updatedNumberScheduled?: number };
}

function workloadOf(kind: string, { metadata, spec, status = {} }: WorkloadObject, pods: readonly Pod[], changedAt: number): Workload {
  const selector = requirementsOf(spec.selector ?? {});
  const own = pods.filter((pod) => pod.metadata.namespace === metadata.namespace && selector.length > 0 && matchesLabels(selector, pod.metadata.labels));
  const daemon = kind === 'DaemonSet';
  return {
    kind, namespace: metadata.namespace ?? '', name: metadata.name ?? '', pods: own, changedAt,
    wanted: (daemon ? status.desiredNumberScheduled : spec.replicas) ?? 0,
    ready: (daemon ? status.numberReady : status.readyReplicas) ?? 0,
    updated: (daemon ? status.updatedNumberScheduled : status.updatedReplicas) ?? 0,
  };
}

function podAlone(pod: Pod): Workload {
  const { metadata, status } = pod;
  const over = status?.phase === 'Succeeded';
  const ready = isReady(pod) ? 1 : 0;
  return { kind: 'Pod', namespace: metadata.namespace ?? '', name: metadata.name ?? '', wanted: over ? 0 : 1, ready, updated: 1, pods: [pod], changedAt: Date.parse(metadata.creationTimestamp ?? '') || 0 };
}
