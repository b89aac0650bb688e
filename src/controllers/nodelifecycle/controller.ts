import { Leases } from '../../api/kinds/coordination/lease.ts';
import { Nodes } from '../../api/kinds/core/node.ts';
import { Pods } from '../../api/kinds/core/pod.ts';
import type { Node, Pod, Taint } from '../../api/types/core.v1.ts';
import type { Component } from '../../client/controller.ts';
import { controllerIn, type ControllerContext } from '../context.ts';
import { unlessReplaced } from '../gone.ts';
import { keyOf } from '../names.ts';
import { isReady, podCondition } from '../pods.ts';
import { rfc3339 } from '../../base/time.ts';
import { GRACE_MS, isGivenUp, readiness, silentConditions, STARTUP_GRACE_MS, taintsFor, toleratedMs } from './decide.ts';
import { disruption, type Disruption, evictionTurns, zoneOf } from './zones.ts';

const BY_NODE = 'node';
/** How often a silent node is noticed (--node-monitor-period). */
const PERIOD_MS = 5_000;

/** What is remembered of a node between two looks. Times are of our own clock: another machine's is not trusted. */
interface Seen {
  readonly beat: string;
  /** When its heartbeat last changed. */
  readonly beatAt: number;
  readonly ready: string | undefined;
  /** When its NoExecute taints were first seen: those that people put on do not say. */
  readonly taintedAt: Map<string, number>;
  /** The UIDs of pods whose time on it is limited. */
  readonly doomed: Set<string>;
}

