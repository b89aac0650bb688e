import type { KubeObject } from '../api/object.ts';
import { isReason } from '../api/errors.ts';
import { PersistentVolumeClaims } from '../api/kinds/core/persistent-volume-claim.ts';
import { PersistentVolumes } from '../api/kinds/core/persistent-volume.ts';
import { Namespaces } from '../api/kinds/core/namespace.ts';
import { Nodes } from '../api/kinds/core/node.ts';
import { Pods } from '../api/kinds/core/pod.ts';
import { Services } from '../api/kinds/core/service.ts';
import { PodDisruptionBudgets } from '../api/kinds/policy/pod-disruption-budget.ts';
import { StorageClasses } from '../api/kinds/storage/storage-class.ts';
import type { Pod, PodCondition } from '../api/types/core.v1.ts';
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import { rfc3339 } from '../base/time.ts';
import type { Client } from '../client/client.ts';
import type { Component } from '../client/controller.ts';
import type { EventRecorder } from '../client/events.ts';
import type { InformerFactory } from '../client/informer-factory.ts';
import { cache } from './cache.ts';
import { decide, describeRefusal, type Decision } from './decide.ts';
import { isTerminal } from './framework.ts';
import { ownerSelector } from './owner-selector.ts';
import { podInfo, type PodInfo } from './pod-info.ts';
import { defaultPlugins } from './plugins/index.ts';
import { waitingClaims } from './plugins/volume-binding.ts';
import { findPreemption } from './preemption.ts';
import { schedulingQueue } from './queue.ts';
import type { Snapshot } from './snapshot.ts';

export interface SchedulerOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly informers: InformerFactory;
  readonly events: EventRecorder;
  /** spec.schedulerName it answers to; default `default-scheduler`. */
  readonly name?: string;
}

