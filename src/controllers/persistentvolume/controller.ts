import { isReason } from '../../api/errors.ts';
import { PersistentVolumeClaims } from '../../api/kinds/core/persistent-volume-claim.ts';
import { PersistentVolumes } from '../../api/kinds/core/persistent-volume.ts';
import { Pods } from '../../api/kinds/core/pod.ts';
import { StorageClasses } from '../../api/kinds/storage/storage-class.ts';
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../api/types/core.v1.ts';
import type { StorageClass } from '../../api/types/storage.v1.ts';
import type { Component } from '../../client/controller.ts';
import { controller } from '../../client/index.ts';
import type { WorkQueue } from '../../client/workqueue.ts';
import type { ControllerContext } from '../context.ts';
import { keyOf, splitKey } from '../names.ts';
import { isFinished } from '../pods.ts';
import { classOf, findVolume, isFor } from './match.ts';

/** Makes and removes volumes for the classes whose `provisioner` it is. */
export interface Provisioner {
  readonly name: string;
  /** Makes a new volume's directory, which whoever the pods run as can write to, and says where it is. Again for the same name: the same. */
  make(volumeName: string): Promise<string>;
  /** Removes a volume's directory and all that is in it. */
  remove(path: string): Promise<void>;
}

const SELECTED_NODE = 'volume.kubernetes.io/selected-node';
const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by';
const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed';
const BOUND_BY_CONTROLLER = 'pv.kubernetes.io/bound-by-controller';
const CLAIM_PROTECTION = 'kubernetes.io/pvc-protection';
const BY_CLAIM = 'claim';

