import { PersistentVolumes } from '../../api/kinds/core/persistent-volume.ts';
import type { PersistentVolume } from '../../api/types/core.v1.ts';
import type { Component } from '../../client/controller.ts';
import { controllerIn, type ControllerContext } from '../context.ts';
import { unlessGone } from '../gone.ts';
import { protection, withFinalizer, withoutFinalizer } from '../finalizer.ts';

const FINALIZER = 'kubernetes.io/pv-protection';

/** Lets a volume that is being deleted go once it is bound no more (pkg/controller/volume/pvprotection). */
export function volumeProtectionController(context: ControllerContext): Component {
  const { client, informers } = context;
  const volumes = informers.informer(PersistentVolumes);
  const name = 'pv-protection-controller';

  const reconcile = async (key: string) => {
    const volume = volumes.get('', key);
    const need = volume && protection(volume, FINALIZER);
    if (!volume || !need) return;
    if (need === 'missing') await client.update(PersistentVolumes, withFinalizer(volume, FINALIZER));
    else if (volume.status?.phase !== 'Bound') await client.update(PersistentVolumes, withoutFinalizer(volume, FINALIZER)).catch(unlessGone);
  };

  return controllerIn(context, {
    name,
    reconcile,
    setup: (queue) => {
      const look = (volume: PersistentVolume) => { if (protection(volume, FINALIZER)) queue.add(volume.metadata.name ?? ''); };
      volumes.onChange({ added: look, updated: (_, volume) => look(volume) });
      return [volumes];
    },
  });
}
