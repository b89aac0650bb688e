import { isReason } from '../../api/errors.ts';
import { Nodes } from '../../api/kinds/core/node.ts';
import { PersistentVolumeClaims } from '../../api/kinds/core/persistent-volume-claim.ts';
import { PersistentVolumes } from '../../api/kinds/core/persistent-volume.ts';
import { Pods } from '../../api/kinds/core/pod.ts';
import { StorageClasses } from '../../api/kinds/storage/storage-class.ts';
import type { PersistentVolumeClaim, Pod } from '../../api/types/core.v1.ts';
import type { StorageClass } from '../../api/types/storage.v1.ts';
import { classOf, findVolume, isFor, unfit } from '../../api/volume-match.ts';
import type { Component } from '../../client/controller.ts';
import type { WorkQueue } from '../../client/workqueue.ts';
import { controllerIn, type ControllerContext } from '../context.ts';
import { keyFor, keyOf, splitKey } from '../names.ts';
import { BY_CLAIM, claimKeys } from '../pod-claims.ts';
import { podCondition } from '../pods.ts';
import { binder } from './bind.ts';
import { BIND_COMPLETED, CLAIM_PROVISIONER, SELECTED_NODE } from './names.ts';
import { defaultClass, volumeFor, type Provisioner } from './provision.ts';
import { BY_CLAIM_REF, claimRefKeys, volumeSync } from './volumes.ts';

