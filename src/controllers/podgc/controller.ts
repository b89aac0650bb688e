import { isReason } from '../../api/errors.ts';
import { Nodes } from '../../api/kinds/core/node.ts';
import { Pods } from '../../api/kinds/core/pod.ts';
import type { Node, Pod } from '../../api/types/core.v1.ts';
import type { Timer } from '../../base/clock.ts';
import type { Component } from '../../client/controller.ts';
import type { ControllerContext } from '../context.ts';
import { unlessGone } from '../gone.ts';
import { byCreation, keyOf } from '../names.ts';
import { isFinished } from '../pods.ts';
import { rfc3339 } from '../../base/time.ts';

const PERIOD_MS = 20_000;
/** How long a pod's node must be missing before the pod goes (gc_controller.go quarantineTime). */
const QUARANTINE_MS = 40_000;
/** Finished pods that may pile up (--terminated-pod-gc-threshold). */
const KEPT = 12_500;
const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service';

/** Removes pods that nobody else will: too many finished ones, those of a node that is gone or out of service, and those that were deleted before they were scheduled (pkg/controller/podgc). */
export function podGarbageCollector(context: ControllerContext, kept = KEPT): Component {
  const { client, clock, informers, options } = context;
  const pods = informers.informer(Pods);
  const nodes = informers.informer(Nodes);
  const missingSince = new Map<string, number>();
  let timer: Timer | undefined;
  let running: Promise<void> = Promise.resolve();

  async function collect(): Promise<void> {
    const all = pods.list();
    const going = all.filter((pod) => pod.metadata.deletionTimestamp !== undefined);
    const lost = await lostNodes(all);
    const doomed = new Map<Pod, string | undefined>([
      ...surplus(all.filter(isFinished), kept),
      ...going.filter((pod) => !pod.spec.nodeName),
      ...going.filter((pod) => isOutOfService(nodes.get('', pod.spec.nodeName ?? ''))),
    ].map((pod) => [pod, undefined]));
    for (const pod of all) if (lost.has(pod.spec.nodeName ?? '')) doomed.set(pod, 'PodGC: node no longer exists');
    await Promise.all([...doomed].map(([pod, why]) => remove(pod, why)));
  }

  /** Nodes that pods name and that have been missing for long enough; the API has the last word. */
  async function lostNodes(all: readonly Pod[]): Promise<ReadonlySet<string>> {
    const missing = new Set(all.map((pod) => pod.spec.nodeName ?? '').filter((name) => name !== '' && !nodes.get('', name)));
    for (const name of missingSince.keys()) if (!missing.has(name)) missingSince.delete(name);
    for (const name of missing) if (!missingSince.has(name)) missingSince.set(name, clock.now());
    const overdue = [...missing].filter((name) => clock.now() - (missingSince.get(name) ?? 0) >= QUARANTINE_MS);
    const found = await Promise.all(overdue.map((name) => client.get(Nodes, name).catch(unlessGone)));
    return new Set(overdue.filter((_, i) => !found[i]));
  }

  async function remove(pod: Pod, disruption: string | undefined): Promise<void> {
    const { namespace, name = '', uid } = pod.metadata;
    try {
      if (!isFinished(pod)) {
        const condition = { type: 'DisruptionTarget', status: 'True', reason: 'DeletionByPodGC', message: disruption, lastTransitionTime: rfc3339(clock.now()) };
        const status = { phase: 'Failed', ...(disruption !== undefined && { conditions: [condition] }) };
        await client.patch(Pods, name, { type: 'strategic', body: { metadata: { uid }, status } }, { namespace, subresource: 'status' });
      }
      await client.delete(Pods, name, { namespace, gracePeriodSeconds: 0, preconditions: { uid } });
    } catch (error) {
      if (!isReason(error, 'NotFound') && !isReason(error, 'Conflict')) options.onError?.('podgc', keyOf(pod), error);
    }
  }

  const tick = () => {
    running = collect().catch((error: unknown) => options.onError?.('podgc', 'collect', error)).finally(() => { if (timer) timer = clock.after(PERIOD_MS, tick); });
  };
  return {
    name: 'pod-garbage-collector',
    async start() {
      await Promise.all([pods.start(), nodes.start()]);
      timer = clock.after(PERIOD_MS, tick);
    },
    async stop() {
      timer?.cancel();
      timer = undefined;
      await running;
    },
  };
}

/** The finished pods that are too many: evicted ones first, then the oldest. */
function surplus(finished: Pod[], kept: number): Pod[] {
  const evicted = (pod: Pod) => (pod.status?.phase === 'Failed' && pod.status.reason === 'Evicted' ? 0 : 1);
  return finished.sort((a, b) => evicted(a) - evicted(b) || byCreation(a, b)).slice(0, Math.max(0, finished.length - kept));
}

/** Somebody said that the node will not come back soon: its pods need not wait for its word (KEP-2268). */
function isOutOfService(node: Node | undefined): boolean {
  const ready = node?.status?.conditions?.find((condition) => condition.type === 'Ready')?.status === 'True';
  return node !== undefined && !ready && (node.spec.taints ?? []).some((taint) => taint.key === OUT_OF_SERVICE);
}
