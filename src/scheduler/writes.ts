import { isReason } from '../api/errors.ts';
import { PersistentVolumeClaims } from '../api/kinds/core/persistent-volume-claim.ts';
import { PersistentVolumes } from '../api/kinds/core/persistent-volume.ts';
import { Pods } from '../api/kinds/core/pod.ts';
import type { KubeObject } from '../api/object.ts';
import type { Pod } from '../api/types/core.v1.ts';
import type { Clock } from '../base/clock.ts';
import { rfc3339 } from '../base/time.ts';
import type { Client } from '../client/client.ts';
import { SELECTED_NODE, type VolumePlan } from './plugins/volume-plan.ts';

const BOUND_BY_CONTROLLER = 'pv.kubernetes.io/bound-by-controller';

export interface Writes {
  assign(pod: Pod, node: string): Promise<void>;
  /** Keeps the volumes for their claims, and tells the other claims for which node theirs are to be made; the volume controller does the rest. */
  prepareVolumes(plan: VolumePlan, node: string): Promise<void>;
  /** Why it has no node. `nominated`: what it preempted others on, '' = nothing any more, undefined = as it is. */
  refuse(pod: Pod, reason: 'Unschedulable' | 'SchedulerError', message: string, nominated: string | undefined): Promise<void>;
  /** It has to make room elsewhere: a more important one took what it was nominated to. */
  denominate(pod: Pod): Promise<void>;
  /** Takes a pod away for a more important one: the condition says why, then it is deleted (preemption.go PreemptPod). False = it was on its way already. */
  evict(victim: Pod): Promise<boolean>;
}

/** What the scheduler writes. Everything is bound to the pod's uid, so that one that came anew under the same name is left alone. */
export function writes(client: Client, clock: Clock, scheduler: string): Writes {
  const patchStatus = (pod: Pod, status: object) =>
    client.patch(Pods, pod.metadata.name ?? '', { type: 'strategic', body: { metadata: { uid: pod.metadata.uid }, status } }, { namespace: pod.metadata.namespace, subresource: 'status' });
  return {
    async assign(pod, node) {
      const { name, namespace, uid } = pod.metadata;
      const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name, namespace, uid }, target: { apiVersion: 'v1', kind: 'Node', name: node } };
      await client.create<KubeObject>(Pods, binding, { namespace, name, subresource: 'binding' });
    },
    async prepareVolumes({ bind, provision }, node) {
      const free = bind.filter(({ claim, volume }) => volume.spec.claimRef?.uid !== claim.metadata.uid);
      const open = provision.filter((claim) => claim.metadata.annotations?.[SELECTED_NODE] === undefined);
      await Promise.all([
        ...free.map(({ claim: { metadata: { name, namespace, uid } }, volume: { metadata, spec } }) => {
          const claimRef = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid };
          // With its version: somebody else may want it this moment.
          const body = { metadata: { resourceVersion: metadata.resourceVersion, ...(!spec.claimRef && { annotations: { [BOUND_BY_CONTROLLER]: 'yes' } }) }, spec: { claimRef } };
          return client.patch(PersistentVolumes, metadata.name ?? '', { type: 'merge', body });
        }),
        ...open.map(({ metadata: { name = '', namespace } }) =>
          client.patch(PersistentVolumeClaims, name, { type: 'merge', body: { metadata: { annotations: { [SELECTED_NODE]: node } } } }, { namespace })),
      ]);
    },
    async refuse(pod, reason, message, nominated) {
      const old = pod.status?.conditions?.find((c) => c.type === 'PodScheduled');
      const same = old?.status === 'False' && old.reason === reason && old.message === message;
      const settled = nominated === undefined || nominated === (pod.status?.nominatedNodeName ?? '');
      if (same && settled) return;
      const since = old?.status === 'False' ? old.lastTransitionTime : rfc3339(clock.now());
      const conditions = [{ type: 'PodScheduled', status: 'False', reason, message, lastProbeTime: null, lastTransitionTime: since }];
      await patchStatus(pod, { conditions, ...(!settled && { nominatedNodeName: nominated || null }) });
    },
    async denominate(pod) {
      await patchStatus(pod, { nominatedNodeName: null }).catch(unlessGone);
    },
    async evict(victim) {
      const { namespace, name = '', uid } = victim.metadata;
      const condition = { type: 'DisruptionTarget', status: 'True', reason: 'PreemptionByScheduler', message: `${scheduler}: preempting to accommodate a higher priority pod`, lastTransitionTime: rfc3339(clock.now()) };
      try {
        await patchStatus(victim, { conditions: [condition] });
        await client.delete(Pods, name, { namespace, preconditions: { uid } });
        return true;
      } catch (error) {
        unlessGone(error);
        return false;
      }
    },
  };
}

/** Rethrows, unless the pod is not there any more or is another one by now. */
function unlessGone(error: unknown): void {
  if (!isReason(error, 'NotFound') && !isReason(error, 'Conflict')) throw error;
}
