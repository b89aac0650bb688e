import { PersistentVolumeClaims } from '../../api/kinds/core/persistent-volume-claim.ts';
import { PersistentVolumes } from '../../api/kinds/core/persistent-volume.ts';
import type { ObjectReference, PersistentVolume, PersistentVolumeClaim } from '../../api/types/core.v1.ts';
import type { Client } from '../../client/client.ts';
import type { EventRecorder } from '../../client/events.ts';
import type { Informer } from '../../client/informer.ts';
import { unlessGone } from '../gone.ts';
import { keyFor } from '../names.ts';
import { textOf } from '../podcontrol.ts';
import { binder } from './bind.ts';
import { sameMode } from '../../api/volume-match.ts';
import { DATA_FINALIZER, PROVISIONED_BY } from './names.ts';
import type { Provisioner } from './provision.ts';

export const BY_CLAIM_REF = 'claimRef';

/** The claim that a volume is bound to or kept for, `namespace/name`. */
export function claimRefKeys({ spec: { claimRef } }: PersistentVolume): string[] {
  return claimRef ? [keyFor(claimRef.namespace, claimRef.name)] : [];
}

export interface VolumeSync {
  readonly client: Client;
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly recorder: EventRecorder;
  readonly provisioner: Provisioner;
  /** Asks for a claim to be looked at. */
  readonly claimChanged: (claim: PersistentVolumeClaim) => void;
}

/** What becomes of a volume, seen from its own side: free, bound, or left behind by its claim (pv_controller.go syncVolume). */
export function volumeSync({ client, claims, recorder, provisioner, claimChanged }: VolumeSync): (volume: PersistentVolume) => Promise<void> {
  const { setPhase, unbind } = binder(client);

  /** The claim a reference means; a claim that the informer has not seen yet must not count as gone. */
  async function claimOf({ namespace = '', name = '', uid }: ObjectReference): Promise<PersistentVolumeClaim | undefined> {
    const known = claims.get(namespace, name);
    const claim = known?.metadata.uid === uid ? known : await client.get(PersistentVolumeClaims, name, { namespace }).catch(unlessGone);
    return claim?.metadata.uid === uid ? claim : undefined;
  }

  async function release(volume: PersistentVolume): Promise<void> {
    const { phase } = volume.status ?? {};
    // A failure stays to be seen, while its cause is tried again.
    const released = phase === 'Released' || phase === 'Failed' ? volume : await setPhase(volume, 'Released');
    switch (released.spec.persistentVolumeReclaimPolicy) {
      case 'Delete': return remove(released);
      case 'Recycle': return fail(released, 'VolumeFailedRecycle', 'No recycler plugin found for the volume!');
      // Kept, whatever was the policy when it was made.
      default: return void (await dropFinalizer(released));
    }
  }

  async function remove(volume: PersistentVolume): Promise<void> {
    const by = volume.metadata.annotations?.[PROVISIONED_BY];
    const name = volume.metadata.name ?? '';
    if (by === undefined) return fail(volume, 'VolumeFailedDelete', `error getting deleter volume plugin for volume "${name}": no deletable volume plugin matched`);
    if (by !== provisioner.name) return;
    try {
      if (volume.spec.hostPath) await provisioner.remove(volume.spec.hostPath.path);
    } catch (error) {
      await fail(volume, 'VolumeFailedDelete', textOf(error));
      throw error;
    }
    await dropFinalizer(volume);
    await client.delete(PersistentVolumes, name).catch(unlessGone);
  }

  async function fail(volume: PersistentVolume, reason: string, message: string): Promise<void> {
    if (volume.status?.phase === 'Failed' && volume.status.message === message) return;
    await setPhase(volume, 'Failed', message);
    recorder.event(volume, 'Warning', reason, message);
  }

  async function dropFinalizer(volume: PersistentVolume): Promise<void> {
    const finalizers = volume.metadata.finalizers ?? [];
    if (!finalizers.includes(DATA_FINALIZER)) return;
    await client.update(PersistentVolumes, { ...volume, metadata: { ...volume.metadata, finalizers: finalizers.filter((f) => f !== DATA_FINALIZER) } }).catch(unlessGone);
  }

  return async (volume) => {
    const ref = volume.spec.claimRef;
    if (!ref?.uid) return void (await setPhase(volume, 'Available'));
    const claim = await claimOf(ref);
    if (!claim) return release(volume);
    if (claim.spec.volumeName === volume.metadata.name) return void (await setPhase(volume, 'Bound'));
    if (!claim.spec.volumeName) {
      if (sameMode(volume, claim)) return claimChanged(claim);
      recorder.event(volume, 'Warning', 'VolumeMismatch', `Cannot bind PersistentVolume to requested PersistentVolumeClaim "${claim.metadata.name ?? ''}" due to incompatible volumeMode.`);
      return recorder.event(claim, 'Warning', 'VolumeMismatch', `Cannot bind PersistentVolume "${volume.metadata.name ?? ''}" to requested PersistentVolumeClaim due to incompatible volumeMode.`);
    }
    // The claim was bound to another one meanwhile.
    const ours = volume.metadata.annotations?.[PROVISIONED_BY] !== undefined && volume.spec.persistentVolumeReclaimPolicy === 'Delete';
    await (ours ? release(volume) : unbind(volume));
  };
}
