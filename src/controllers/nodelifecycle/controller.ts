import { Leases } from '../../api/kinds/coordination/lease.ts';
import { Nodes } from '../../api/kinds/core/node.ts';
import { Pods } from '../../api/kinds/core/pod.ts';
import type { Node, Pod } from '../../api/types/core.v1.ts';
import type { Component } from '../../client/controller.ts';
import { controller } from '../../client/index.ts';
import type { ControllerContext } from '../context.ts';
import { unlessReplaced } from '../gone.ts';
import { isReady } from '../pods.ts';
import { rfc3339 } from '../../base/time.ts';
import { GRACE_MS, silentConditions, taintsFor, toleratedMs } from './decide.ts';

const BY_NODE = 'node';
/** How often a silent node is noticed (--node-monitor-period). */
const PERIOD_MS = 5_000;

/** Notices nodes that fell silent, taints nodes by their conditions, and evicts pods that do not tolerate it (nodelifecycle and tainteviction). */
export function nodeLifecycleController(context: ControllerContext): Component {
  const { client, clock, informers, options, events } = context;
  const nodes = informers.informer(Nodes);
  const pods = informers.informer(Pods);
  const leases = informers.informer(Leases);
  pods.addIndex(BY_NODE, (pod) => (pod.spec.nodeName ? [pod.spec.nodeName] : []));
  const recorder = events('node-controller');
  const evictor = events('taint-eviction-controller');
  // When something of a node last changed, on our own clock: another machine's clock is not trusted.
  const heard = new Map<string, { readonly beat: string; readonly at: number }>();

  const reconcile = async (name: string) => {
    const node = nodes.get('', name);
    if (!node) {
      heard.delete(name);
      return;
    }
    const beat = `${leases.get('kube-node-lease', name)?.spec.renewTime ?? ''} ${node.status?.conditions?.find((c) => c.type === 'Ready')?.lastHeartbeatTime ?? ''}`;
    if (heard.get(name)?.beat !== beat) heard.set(name, { beat, at: clock.now() });
    const silent = clock.now() - (heard.get(name)?.at ?? 0) > GRACE_MS;
    const conditions = silent ? silentConditions(node, clock.now()) : undefined;
    if (conditions) {
      recorder.event(node, 'Normal', 'NodeNotReady', `Node ${name} status is now: NodeNotReady`);
      await client.update(Nodes, { ...node, status: { ...node.status, conditions } }, { subresource: 'status' });
      await Promise.all(pods.byIndex(BY_NODE, name).filter(isReady).map(markUnready));
      return { afterMs: PERIOD_MS };
    }
    const taints = taintsFor(node, clock.now());
    if (taints) await client.update(Nodes, { ...node, spec: { ...node.spec, taints } });
    const next = await evict(node);
    return { afterMs: Math.min(PERIOD_MS, next) };
  };

  /** Deletes what does not tolerate the node's NoExecute taints; resolves with the time until the next one is due. */
  async function evict(node: Node): Promise<number> {
    const taints = (node.spec.taints ?? []).filter((t) => t.effect === 'NoExecute');
    if (taints.length === 0) return Infinity;
    let next = Infinity;
    await Promise.all(pods.byIndex(BY_NODE, node.metadata.name ?? '').filter((p) => p.metadata.deletionTimestamp === undefined).map(async (pod) => {
      const left = toleratedMs(taints, pod.spec.tolerations ?? [], clock.now());
      if (left > 0) {
        next = Math.min(next, left);
        return;
      }
      const { namespace, name = '', uid } = pod.metadata;
      evictor.event(pod, 'Normal', 'TaintManagerEviction', `Marking for deletion Pod ${namespace ?? ''}/${name}`);
      const condition = { type: 'DisruptionTarget', status: 'True', reason: 'DeletionByTaintManager', message: 'Taint manager: deleting due to NoExecute taint', lastTransitionTime: rfc3339(clock.now()) };
      await client.patch(Pods, name, { type: 'strategic', body: { metadata: { uid }, status: { conditions: [condition] } } }, { namespace, subresource: 'status' }).catch(unlessReplaced);
      await client.delete(Pods, name, { namespace, preconditions: { uid } }).catch(unlessReplaced);
    }));
    return next;
  }

  async function markUnready(pod: Pod): Promise<void> {
    const conditions = [{ type: 'Ready', status: 'False', reason: 'NodeNotReady', lastTransitionTime: rfc3339(clock.now()) }];
    await client.patch(Pods, pod.metadata.name ?? '', { type: 'strategic', body: { status: { conditions } } }, { namespace: pod.metadata.namespace, subresource: 'status' }).catch(unlessReplaced);
    recorder.event(pod, 'Warning', 'NodeNotReady', 'Node is not ready');
  }

  return controller({
    name: 'node-lifecycle-controller',
    clock,
    reconcile,
    ...(options.onError && { onError: (key: string, error: unknown) => options.onError?.('node-lifecycle-controller', key, error) }),
    setup: (queue) => {
      nodes.onChange({
        added: (n) => {
          recorder.event(n, 'Normal', 'RegisteredNode', `Node ${n.metadata.name ?? ''} event: Registered Node ${n.metadata.name ?? ''} in Controller`);
          queue.add(n.metadata.name ?? '');
        },
        updated: (_, n) => queue.add(n.metadata.name ?? ''),
        deleted: (n) => queue.add(n.metadata.name ?? ''),
      });
      pods.onChange({ updated: (old, p) => { if (!old.spec.nodeName && p.spec.nodeName && nodes.get('', p.spec.nodeName)?.spec.taints?.some((t) => t.effect === 'NoExecute')) queue.add(p.spec.nodeName); } });
      return [nodes, pods, leases];
    },
  });
}
