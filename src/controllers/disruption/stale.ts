import { Pods } from '../../api/kinds/core/pod.ts';
import type { Pod } from '../../api/types/core.v1.ts';
import { rfc3339 } from '../../base/time.ts';
import type { Component } from '../../client/controller.ts';
import { controllerIn, type ControllerContext } from '../context.ts';
import { unlessReplaced } from '../gone.ts';
import { keyOf, splitKey } from '../names.ts';
import { isFinished, podCondition } from '../pods.ts';

/** How long a pod may be meant to go without being asked to (disruption.go stalePodDisruptionTimeout). */
const TIMEOUT_MS = 2 * 60_000;

/** Milliseconds until a pod's DisruptionTarget condition holds no more, since nobody deleted it after all; undefined for a pod that is going, has ended, or is ended by its kubelet, which takes its time. */
function staleIn(pod: Pod, now: number): number | undefined {
  const target = podCondition(pod, 'DisruptionTarget');
  if (pod.metadata.deletionTimestamp !== undefined || isFinished(pod) || target?.status !== 'True' || target.reason === 'TerminationByKubelet') return undefined;
  return Date.parse(target.lastTransitionTime ?? '') + TIMEOUT_MS - now;
}

/** Takes back what was announced and did not happen: a pod that was to be evicted and was not (disruption.go syncStalePodDisruption). */
export function staleDisruptionController(context: ControllerContext): Component {
  const { client, clock, informers } = context;
  const pods = informers.informer(Pods);
  const name = 'stale-pod-disruption';
  return controllerIn(context, {
    name,
    reconcile: async (key) => {
      const { namespace, name: podName } = splitKey(key);
      const pod = pods.get(namespace, podName);
      const left = pod && staleIn(pod, clock.now());
      if (!pod || left === undefined) return;
      if (left > 0) return { afterMs: left };
      const conditions = [{ type: 'DisruptionTarget', status: 'False', reason: '', message: '', lastTransitionTime: rfc3339(clock.now()) }];
      await client.patch(Pods, podName, { type: 'strategic', body: { metadata: { resourceVersion: pod.metadata.resourceVersion }, status: { conditions } } }, { namespace, subresource: 'status' }).catch(unlessReplaced);
    },
    setup: (queue) => {
      const look = (pod: Pod) => { if (staleIn(pod, clock.now()) !== undefined) queue.add(keyOf(pod)); };
      pods.onChange({ added: look, updated: (_, pod) => look(pod) });
      return [pods];
    },
  });
}