/** Notices nodes that fell silent, taints nodes by their conditions, and evicts pods that do not tolerate it (nodelifecycle and tainteviction). */
export function nodeLifecycleController(context: ControllerContext): Component {
  const { client, clock, informers, events } = context;
  const nodes = informers.informer(Nodes);
  const pods = informers.informer(Pods);
  const leases = informers.informer(Leases);
  pods.addIndex(BY_NODE, (pod) => (pod.spec.nodeName ? [pod.spec.nodeName] : []));
  const recorder = events('node-controller');
  const evictor = events('taint-eviction-controller');
  const seen = new Map<string, Seen>();
  const turns = evictionTurns();
  /** Counted again when a node's readiness or zone is another. */
  let counted: Disruption | undefined;

  const reconcile = async (name: string) => {
    const node = nodes.get('', name);
    if (!node) {
      seen.delete(name);
      turns.forget(name);
      return;
    }
    const now = clock.now();
    const ready = node.status?.conditions?.find((c) => c.type === 'Ready');
    const beat = `${leases.get('kube-node-lease', name)?.spec.renewTime ?? ''} ${ready?.lastHeartbeatTime ?? ''}`;
    const last = seen.get(name) ?? { beat, beatAt: now, ready: ready?.status, taintedAt: new Map<string, number>(), doomed: new Set<string>() };
    const state = { ...last, beat, beatAt: last.beat === beat ? last.beatAt : now, ready: ready?.status };
    seen.set(name, state);
    const silent = now - state.beatAt > (ready ? GRACE_MS : STARTUP_GRACE_MS) ? silentConditions(node, now) : undefined;
    if (silent) await client.update(Nodes, { ...node, status: { ...node.status, conditions: silent } }, { subresource: 'status' });
    if (last.ready === 'True' && (silent || state.ready !== 'True')) {
      seen.set(name, { ...state, ready: 'Unknown' });
      recorder.event(node, 'Normal', 'NodeNotReady', `Node ${name} status is now: NodeNotReady`);
      await Promise.all(pods.byIndex(BY_NODE, name).filter(isReady).map(markUnready));
    }
    // The informer brings us here again with what was written.
    if (silent) return { afterMs: PERIOD_MS };
    const wait = waitOf(node, now);
    const taints = taintsFor(node, now, wait === 0);
    if (taints) await client.update(Nodes, { ...node, spec: { ...node.spec, taints } });
    return { afterMs: Math.min(PERIOD_MS, wait || PERIOD_MS, await evict(node, state)) };
  };

  /** How long until the pods of a node that is not ready may go; of one that is, nothing has to. */
  function waitOf(node: Node, now: number): number {
    const { name = '' } = node.metadata;
    if ((readiness(node) ?? 'True') === 'True') {
      turns.forget(name);
      return 0;
    }
    counted ??= disruption(nodes.list());
    // What was given up stays so, unless all are silent.
    if (isGivenUp(node) && !counted.cutOff) return 0;
    return turns.ask(name, zoneOf(node), counted.rates.get(zoneOf(node)) ?? 0, now);
  }

  /** Deletes what does not tolerate the node's NoExecute taints; resolves with the time until the next one is due. */
  async function evict(node: Node, { taintedAt, doomed }: Seen): Promise<number> {
    const now = clock.now();
    const taints = (node.spec.taints ?? []).filter((t) => t.effect === 'NoExecute');
    const keys = taints.map(taintKey);
    for (const key of taintedAt.keys()) if (!keys.includes(key)) taintedAt.delete(key);
    for (const key of keys) if (!taintedAt.has(key)) taintedAt.set(key, now);
    if (taints.length === 0 && doomed.size === 0) return Infinity;
    const on = pods.byIndex(BY_NODE, node.metadata.name ?? '').filter((p) => p.metadata.deletionTimestamp === undefined);
    const left = new Map(on.map((pod) => [pod, toleratedMs(taints, pod.spec.tolerations ?? [], (taint) => Math.max(addedAt(taint) ?? taintedAt.get(taintKey(taint)) ?? now, boundAt(pod)), now)]));
    for (const [pod, ms] of left) {
      const uid = pod.metadata.uid ?? '';
      if (ms === Infinity && doomed.delete(uid)) evictor.event(pod, 'Normal', 'TaintManagerEviction', `Cancelling deletion of Pod ${keyOf(pod)}`);
      else if (ms !== Infinity) doomed.add(uid);
    }
    for (const uid of doomed) if (!on.some((pod) => pod.metadata.uid === uid)) doomed.delete(uid);
    await Promise.all([...left].filter(([, ms]) => ms <= 0).map(([pod]) => evictPod(pod)));
    return [...left.values()].filter((ms) => ms > 0).reduce((least, ms) => Math.min(least, ms), Infinity);
  }

  async function evictPod(pod: Pod): Promise<void> {
    const { namespace, name = '', uid } = pod.metadata;
    evictor.event(pod, 'Normal', 'TaintManagerEviction', `Marking for deletion Pod ${keyOf(pod)}`);
    const condition = { type: 'DisruptionTarget', status: 'True', reason: 'DeletionByTaintManager', message: 'Taint manager: deleting due to NoExecute taint', lastTransitionTime: rfc3339(clock.now()) };
    await client.patch(Pods, name, { type: 'strategic', body: { metadata: { uid }, status: { conditions: [condition] } } }, { namespace, subresource: 'status' }).catch(unlessReplaced);
    await client.delete(Pods, name, { namespace, preconditions: { uid } }).catch(unlessReplaced);
  }

  async function markUnready(pod: Pod): Promise<void> {
    const conditions = [{ type: 'Ready', status: 'False', reason: 'NodeNotReady', lastTransitionTime: rfc3339(clock.now()) }];
    await client.patch(Pods, pod.metadata.name ?? '', { type: 'strategic', body: { status: { conditions } } }, { namespace: pod.metadata.namespace, subresource: 'status' }).catch(unlessReplaced);
    recorder.event(pod, 'Warning', 'NodeNotReady', 'Node is not ready');
  }

  return controllerIn(context, {
    name: 'node-lifecycle-controller',
    reconcile,
    setup: (queue) => {
      nodes.onChange({
        added: (n) => {
          recorder.event(n, 'Normal', 'RegisteredNode', `Node ${n.metadata.name ?? ''} event: Registered Node ${n.metadata.name ?? ''} in Controller`);
          queue.add(n.metadata.name ?? '');
        },
        updated: (_, n) => queue.add(n.metadata.name ?? ''),
        deleted: (n) => {
          recorder.event(n, 'Normal', 'RemovingNode', `Node ${n.metadata.name ?? ''} event: Removing Node ${n.metadata.name ?? ''} from Controller`);
          queue.add(n.metadata.name ?? '');
        },
      });
      const recount = () => { counted = undefined; };
      nodes.onChange({ added: recount, updated: (old, n) => { if (readiness(old) !== readiness(n) || zoneOf(old) !== zoneOf(n)) recount(); }, deleted: recount });
      pods.onChange({ updated: (old, p) => { if (!old.spec.nodeName && p.spec.nodeName && nodes.get('', p.spec.nodeName)?.spec.taints?.some((t) => t.effect === 'NoExecute')) queue.add(p.spec.nodeName); } });
      return [nodes, pods, leases];
    },
  });
}

const taintKey = ({ key, value = '' }: Taint) => `${key}=${value}`;
const addedAt = ({ timeAdded }: Taint) => (timeAdded === undefined ? undefined : Date.parse(timeAdded));

/** When a pod came to its node: what was there before need not be borne for longer. */
function boundAt(pod: Pod): number {
  return Date.parse(podCondition(pod, 'PodScheduled')?.lastTransitionTime ?? pod.metadata.creationTimestamp ?? '') || 0;
}
