import { PersistentVolumeClaims } from '../../api/kinds/core/persistent-volume-claim.ts';
import { PersistentVolumes } from '../../api/kinds/core/persistent-volume.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../api/types/core.v1.ts';
import type { Client } from '../../client/client.ts';
import { BIND_COMPLETED, BOUND_BY_CONTROLLER } from './names.ts';

export type VolumePhase = 'Available' | 'Bound' | 'Released' | 'Failed';

/** The writes that tie a claim and a volume together, and part them. Each is a step that may fail, and is taken again then. */
export function binder(client: Client) {
  /** Writes a phase that differs. The server notes when it changed. */
  async function setPhase(volume: PersistentVolume, phase: VolumePhase, message?: string): Promise<PersistentVolume> {
    if (volume.status?.phase === phase && volume.status.message === message) return volume;
    const { message: _, ...status } = volume.status ?? {};
    return client.update(PersistentVolumes, { ...volume, status: { ...status, phase, ...(message !== undefined && { message }) } }, { subresource: 'status' });
  }

  /** The volume first: a half-done binding is found again by the claim it names. */
  async function bind(claim: PersistentVolumeClaim, volume: PersistentVolume): Promise<void> {
    const { name, namespace, uid, resourceVersion } = claim.metadata;
    let bound = volume;
    if (volume.spec.claimRef?.uid !== uid) {
      const claimRef = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace, uid, resourceVersion };
      const annotations = volume.spec.claimRef ? volume.metadata.annotations : { ...volume.metadata.annotations, [BOUND_BY_CONTROLLER]: 'yes' };
      bound = await client.update(PersistentVolumes, { ...volume, metadata: { ...volume.metadata, annotations }, spec: { ...volume.spec, claimRef } });
    }
    await setPhase(bound, 'Bound');
    let next = claim;
    if (claim.spec.volumeName !== volume.metadata.name || claim.metadata.annotations?.[BIND_COMPLETED] === undefined) {
      const annotations = { ...claim.metadata.annotations, [BIND_COMPLETED]: 'yes', ...(!claim.spec.volumeName && { [BOUND_BY_CONTROLLER]: 'yes' }) };
      next = await client.update(PersistentVolumeClaims, { ...claim, metadata: { ...claim.metadata, annotations }, spec: { ...claim.spec, volumeName: volume.metadata.name } });
    }
    if (next.status?.phase !== 'Bound') {
      const status = { phase: 'Bound' as const, accessModes: volume.spec.accessModes, capacity: volume.spec.capacity };
      await client.update(PersistentVolumeClaims, { ...next, status }, { subresource: 'status' });
    }
  }

  /** Gives a volume back that was meant for a claim which has another one by now. Who reserved it by hand keeps that. */
  async function unbind(volume: PersistentVolume): Promise<void> {
    const { [BOUND_BY_CONTROLLER]: ours, ...annotations } = volume.metadata.annotations ?? {};
    const { claimRef, ...spec } = volume.spec;
    const { uid: _, ...reserved } = claimRef ?? {};
    const free = await client.update(PersistentVolumes, { ...volume, metadata: { ...volume.metadata, annotations }, spec: ours === undefined ? { ...spec, claimRef: reserved } : spec });
    await setPhase(free, 'Available');
  }

  return { bind, unbind, setPhase };
}