/** Binds claims to volumes, makes volumes where a class says how, and reclaims what is left behind (pkg/controller/volume/persistentvolume). */
export function persistentVolumeController(context: ControllerContext, provisioner: Provisioner): Component {
  const { client, informers, events } = context;
  const claims = informers.informer(PersistentVolumeClaims);
  const volumes = informers.informer(PersistentVolumes);
  const classes = informers.informer(StorageClasses);
  const nodes = informers.informer(Nodes);
  const pods = informers.informer(Pods);
  const recorder = events('persistentvolume-controller');
  const { bind } = binder(client);
  let queue: WorkQueue | undefined;
  const syncVolume = volumeSync({ client, claims, recorder, provisioner, claimChanged: (claim) => queue?.add(keyOf(claim)) });
  pods.addIndex(BY_CLAIM, claimKeys);
  volumes.addIndex(BY_CLAIM_REF, claimRefKeys);

  const reconcile = async (key: string) => {
    const { namespace, name } = splitKey(key);
    if (namespace === '') {
      const volume = volumes.get('', name);
      if (volume) await syncVolume(volume);
      return;
    }
    const claim = claims.get(namespace, name);
    if (!claim) return;
    if (claim.metadata.annotations?.[BIND_COMPLETED] !== undefined) return followVolume(claim);
    // What is going needs no volume any more.
    if (claim.metadata.deletionTimestamp !== undefined) return;
    await (claim.spec.volumeName ? bindTo(claim, claim.spec.volumeName) : bindToAny(claim));
  };

  /** A claim that was bound stays so while its volume is there and its own. */
  async function followVolume(claim: PersistentVolumeClaim): Promise<void> {
    if (!claim.spec.volumeName) return lose(claim, 'ClaimLost', 'Bound claim has lost reference to PersistentVolume. Data on the volume is lost!');
    const volume = volumes.get('', claim.spec.volumeName);
    if (!volume) return lose(claim, 'ClaimLost', 'Bound claim has lost its PersistentVolume. Data on the volume is lost!');
    if (volume.spec.claimRef && volume.spec.claimRef.uid !== claim.metadata.uid) return lose(claim, 'ClaimMisbound', 'Two claims are bound to the same volume, this one is bound incorrectly');
    await bind(claim, volume);
  }

  async function lose(claim: PersistentVolumeClaim, reason: string, message: string): Promise<void> {
    if (claim.status?.phase === 'Lost') return;
    await client.update(PersistentVolumeClaims, { ...claim, status: { phase: 'Lost' } }, { subresource: 'status' });
    recorder.event(claim, 'Warning', reason, message);
  }

  /** A claim that asks for one volume gets it or waits. */
  async function bindTo(claim: PersistentVolumeClaim, volumeName: string): Promise<void> {
    const volume = volumes.get('', volumeName);
    if (!volume) return;
    if (volume.spec.claimRef && !isFor(volume, claim)) return recorder.event(claim, 'Warning', 'FailedBinding', `volume "${volumeName}" already bound to a different claim.`);
    const problem = volume.spec.claimRef ? undefined : unfit(volume, claim);
    if (problem !== undefined) return recorder.event(claim, 'Warning', 'VolumeMismatch', `Cannot bind to requested volume "${volumeName}": ${problem}`);
    await bind(claim, volume);
  }

  async function bindToAny(claim: PersistentVolumeClaim): Promise<void> {
    const storageClass = classes.get('', classOf(claim));
    const node = claim.metadata.annotations?.[SELECTED_NODE];
    const waits = storageClass?.volumeBindingMode === 'WaitForFirstConsumer';
    const place = !waits ? 'anywhere' : node === undefined ? 'undecided' : (nodes.get('', node) ?? 'anywhere');
    const volume = findVolume(claim, volumes.list(), place);
    if (volume) return bind(claim, volume);
    if (await giveDefaultClass(claim)) return;
    if (place === 'undecided') return tellWhatItWaitsFor(claim);
    await provision(claim, storageClass);
  }

  /** A default class that came after the claim is the claim's too (RetroactiveDefaultStorageClass). */
  async function giveDefaultClass(claim: PersistentVolumeClaim): Promise<boolean> {
    if (claim.spec.storageClassName !== undefined || classOf(claim) !== '') return false;
    const fallback = defaultClass(classes.list());
    if (!fallback) return false;
    await client.update(PersistentVolumeClaims, { ...claim, spec: { ...claim.spec, storageClassName: fallback.metadata.name } });
    return true;
  }

  function tellWhatItWaitsFor(claim: PersistentVolumeClaim): void {
    const waiting = pods.byIndex(BY_CLAIM, keyOf(claim)).filter((pod) => !pod.spec.nodeName).map((pod) => pod.metadata.name);
    if (waiting.length === 0) recorder.event(claim, 'Normal', 'WaitForFirstConsumer', 'waiting for first consumer to be created before binding');
    else recorder.event(claim, 'Normal', 'WaitForPodScheduled', `waiting for ${waiting.length === 1 ? 'pod' : 'pods'} ${waiting.join(',')} to be scheduled`);
  }

  async function provision(claim: PersistentVolumeClaim, storageClass: StorageClass | undefined): Promise<void> {
    const className = classOf(claim);
    if (className === '') return recorder.event(claim, 'Normal', 'FailedBinding', 'no persistent volumes available for this claim and no storage class is set');
    if (!storageClass) return recorder.event(claim, 'Warning', 'ProvisioningFailed', `storageclass.storage.k8s.io "${className}" not found`);
    // What its name says: volumes of this class are made by hand.
    if (storageClass.provisioner === 'kubernetes.io/no-provisioner') return;
    const asked = await askProvisioner(claim, storageClass.provisioner);
    if (storageClass.provisioner !== provisioner.name) {
      return recorder.event(claim, 'Normal', 'ExternalProvisioning', `Waiting for a volume to be created either by the external provisioner '${storageClass.provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`);
    }
    const volume = await volumeFor(asked, storageClass, provisioner);
    const created = await client.create(PersistentVolumes, volume).catch((error: unknown) => {
      if (isReason(error, 'AlreadyExists')) return client.get(PersistentVolumes, volume.metadata.name ?? '');
      throw error;
    });
    recorder.event(asked, 'Normal', 'ProvisioningSucceeded', `Successfully provisioned volume ${volume.metadata.name ?? ''}`);
    await bind(asked, created);
  }

  /** Provisioners in pods look only at claims that name them. */
  async function askProvisioner(claim: PersistentVolumeClaim, name: string): Promise<PersistentVolumeClaim> {
    if (CLAIM_PROVISIONER.every((key) => claim.metadata.annotations?.[key] === name)) return claim;
    const annotations = { ...claim.metadata.annotations, ...Object.fromEntries(CLAIM_PROVISIONER.map((key) => [key, name])) };
    return client.update(PersistentVolumeClaims, { ...claim, metadata: { ...claim.metadata, annotations } });
  }

  return controllerIn(context, {
    name: 'persistentvolume-controller',
    // One after the other (no workers): two claims must not be given the same volume.
    reconcile,
    setup: (work) => {
      queue = work;
      const unbound = () => {
        for (const claim of claims.list()) if (claim.status?.phase !== 'Bound') work.add(keyOf(claim));
      };
      const unscheduled = (pod: Pod) => !pod.spec.nodeName && podCondition(pod, 'PodScheduled')?.status === 'False';
      claims.onChange({
        added: (c) => work.add(keyOf(c)),
        updated: (_, c) => work.add(keyOf(c)),
        deleted: (c) => { for (const volume of volumes.byIndex(BY_CLAIM_REF, keyOf(c))) work.add(keyOf(volume)); },
      });
      volumes.onChange({
        added: (v) => { work.add(keyOf(v)); unbound(); },
        updated: (_, v) => { work.add(keyOf(v)); if (v.status?.phase === 'Available') unbound(); },
        deleted: (v) => { if (v.spec.claimRef) work.add(keyFor(v.spec.claimRef.namespace, v.spec.claimRef.name)); },
      });
      classes.onChange({ added: unbound, updated: unbound });
      pods.onChange({ updated: (old, pod) => { if (unscheduled(pod) && !unscheduled(old)) claimKeys(pod).forEach((key) => work.add(key)); } });
      return [claims, volumes, classes, nodes, pods];
    },
  });
}