const SELECTED_NODE = 'volume.kubernetes.io/selected-node';

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
  const writes = new Set<Promise<unknown>>();
  const subscriptions: (() => void)[] = [];
  let stopped = false;
  let draining = false;

  const queue = schedulingQueue(clock, () => {
    if (draining || stopped) return;
    draining = true;
    queueMicrotask(drain);
  });

  const snapshot = (): Snapshot => ({
    nodes: state.nodes(),
    node: state.node,
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
    for (let key = queue.pop(); key !== undefined; key = queue.pop()) {
      const [namespace = '', podName = ''] = key.split('/');
      const pod = pods.get(namespace, podName);
      if (!pod || !isMine(pod)) {
        queue.remove(key);
        continue;
      }
      const info = podInfo(pod);
      const seen = snapshot();
      const decision = decide(info, seen, defaultPlugins, random);
      track(decision.kind === 'node' ? bind(key, info, decision.node.name, seen) : refuse(key, info, decision, seen));
    }
  }

  function track(write: Promise<void>): void {
    writes.add(write);
    void write.finally(() => writes.delete(write));
  }

  async function bind(key: string, info: PodInfo, node: string, seen: Snapshot): Promise<void> {
    const { pod } = info;
    const waiting = waitingClaims(info, seen);
    const assumed: Pod = { ...pod, spec: { ...pod.spec, nodeName: node } };
    state.setPod(assumed);
    try {
      if (waiting.length > 0) {
        // The claims are told the node; the pod is tried again when their volumes are bound (volumebinding PreBind).
        await Promise.all(waiting.filter((c) => c.metadata.annotations?.[SELECTED_NODE] === undefined).map((claim) =>
          client.patch(PersistentVolumeClaims, claim.metadata.name ?? '', { type: 'merge', body: { metadata: { annotations: { [SELECTED_NODE]: node } } } }, { namespace: claim.metadata.namespace })));
        state.removePod(assumed);
        queue.failed(key, 'unschedulable');
        return;
      }
      const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name: pod.metadata.name, namespace: pod.metadata.namespace, uid: pod.metadata.uid }, target: { apiVersion: 'v1', kind: 'Node', name: node } };
      await client.create<KubeObject>(Pods, binding, { namespace: pod.metadata.namespace, name: pod.metadata.name, subresource: 'binding' });
      queue.remove(key);
      events.event(pod, 'Normal', 'Scheduled', `Successfully assigned ${key} to ${node}`);
    } catch (error) {
      state.removePod(assumed);
      if (isReason(error, 'NotFound')) return queue.remove(key);
      events.event(pod, 'Warning', 'FailedScheduling', `binding rejected: ${error instanceof Error ? error.message : String(error)}`);
      queue.failed(key, 'error');
    }
  }

  async function refuse(key: string, info: PodInfo, decision: Extract<Decision, { kind: 'refused' }>, seen: Snapshot): Promise<void> {
    const { pod } = info;
    const gated = (pod.spec.schedulingGates ?? []).length > 0;
    const preemption = gated ? { kind: 'none' as const, message: '' } : findPreemption(info, seen, defaultPlugins, decision, budgets.list());
    const message = describeRefusal(decision, preemption.kind === 'none' ? preemption.message : '');
    try {
      if (!gated) events.event(pod, 'Warning', 'FailedScheduling', message);
      const condition: PodCondition = { type: 'PodScheduled', status: 'False', reason: gated ? 'SchedulingGated' : 'Unschedulable', message };
      await writeRefusal(pod, condition, preemption.kind === 'node' ? preemption.node : undefined);
      if (preemption.kind === 'node') await Promise.all(preemption.victims.map((victim) => evict(victim.pod, pod, preemption.node)));
    } catch (error) {
      if (isReason(error, 'NotFound')) return queue.remove(key);
      if (!isReason(error, 'Conflict')) console.error(`scheduler: ${key}: ${error instanceof Error ? error.message : String(error)}`);
      return queue.failed(key, 'error');
    }
    queue.failed(key, 'unschedulable');
  }

  async function writeRefusal(pod: Pod, condition: PodCondition, nominated: string | undefined): Promise<void> {
    const old = pod.status?.conditions?.find((c) => c.type === 'PodScheduled');
    const same = old && old.status === condition.status && old.reason === condition.reason && old.message === condition.message;
    if (same && (nominated === undefined || pod.status?.nominatedNodeName === nominated)) return;
    const since = old?.status === condition.status ? old.lastTransitionTime : rfc3339(clock.now());
    const status = { conditions: [{ ...condition, lastProbeTime: null, lastTransitionTime: since }], ...(nominated !== undefined && { nominatedNodeName: nominated }) };
    await client.patch(Pods, pod.metadata.name ?? '', { type: 'strategic', body: { metadata: { uid: pod.metadata.uid }, status } }, { namespace: pod.metadata.namespace, subresource: 'status' });
  }

  /** Preempts one pod: the condition says why, then it is deleted (preemption.go PreemptPod). */
  async function evict(victim: Pod, by: Pod, node: string): Promise<void> {
    const { namespace, name: victimName = '', uid } = victim.metadata;
    const condition = { type: 'DisruptionTarget', status: 'True', reason: 'PreemptionByScheduler', message: `${name}: preempting to accommodate a higher priority pod`, lastTransitionTime: rfc3339(clock.now()) };
    try {
      await client.patch(Pods, victimName, { type: 'strategic', body: { metadata: { uid }, status: { conditions: [condition] } } }, { namespace, subresource: 'status' });
      await client.delete(Pods, victimName, { namespace, preconditions: { uid } });
      events.event(victim, 'Normal', 'Preempted', `Preempted by pod ${by.metadata.uid ?? ''} on node ${node}`);
    } catch (error) {
      if (!isReason(error, 'NotFound') && !isReason(error, 'Conflict')) throw error;
    }
  }

  const isMine = (pod: Pod) => (pod.spec.schedulerName ?? 'default-scheduler') === name && !pod.spec.nodeName && !isTerminal(pod) && !pod.metadata.deletionTimestamp;
  const keyOf = (pod: Pod) => `${pod.metadata.namespace ?? ''}/${pod.metadata.name ?? ''}`;

  const podChanged = (old: Pod | undefined, pod: Pod) => {
    if (pod.spec.nodeName) {
      if (old && old.spec.nodeName === pod.spec.nodeName && isTerminal(old) === isTerminal(pod) && old.metadata.labels === pod.metadata.labels) return;
      queue.remove(keyOf(pod));
      state.setPod(pod);
      if (isTerminal(pod)) queue.wake();
    } else if (isMine(pod)) {
      // Only status moved: that is our own writing, or nothing that makes it fit.
      if (!old || old.metadata.generation !== pod.metadata.generation || old.metadata.labels !== pod.metadata.labels) queue.add(keyOf(pod), pod.spec.priority ?? 0);
    } else queue.remove(keyOf(pod));
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
          deleted: (node) => state.removeNode(node.metadata.name ?? ''),
        }),
        claims.onChange({ added: wake, updated: wake }),
        volumes.onChange({ added: wake, updated: wake }),
        classes.onChange({ added: wake }),
        pods.onChange({
          added: (pod) => podChanged(undefined, pod),
          updated: (old, pod) => podChanged(old, pod),
          deleted: (pod) => {
            queue.remove(keyOf(pod));
            state.removePod(pod);
            if (pod.spec.nodeName) queue.wake();
          },
        }),
      );
    },
    async stop() {
      stopped = true;
      for (const unsubscribe of subscriptions) unsubscribe();
      queue.stop();
      await Promise.allSettled(writes);
    },
  };
}

/** Heartbeats change nothing for the scheduler. */
function nodeMatters(old: { spec: unknown; metadata: { labels?: unknown }; status?: { allocatable?: unknown } }, next: typeof old): boolean {
  return JSON.stringify([old.spec, old.metadata.labels, old.status?.allocatable]) !== JSON.stringify([next.spec, next.metadata.labels, next.status?.allocatable]);
}
