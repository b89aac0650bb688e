import { isReason } from '../../api/errors.ts';
import { Nodes } from '../../api/kinds/core/node.ts';
import { Pods } from '../../api/kinds/core/pod.ts';
import type { Pod } from '../../api/types/core.v1.ts';
import type { Timer } from '../../base/clock.ts';
import type { Component } from '../../client/controller.ts';
import type { ControllerContext } from '../context.ts';
import { byCreation } from '../names.ts';
import { isFinished } from '../pods.ts';
import { rfc3339 } from '../../base/time.ts';

const PERIOD_MS = 20_000;
/** How long a pod's node must be missing before the pod goes (gc_controller.go quarantineTime). */
const QUARANTINE_MS = 40_000;
/** Finished pods that may pile up (--terminated-pod-gc-threshold). */
const KEPT = 12_500;

/** Removes pods that nobody else will: too many finished ones, those of a node that is gone, and those that were deleted before they were scheduled (pkg/controller/podgc). */
export function podGarbageCollector(context: ControllerContext): Component {
  const { client, clock, informers, options } = context;
  const pods = informers.informer(Pods);
  const nodes = informers.informer(Nodes);
  const missingSince = new Map<string, number>();
  let timer: Timer | undefined;
  let running: Promise<void> = Promise.resolve();

  async function collect(): Promise<void> {
    const all = pods.list();
    const finished = all.filter(isFinished).sort(byCreation);
    const surplus = finished.slice(0, Math.max(0, finished.length - KEPT));
    const unscheduled = all.filter((p) => p.metadata.deletionTimestamp !== undefined && !p.spec.nodeName);
    for (const name of missingSince.keys()) if (nodes.get('', name)) missingSince.delete(name);
    const orphaned = all.filter((p) => {
      const node = p.spec.nodeName;
      if (!node || nodes.get('', node)) return false;
      const since = missingSince.get(node) ?? clock.now();
      missingSince.set(node, since);
      return clock.now() - since >= QUARANTINE_MS;
    });
    await Promise.all([...surplus.map((p) => remove(p, undefined)), ...unscheduled.map((p) => remove(p, undefined)), ...orphaned.map((p) => remove(p, 'PodGC: node no longer exists'))]);
  }

  async function remove(pod: Pod, disruption: string | undefined): Promise<void> {
    const { namespace, name = '', uid } = pod.metadata;
    try {
      if (disruption !== undefined && !isFinished(pod)) {
        const condition = { type: 'DisruptionTarget', status: 'True', reason: 'DeletionByPodGC', message: disruption, lastTransitionTime: rfc3339(clock.now()) };
        await client.patch(Pods, name, { type: 'strategic', body: { metadata: { uid }, status: { phase: 'Failed', conditions: [condition] } } }, { namespace, subresource: 'status' });
      }
      await client.delete(Pods, name, { namespace, gracePeriodSeconds: 0, preconditions: { uid } });
    } catch (error) {
      if (!isReason(error, 'NotFound') && !isReason(error, 'Conflict')) options.onError?.('podgc', `${namespace ?? ''}/${name}`, error);
    }
  }

  const tick = () => {
    running = collect().finally(() => { if (timer) timer = clock.after(PERIOD_MS, tick); });
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
