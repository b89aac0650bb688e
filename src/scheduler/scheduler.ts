import { isReason } from '../api/errors.ts';
import { PersistentVolumeClaims } from '../api/kinds/core/persistent-volume-claim.ts';
import { PersistentVolumes } from '../api/kinds/core/persistent-volume.ts';
import { Namespaces } from '../api/kinds/core/namespace.ts';
import { Nodes } from '../api/kinds/core/node.ts';
import { Pods } from '../api/kinds/core/pod.ts';
import { Services } from '../api/kinds/core/service.ts';
import { PodDisruptionBudgets } from '../api/kinds/policy/pod-disruption-budget.ts';
import { StorageClasses } from '../api/kinds/storage/storage-class.ts';
import type { Pod } from '../api/types/core.v1.ts';
import type { Clock, Timer } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { Client } from '../client/client.ts';
import type { Component } from '../client/controller.ts';
import type { EventRecorder } from '../client/events.ts';
import type { InformerFactory } from '../client/informer-factory.ts';
import { cache } from './cache.ts';
import { decide, describeRefusal, type Decision } from './decide.ts';
import { isTerminal } from './framework.ts';
import type { NodeInfo } from './node-info.ts';
import { ownerSelector } from './owner-selector.ts';
import { hasPodAffinity, podInfo, type PodInfo } from './pod-info.ts';
import { defaultPlugins } from './plugins/index.ts';
import { waitingClaims } from './plugins/volume-binding.ts';
import { planVolumes } from './plugins/volume-plan.ts';
import { findPreemption } from './preemption.ts';
import { schedulingQueue } from './queue.ts';
import type { Snapshot } from './snapshot.ts';
import { writes } from './writes.ts';

export interface SchedulerOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly informers: InformerFactory;
  readonly events: EventRecorder;
  /** spec.schedulerName it answers to; default `default-scheduler`. */
  readonly name?: string;
}

