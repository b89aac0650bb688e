import { PersistentVolumeClaims } from '../../api/kinds/core/persistent-volume-claim.ts';
import { Pods } from '../../api/kinds/core/pod.ts';
import type { PersistentVolumeClaim, Pod } from '../../api/types/core.v1.ts';
import type { Component } from '../../client/controller.ts';
import { controllerIn, type ControllerContext } from '../context.ts';
import { unlessGone } from '../gone.ts';
import { keyOf, splitKey } from '../names.ts';
import { isControlledBy } from '../ownership.ts';
import { BY_CLAIM, claimKeys } from '../pod-claims.ts';
import { protection, withFinalizer, withoutFinalizer } from '../finalizer.ts';

const FINALIZER = 'kubernetes.io/pvc-protection';

/** Whether a pod holds a claim: once it is on a node, and until it is gone, finished or not. A node does not start one whose claim is being deleted (pvc_protection_controller.go podUsesPVC). */
export function holds(pod: Pod, claim: PersistentVolumeClaim): boolean {
  if (!pod.spec.nodeName) return false;
  return (pod.spec.volumes ?? []).some(({ name, persistentVolumeClaim, ephemeral }) => persistentVolumeClaim?.claimName === claim.metadata.name
    || (ephemeral !== undefined && `${pod.metadata.name}-${name}` === claim.metadata.name && isControlledBy(claim, pod) && !isShutDown(pod)));
}

/** The kubelet is done with it, and something else holds the object. */
const isShutDown = ({ metadata }: Pod) => metadata.deletionTimestamp !== undefined && metadata.deletionGracePeriodSeconds === 0;

/** Lets a claim that is being deleted go once no pod uses it (pkg/controller/volume/pvcprotection). */
export function claimProtectionController(context: ControllerContext): Component {
  const { client, informers } = context;
  const claims = informers.informer(PersistentVolumeClaims);
  const pods = informers.informer(Pods);
  pods.addIndex(BY_CLAIM, claimKeys);
  const name = 'pvc-protection-controller';

  const reconcile = async (key: string) => {
    const { namespace, name: claimName } = splitKey(key);
    const claim = claims.get(namespace, claimName);
    const need = claim && protection(claim, FINALIZER);
    if (!claim || !need) return;
    if (need === 'missing') await client.update(PersistentVolumeClaims, withFinalizer(claim, FINALIZER));
    else if (!(await isUsed(claim))) await client.update(PersistentVolumeClaims, withoutFinalizer(claim, FINALIZER)).catch(unlessGone);
  };

  /** A pod that the informer has not seen yet counts too: only the API knows that there is none. */
  async function isUsed(claim: PersistentVolumeClaim): Promise<boolean> {
    if (pods.byIndex(BY_CLAIM, keyOf(claim)).some((pod) => holds(pod, claim))) return true;
    const { items } = await client.list(Pods, { namespace: claim.metadata.namespace });
    return items.some((pod) => holds(pod, claim));
  }

  return controllerIn(context, {
    name,
    workers: { default: 5 },
    reconcile,
    setup: (queue) => {
      const look = (claim: PersistentVolumeClaim) => { if (protection(claim, FINALIZER)) queue.add(keyOf(claim)); };
      const letGo = (pod: Pod) => claimKeys(pod).forEach((key) => queue.add(key));
      claims.onChange({ added: look, updated: (_, claim) => look(claim) });
      pods.onChange({ updated: (_, pod) => { if (isShutDown(pod)) letGo(pod); }, deleted: letGo });
      return [claims, pods];
    },
  });
}
