import { isNamespaceTerminating, isReason } from '../../api/errors.ts';
import { PersistentVolumeClaims } from '../../api/kinds/core/persistent-volume-claim.ts';
import { Pods } from '../../api/kinds/core/pod.ts';
import type { PersistentVolumeClaim, PersistentVolumeClaimTemplate, Pod } from '../../api/types/core.v1.ts';
import type { Component } from '../../client/controller.ts';
import { controllerIn, type ControllerContext } from '../context.ts';
import { keyOf, splitKey } from '../names.ts';
import { controllerReference, isControlledBy } from '../ownership.ts';
import { BY_CLAIM, claimKeys } from '../pod-claims.ts';
import { textOf } from '../podcontrol.ts';

/** Makes the claims of generic ephemeral volumes, which live and go with their pod (pkg/controller/volume/ephemeral). */
export function ephemeralVolumeController(context: ControllerContext): Component {
  const { client, informers, events } = context;
  const pods = informers.informer(Pods);
  const claims = informers.informer(PersistentVolumeClaims);
  const recorder = events('ephemeral_volume');
  pods.addIndex(BY_CLAIM, claimKeys);
  const name = 'ephemeral-volume-controller';

  const reconcile = async (key: string) => {
    const { namespace, name: podName } = splitKey(key);
    const pod = pods.get(namespace, podName);
    if (!pod || pod.metadata.deletionTimestamp !== undefined) return;
    for (const volume of pod.spec.volumes ?? []) {
      const template = volume.ephemeral?.volumeClaimTemplate;
      if (!template) continue;
      try {
        await ensure(pod, `${podName}-${volume.name}`, template);
      } catch (error) {
        if (!isNamespaceTerminating(error) && !isReason(error, 'AlreadyExists')) recorder.event(pod, 'Warning', 'FailedBinding', `ephemeral volume ${volume.name}: ${textOf(error)}`);
        throw error;
      }
    }
  };

  async function ensure(pod: Pod, claimName: string, template: PersistentVolumeClaimTemplate): Promise<void> {
    const { namespace = '', name: podName } = pod.metadata;
    const existing = claims.get(namespace, claimName);
    // Data of somebody else must not be given to the pod because of a name.
    if (existing && !isControlledBy(existing, pod)) throw new Error(`PVC ${namespace}/${claimName} was not created for pod ${namespace}/${podName} (pod is not owner)`);
    if (existing) return;
    await client.create(PersistentVolumeClaims, claimOf(pod, claimName, template)).catch((error: unknown) => {
      if (isNamespaceTerminating(error) || isReason(error, 'AlreadyExists')) throw error;
      throw new Error(`create PVC ${claimName}: ${textOf(error)}`, { cause: error });
    });
  }

  return controllerIn(context, {
    name,
    workers: { default: 5 },
    reconcile,
    setup: (queue) => {
      const look = (pod: Pod) => { if (pod.spec.volumes?.some((volume) => volume.ephemeral)) queue.add(keyOf(pod)); };
      pods.onChange({ added: look });
      claims.onChange({ deleted: (claim) => pods.byIndex(BY_CLAIM, keyOf(claim)).forEach(look) });
      return [pods, claims];
    },
  });
}

function claimOf(pod: Pod, name: string, { metadata, spec }: PersistentVolumeClaimTemplate): PersistentVolumeClaim {
  return {
    apiVersion: 'v1', kind: 'PersistentVolumeClaim', spec,
    metadata: { name, namespace: pod.metadata.namespace, labels: metadata?.labels, annotations: metadata?.annotations, ownerReferences: [controllerReference(pod, Pods)] },
  };
}