/** Binds claims to volumes, makes volumes where a class says how, and reclaims what is left behind (pkg/controller/volume/persistentvolume and pvcprotection). */
export function persistentVolumeController(context: ControllerContext, provisioner: Provisioner): Component {
  const { client, clock, informers, options, events } = context;
  const claims = informers.informer(PersistentVolumeClaims);
  const volumes = informers.informer(PersistentVolumes);
  const classes = informers.informer(StorageClasses);
  const pods = informers.informer(Pods);
  const recorder = events('persistentvolume-controller');
  pods.addIndex(BY_CLAIM, claimKeys);

  const reconcile = async (key: string) => {
    const { namespace, name } = splitKey(key);
    if (namespace === '') return syncVolume(name);
    const claim = claims.get(namespace, name);
    if (claim) await syncClaim(claim);
  };

  async function syncClaim(claim: PersistentVolumeClaim): Promise<void> {
    if (claim.metadata.deletionTimestamp !== undefined) return releaseClaim(claim);
    if (claim.spec.volumeName) return followVolume(claim);
    const volume = findVolume(claim, volumes.list());
    if (volume) return bind(claim, volume);
    await provision(claim);
  }

  /** A claim that names its volume: bound when the volume is its own, lost when it is gone. */
  async function followVolume(claim: PersistentVolumeClaim): Promise<void> {
    const volume = volumes.get('', claim.spec.volumeName ?? '');
    if (!volume) {
      if (claim.metadata.annotations?.[BIND_COMPLETED] === undefined || claim.status?.phase === 'Lost') return;
      recorder.event(claim, 'Warning', 'ClaimLost', 'Bound claim has lost its PersistentVolume. Data on the volume is lost!');
      await client.update(PersistentVolumeClaims, { ...claim, status: { phase: 'Lost' } }, { subresource: 'status' });
      return;
    }
    if (!volume.spec.claimRef || isFor(volume, claim)) await bind(claim, volume);
  }

  async function bind(claim: PersistentVolumeClaim, volume: PersistentVolume): Promise<void> {
    const { name, namespace, uid, resourceVersion } = claim.metadata;
    let bound = volume;
    if (volume.spec.claimRef?.uid !== uid) {
      const claimRef = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace, uid, resourceVersion };
      const annotations = volume.spec.claimRef ? volume.metadata.annotations : { ...volume.metadata.annotations, [BOUND_BY_CONTROLLER]: 'yes' };
      bound = await client.update(PersistentVolumes, { ...volume, metadata: { ...volume.metadata, annotations }, spec: { ...volume.spec, claimRef } });
    }
    if (bound.status?.phase !== 'Bound') bound = await client.update(PersistentVolumes, { ...bound, status: { ...bound.status, phase: 'Bound' } }, { subresource: 'status' });
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

  async function provision(claim: PersistentVolumeClaim): Promise<void> {
    const className = classOf(claim);
    if (className === '') {
      recorder.event(claim, 'Normal', 'FailedBinding', 'no persistent volumes available for this claim and no storage class is set');
      return;
    }
    const storageClass = classes.get('', className);
    if (!storageClass) {
      recorder.event(claim, 'Warning', 'ProvisioningFailed', `storageclass.storage.k8s.io "${className}" not found`);
      return;
    }
    const node = claim.metadata.annotations?.[SELECTED_NODE];
    if (storageClass.volumeBindingMode === 'WaitForFirstConsumer' && node === undefined) {
      recorder.event(claim, 'Normal', 'WaitForFirstConsumer', 'waiting for first consumer to be created before binding');
      return;
    }
    if (storageClass.provisioner !== provisioner.name) {
      recorder.event(claim, 'Normal', 'ExternalProvisioning', `Waiting for a volume to be created either by the external provisioner '${storageClass.provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`);
      return;
    }
    const volume = await newVolume(claim, storageClass);
    const created = await client.create(PersistentVolumes, volume).catch((error: unknown) => {
      if (isReason(error, 'AlreadyExists')) return client.get(PersistentVolumes, volume.metadata.name ?? '');
      throw error;
    });
    recorder.event(claim, 'Normal', 'ProvisioningSucceeded', `Successfully provisioned volume ${volume.metadata.name ?? ''}`);
    await bind(claim, created);
  }

  async function newVolume(claim: PersistentVolumeClaim, storageClass: StorageClass): Promise<PersistentVolume> {
    const { name = '', namespace = '', uid = '' } = claim.metadata;
    const volumeName = `pvc-${uid}`;
    return {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: volumeName, annotations: { [PROVISIONED_BY]: provisioner.name } },
      spec: {
        capacity: { storage: claim.spec.resources?.requests?.['storage'] ?? '0' },
        accessModes: claim.spec.accessModes,
        persistentVolumeReclaimPolicy: (storageClass.reclaimPolicy ?? 'Delete') as 'Delete' | 'Retain',
        storageClassName: storageClass.metadata.name,
        volumeMode: claim.spec.volumeMode,
        mountOptions: storageClass.mountOptions,
        claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace, uid },
        hostPath: { path: await provisioner.make(`${volumeName}_${namespace}_${name}`), type: 'DirectoryOrCreate' },
      },
    };
  }

  /** A claim that pods still use stays until they are gone. */
  async function releaseClaim(claim: PersistentVolumeClaim): Promise<void> {
    if (!claim.metadata.finalizers?.includes(CLAIM_PROTECTION)) return;
    if (pods.byIndex(BY_CLAIM, keyOf(claim)).some((pod) => !isFinished(pod))) return;
    await client.update(PersistentVolumeClaims, { ...claim, metadata: { ...claim.metadata, finalizers: claim.metadata.finalizers.filter((f) => f !== CLAIM_PROTECTION) } });
  }

  async function syncVolume(name: string): Promise<void> {
    const volume = volumes.get('', name);
    if (!volume || volume.metadata.deletionTimestamp !== undefined) return;
    const ref = volume.spec.claimRef;
    if (!ref?.uid) {
      if (volume.status?.phase !== 'Available') await setPhase(volume, 'Available');
      return;
    }
    const claim = claims.get(ref.namespace ?? '', ref.name ?? '');
    if (claim && claim.metadata.uid === ref.uid) {
      if (volume.status?.phase !== 'Bound') queue?.add(keyOf(claim));
      return;
    }
    if (volume.status?.phase !== 'Released') return setPhase(volume, 'Released').then(() => undefined);
    if (volume.spec.persistentVolumeReclaimPolicy !== 'Delete' || volume.metadata.annotations?.[PROVISIONED_BY] !== provisioner.name) return;
    if (volume.spec.hostPath) await provisioner.remove(volume.spec.hostPath.path);
    await client.delete(PersistentVolumes, name).catch((error: unknown) => {
      if (!isReason(error, 'NotFound')) throw error;
    });
  }

  const setPhase = (volume: PersistentVolume, phase: 'Available' | 'Released') => client.update(PersistentVolumes, { ...volume, status: { ...volume.status, phase } }, { subresource: 'status' });

  let queue: WorkQueue | undefined;
  return controller({
    name: 'persistentvolume-controller',
    clock,
    // One after the other: two claims must not be given the same volume.
    workers: 1,
    reconcile,
    ...(options.onError && { onError: (key: string, error: unknown) => options.onError?.('persistentvolume-controller', key, error) }),
    setup: (work) => {
      queue = work;
      const unbound = () => {
        for (const claim of claims.list()) if (claim.status?.phase !== 'Bound') work.add(keyOf(claim));
      };
      const volumeKey = (volume: PersistentVolume) => `/${volume.metadata.name ?? ''}`;
      claims.onChange({
        added: (c) => work.add(keyOf(c)),
        updated: (_, c) => work.add(keyOf(c)),
        deleted: (c) => { if (c.spec.volumeName) work.add(`/${c.spec.volumeName}`); },
      });
      volumes.onChange({
        added: (v) => { work.add(volumeKey(v)); unbound(); },
        updated: (_, v) => { work.add(volumeKey(v)); if (v.status?.phase === 'Available') unbound(); },
        deleted: (v) => { if (v.spec.claimRef) work.add(`${v.spec.claimRef.namespace ?? ''}/${v.spec.claimRef.name ?? ''}`); },
      });
      classes.onChange({ added: unbound });
      pods.onChange({ updated: (_, p) => { if (isFinished(p)) claimKeys(p).forEach((key) => work.add(key)); }, deleted: (p) => claimKeys(p).forEach((key) => work.add(key)) });
      return [claims, volumes, classes, pods];
    },
  });
}

/** The claims a pod uses, `namespace/name`. */
function claimKeys(pod: Pod): string[] {
  return (pod.spec.volumes ?? []).flatMap((v) => (v.persistentVolumeClaim ? [`${pod.metadata.namespace ?? ''}/${v.persistentVolumeClaim.claimName}`] : v.ephemeral ? [`${pod.metadata.namespace ?? ''}/${pod.metadata.name ?? ''}-${v.name}`] : []));
}