/** Gives every pod a node, or says why there is none. Decisions are made one after the other; the writes that follow from them overlap. */
export function createScheduler(options: SchedulerOptions): Component {
  const { client, clock, random, informers, events, name = 'default-scheduler' } = options;
  const state = cache();
  const pods = informers.informer(Pods);
  const nodes = informers.informer(Nodes);
  const claims = informers.informer(PersistentVolumeClaims);
  const volumes = informers.informer(PersistentVolumes);
  const classes = informers.informer(StorageClasses);
  const namespaces = informers.informer(Namespaces);
  const services = informers.informer(Services);
  const budgets = informers.informer(PodDisruptionBudgets);
  const write = writes(client, clock, name);
  const pending = new Set<Promise<unknown>>();
  const subscriptions: (() => void)[] = [];
  /** Pods without a node whose place depends on where others are. */
  const sociable = new Set<string>();
  let stopped = false;
  let draining = false;
  let idle: Timer | undefined;

  const queue = schedulingQueue(clock, () => {
    if (draining || stopped) return;
    draining = true;
    queueMicrotask(drain);
  });

  const snapshot = (): Snapshot => ({
    nodes: state.nodes(),
    node: state.node,
    nominated: state.nominated,
    nomination: state.nomination,
    claim: (namespace, claim) => claims.get(namespace, claim),
    volume: (volume) => volumes.get('', volume),
    volumes: () => volumes.list(),
    storageClass: (storageClass) => classes.get('', storageClass),
    namespaceLabels: (namespace) => namespaces.get('', namespace)?.metadata.labels ?? {},
    podsWithAffinity: state.podsWithAffinity,
    ownerSelector: (pod) => ownerSelector(pod, services),
  });

  function drain(): void {
    draining = false;
    for (let key = queue.pop(); key !== undefined; key = queue.pop()) place(key);
    idle ??= clock.after(0, whileIdle);
  }

  /** For as long as it helps: of many that wait, one tells that there is no room. One at a time, so that whatever else has to be done comes between. */
  function whileIdle(): void {
    idle = undefined;
    const key = stopped || draining ? undefined : queue.popEarly();
    if (key !== undefined && place(key)) idle ??= clock.after(0, whileIdle);
  }

  /** Whether it has a node now. */
  function place(key: string): boolean {
    const pod = podOf(key);
    if (!pod || !isReady(pod)) {
      queue.remove(key);
      return true;
    }
    const info = podInfo(pod);
    const seen = snapshot();
    const decision = decide(info, seen, defaultPlugins, random);
    track(decision.kind === 'node' ? bind(key, info, decision.node, seen) : refuse(key, info, decision, seen));
    return decision.kind === 'node';
  }

  function track(write: Promise<void>): void {
    pending.add(write);
    void write.finally(() => pending.delete(write));
  }

  async function bind(key: string, info: PodInfo, node: NodeInfo, seen: Snapshot): Promise<void> {
    const { pod } = info;
    const waiting = waitingClaims(info, seen);
    const plan = waiting.length > 0 ? planVolumes(waiting, node, seen) : undefined;
    const assumed: Pod = { ...pod, spec: { ...pod.spec, nodeName: node.name } };
    state.setPod(assumed);
    try {
      if (plan) {
        // The pod is tried again when its volumes are bound; meanwhile its place is kept (volumebinding PreBind).
        await write.prepareVolumes(plan, node.name);
        forget(key, assumed, node.name);
        queue.failed(key, 'waiting');
        return;
      }
      await write.assign(pod, node.name);
      queue.remove(key);
      events.event(pod, 'Normal', 'Scheduled', `Successfully assigned ${pod.metadata.namespace ?? ''}/${pod.metadata.name ?? ''} to ${node.name}`);
    } catch (error) {
      forget(key, assumed);
      const stage = plan ? 'PreBind plugin "VolumeBinding"' : 'Bind plugin "DefaultBinder"';
      await failed(key, pod, `running ${stage}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** It is not on that node after all, or not yet; perhaps on another one, which somebody else gave it. */
  function forget(key: string, assumed: Pod, nominated = assumed.status?.nominatedNodeName): void {
    state.removePod(assumed);
    const pod = podOf(key);
    if (pod?.spec.nodeName) state.setPod(pod);
    else if (pod) state.nominate(pod, nominated);
  }

  async function failed(key: string, pod: Pod, message: string): Promise<void> {
    if (!podOf(key)) return queue.remove(key);
    events.event(pod, 'Warning', 'FailedScheduling', truncated(message));
    await write.refuse(pod, 'SchedulerError', message, undefined).catch((error: unknown) => report(key, error));
    queue.failed(key, 'error');
  }

  async function refuse(key: string, info: PodInfo, decision: Extract<Decision, { kind: 'refused' }>, seen: Snapshot): Promise<void> {
    const { pod } = info;
    const preemption = findPreemption(info, seen, defaultPlugins, decision, budgets.list());
    const node = preemption.kind === 'node' ? preemption.node : '';
    const victims = preemption.kind === 'node' ? preemption.victims : [];
    // Whoever matters less and waited for the same room has to look for another (preemption.go prepareCandidate).
    const outranked = state.nominated(node).filter((other) => other.priority < info.priority && other.uid !== info.uid);
    if (preemption.kind !== 'ineligible') state.nominate(pod, node);
    for (const other of outranked) state.nominate(other.pod, undefined);
    const message = describeRefusal(decision, preemption.kind === 'node' ? '' : preemption.message);
    events.event(pod, 'Warning', 'FailedScheduling', truncated(message));
    try {
      await write.refuse(pod, 'Unschedulable', message, preemption.kind === 'ineligible' ? undefined : node);
      await Promise.all([...victims.map((victim) => evict(victim.pod, pod, node)), ...outranked.map((other) => write.denominate(other.pod))]);
    } catch (error) {
      if (isReason(error, 'NotFound')) return queue.remove(key);
      report(key, error);
      return queue.failed(key, 'error');
    }
    queue.failed(key, 'unschedulable');
    for (const other of outranked) queue.add(keyOf(other.pod), other.priority);
  }

  async function evict(victim: Pod, by: Pod, node: string): Promise<void> {
    if (await write.evict(victim)) events.event(victim, 'Normal', 'Preempted', `Preempted by pod ${by.metadata.uid ?? ''} on node ${node}`);
  }

  const report = (key: string, error: unknown) => {
    if (!isReason(error, 'Conflict') && !isReason(error, 'NotFound')) console.error(`scheduler: ${key}: ${error instanceof Error ? error.message : String(error)}`);
  };

  const isMine = (pod: Pod) => (pod.spec.schedulerName ?? 'default-scheduler') === name && !pod.spec.nodeName && !isTerminal(pod) && !pod.metadata.deletionTimestamp;
  // Somebody may hold it back; the API server says so on it (plugins/schedulinggates PreEnqueue).
  const isReady = (pod: Pod) => isMine(pod) && (pod.spec.schedulingGates ?? []).length === 0;
  // With the uid, so that what is still being written of one pod does not touch the next one of that name.
  const keyOf = ({ metadata: { namespace = '', name: podName = '', uid = '' } }: Pod) => `${namespace}/${podName}/${uid}`;
  const podOf = (key: string) => {
    const [namespace = '', podName = '', uid] = key.split('/');
    const pod = pods.get(namespace, podName);
    return pod?.metadata.uid === uid ? pod : undefined;
  };

  const leave = (key: string) => {
    sociable.delete(key);
    queue.remove(key);
  };
  const podChanged = (old: Pod | undefined, pod: Pod) => {
    const key = keyOf(pod);
    if (pod.spec.nodeName) {
      if (old && standing(old) === standing(pod)) return;
      leave(key);
      state.setPod(pod);
      // Room may have become free where it stood already; a pod that has just come matters to those who look for company.
      queue.wake(old?.spec.nodeName && (isTerminal(pod) || old.metadata.generation !== pod.metadata.generation || sizeOf(old) !== sizeOf(pod)) ? undefined : sociable);
      return;
    }
    if (!isReady(pod)) return leave(key);
    if (hasPodAffinity(pod) || (pod.spec.topologySpreadConstraints ?? []).length > 0) sociable.add(key);
    const nominated = pod.status?.nominatedNodeName;
    if (!old || old.status?.nominatedNodeName !== nominated) state.nominate(pod, nominated);
    // Where only status moved, that is our own writing, or nothing that makes it fit.
    if (!old || !isReady(old) || old.metadata.generation !== pod.metadata.generation || labelsOf(old) !== labelsOf(pod)) queue.add(key, pod.spec.priority ?? 0);
  };

  const podGone = (pod: Pod) => {
    const held = pod.spec.nodeName ?? state.nomination(pod.metadata.uid ?? '');
    leave(keyOf(pod));
    state.removePod(pod);
    if (held) queue.wake();
  };

  return {
    name: 'scheduler',
    async start() {
      const wake = () => queue.wake();
      await Promise.all([pods, nodes, claims, volumes, classes, namespaces, services, budgets].map((informer) => informer.start()));
      subscriptions.push(
        nodes.onChange({
          added: (node) => { state.setNode(node); wake(); },
          updated: (old, node) => { state.setNode(node); if (nodeMatters(old, node)) wake(); },
          deleted: (node) => { state.removeNode(node.metadata.name ?? ''); wake(); },
        }),
        claims.onChange({ added: wake, updated: wake }),
        volumes.onChange({ added: wake, updated: wake }),
        classes.onChange({ added: wake }),
        pods.onChange({
          added: (pod) => podChanged(undefined, pod),
          updated: (old, pod) => podChanged(old, pod),
          deleted: podGone,
        }),
      );
    },
    async stop() {
      stopped = true;
      for (const unsubscribe of subscriptions) unsubscribe();
      idle?.cancel();
      queue.stop();
      await Promise.allSettled(pending);
    },
  };
}

/** Heartbeats change nothing for the scheduler. */
function nodeMatters(old: { spec: unknown; metadata: { labels?: unknown }; status?: { allocatable?: unknown } }, next: typeof old): boolean {
  return JSON.stringify([old.spec, old.metadata.labels, old.status?.allocatable]) !== JSON.stringify([next.spec, next.metadata.labels, next.status?.allocatable]);
}

/** What of a pod on a node its neighbours and the node's room depend on. */
function standing(pod: Pod): string {
  const { generation, deletionTimestamp } = pod.metadata;
  return JSON.stringify([pod.spec.nodeName, generation, deletionTimestamp, isTerminal(pod), labelsOf(pod), sizeOf(pod)]);
}

/** What its containers have so far: of a pod whose spec never changed, as its spec says. */
function sizeOf({ metadata, status }: Pod): string {
  if ((metadata.generation ?? 0) <= 1) return '';
  const sizes = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])].map(({ name, resources, allocatedResources }) => [name, resources, allocatedResources]);
  return JSON.stringify([sizes, status?.conditions?.find((c) => c.type === 'PodResizePending')?.reason]);
}

const labelsOf = (pod: Pod) => JSON.stringify(pod.metadata.labels ?? {});

/** Events take no more (apis/core/validation NoteLengthLimit). */
const truncated = (message: string) => (message.length <= 1024 ? message : `${message.slice(0, 1020)} ...`);
