import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Nodes } from '../../api/kinds/core/node.ts';
import { PersistentVolumeClaims } from '../../api/kinds/core/persistent-volume-claim.ts';
import { PersistentVolumes } from '../../api/kinds/core/persistent-volume.ts';
import { Pods } from '../../api/kinds/core/pod.ts';
import { StorageClasses } from '../../api/kinds/storage/storage-class.ts';
import type { KubeObject, ResourceType } from '../../api/object.ts';
import type { PersistentVolume, PersistentVolumeClaim, PersistentVolumeClaimSpec, PersistentVolumeSpec, Pod } from '../../api/types/core.v1.ts';
import type { StorageClass } from '../../api/types/storage.v1.ts';
import { testbed, type Testbed } from '../testbed.suite.ts';
import { claimProtectionController } from '../volumeprotection/claims.ts';
import { volumeProtectionController } from '../volumeprotection/volumes.ts';
import { persistentVolumeController } from './controller.ts';

let bed: Testbed;
let removed: string[];
let broken: string | undefined;
beforeEach(async () => {
  bed = await testbed();
  removed = [];
  broken = undefined;
  const provisioner = {
    name: 'test/local',
    make: async (volume: string) => `/data/${volume}`,
    async remove(path: string) {
      if (broken) throw new Error(broken);
      removed.push(path);
    },
  };
  await bed.start(persistentVolumeController(bed.context, provisioner), claimProtectionController(bed.context), volumeProtectionController(bed.context));
});
afterEach(async () => {
  expect(bed.errors).toEqual([]);
  await bed.stop();
});

const inDefault = { namespace: 'default' };
const aClaim = (name: string, spec: Partial<PersistentVolumeClaimSpec> = {}): PersistentVolumeClaim => ({
  apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name, namespace: 'default' },
  spec: { accessModes: ['ReadWriteOnce'], storageClassName: '', resources: { requests: { storage: '1Gi' } }, ...spec },
});
const aVolume = (name: string, storage: string, spec: Partial<PersistentVolumeSpec> = {}, labels: Record<string, string> = {}): PersistentVolume => ({
  apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name, labels }, spec: { capacity: { storage }, accessModes: ['ReadWriteOnce'], hostPath: { path: `/disks/${name}` }, ...spec },
});
const aClass = (more: Partial<StorageClass> = {}): StorageClass => ({ apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name: 'fast' }, provisioner: 'test/local', ...more });
const aPod = (name: string, claimName: string): Pod => ({
  apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default' },
  spec: { containers: [{ name: 'c', image: 'i' }], volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }] },
});
const claim = (name: string) => bed.client.objects(PersistentVolumeClaims).find((c) => c.metadata.name === name);
const volume = (name: string) => bed.client.objects(PersistentVolumes).find((v) => v.metadata.name === name);
const claims = () => Object.fromEntries(bed.client.objects(PersistentVolumeClaims).map((c) => [c.metadata.name, `${c.status?.phase ?? ''} ${c.spec.volumeName ?? ''}`.trim()]));
const volumes = () => Object.fromEntries(bed.client.objects(PersistentVolumes).map((v) => [v.metadata.name, `${v.status?.phase ?? ''} ${v.spec.claimRef?.name ?? ''}`.trim()]));
const make = async (...objects: (PersistentVolume | PersistentVolumeClaim | StorageClass | Pod)[]) => {
  const types: Record<string, ResourceType> = { PersistentVolume: PersistentVolumes, PersistentVolumeClaim: PersistentVolumeClaims, StorageClass: StorageClasses, Pod: Pods };
  for (const object of objects) await bed.client.create(types[object.kind]!, object);
  await bed.clock.advance(1000);
};
const schedule = (pod: string) => bed.client.create<KubeObject>(Pods, { apiVersion: 'v1', kind: 'Binding', metadata: { name: pod, ...inDefault }, target: { apiVersion: 'v1', kind: 'Node', name: 'node-1' } } as KubeObject, { ...inDefault, name: pod, subresource: 'binding' });
const drop = async (type: ResourceType, name: string) => {
  await bed.client.delete(type, name, { ...(type.namespaced && inDefault), gracePeriodSeconds: 0 });
  await bed.clock.advance(1000);
};
const events = (reason: string) => bed.log.filter((line) => line.includes(` ${reason} `)).map((line) => line.slice(line.indexOf(reason) + reason.length + 1));

describe('volumes made by hand', () => {
  test('size, class, labels and access modes decide; what fits nobody stays free', async () => {
    await make(aVolume('small', '1Gi'), aVolume('large', '5Gi'), aVolume('labelled', '3Gi', {}, { disk: 'ssd' }), aVolume('many', '1Gi', { accessModes: ['ReadWriteMany'] }), aVolume('classy', '1Gi', { storageClassName: 'slow' }));
    await make(
      aClaim('two', { resources: { requests: { storage: '2Gi' } }, selector: { matchLabels: { disk: 'ssd' } } }), aClaim('one'), aClaim('shared', { accessModes: ['ReadWriteMany'] }),
      aClaim('slow', { storageClassName: 'slow' }), aClaim('huge', { resources: { requests: { storage: '1Ti' } } }),
    );
    expect(claims()).toEqual({ one: 'Bound small', two: 'Bound labelled', shared: 'Bound many', slow: 'Bound classy', huge: 'Pending' });
    expect(volumes()).toEqual({ small: 'Bound one', large: 'Available', labelled: 'Bound two', many: 'Bound shared', classy: 'Bound slow' });
    expect(claim('one')?.status).toEqual({ phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' } });
    expect(claim('one')?.metadata.annotations).toEqual({ 'pv.kubernetes.io/bind-completed': 'yes', 'pv.kubernetes.io/bound-by-controller': 'yes' });
    expect(events('FailedBinding')).toContain('no persistent volumes available for this claim and no storage class is set');
  });

  test('a claim waits for its volume, and takes the one it names only when that fits', async () => {
    await make(aClaim('later'), aClaim('picky', { volumeName: 'other' }), aClaim('late', { volumeName: 'taken' }));
    expect(claims()).toEqual({ later: 'Pending', picky: 'Pending other', late: 'Pending taken' });
    await make(aVolume('other', '10Mi'), aVolume('taken', '1Gi', { claimRef: { namespace: 'elsewhere', name: 'x' } }));
    expect(claims()).toMatchObject({ later: 'Pending', picky: 'Pending other', late: 'Pending taken' });
    expect(events('VolumeMismatch')).toContain('Cannot bind to requested volume "other": requested PV is too small');
    expect(events('FailedBinding')).toContain('volume "taken" already bound to a different claim.');
    await make(aVolume('good', '1Gi'));
    expect(claims()).toMatchObject({ later: 'Bound good' });
  });

  test('a volume reserved for a claim is bound to it, and nobody else gets it', async () => {
    await make(aVolume('kept', '1Gi', { claimRef: { namespace: 'default', name: 'mine' } }), aClaim('other'));
    expect([claims(), volumes()]).toEqual([{ other: 'Pending' }, { kept: 'Available mine' }]);
    await make(aClaim('mine'));
    expect([claims(), volumes()]).toEqual([{ other: 'Pending', mine: 'Bound kept' }, { kept: 'Bound mine' }]);
    expect(volume('kept')?.spec.claimRef?.uid).toBe(claim('mine')?.metadata.uid);
  });

  test('kept when its claim goes, and free again for nobody; each phase has its time', async () => {
    const since = () => volume('disk')?.status?.lastPhaseTransitionTime;
    await make(aVolume('disk', '1Gi'));
    const available = since();
    await bed.clock.advance(10_000);
    await make(aClaim('c'));
    const bound = since();
    await bed.client.patch(PersistentVolumes, 'disk', { type: 'merge', body: { metadata: { labels: { a: 'b' } } } });
    await bed.clock.advance(10_000);
    expect(since()).toBe(bound);
    await drop(PersistentVolumeClaims, 'c');
    expect(volumes()).toEqual({ disk: 'Released c' });
    const times = [available, bound, since()].map((time) => Date.parse(time ?? ''));
    expect(times.map((time, i) => time > (times[i - 1] ?? 0))).toEqual([true, true, true]);
    await make(aClaim('c'));
    expect([claims(), volumes()]).toEqual([{ c: 'Pending' }, { disk: 'Released c' }]);
  });

  test('a volume that nobody can delete says so', async () => {
    await make(aVolume('disk', '1Gi', { persistentVolumeReclaimPolicy: 'Delete' }), aClaim('c'));
    await drop(PersistentVolumeClaims, 'c');
    expect(volume('disk')?.status).toMatchObject({ phase: 'Failed', message: 'error getting deleter volume plugin for volume "disk": no deletable volume plugin matched' });
    expect(events('VolumeFailedDelete')).toHaveLength(1);
  });

  test('a bound claim whose volume is taken away by force is lost', async () => {
    await make(aVolume('disk', '1Gi'), aClaim('c'));
    await drop(PersistentVolumes, 'disk');
    await bed.client.patch(PersistentVolumes, 'disk', { type: 'merge', body: { metadata: { finalizers: null } } });
    await bed.clock.advance(1000);
    expect([volumes(), claims()]).toEqual([{}, { c: 'Lost disk' }]);
    expect(events('ClaimLost')).toEqual(['Bound claim has lost its PersistentVolume. Data on the volume is lost!']);
  });
});

describe('volumes made on demand', () => {
  test('made, bound and, with the claim, deleted with their data', async () => {
    await make(aClass(), aClaim('c', { storageClassName: 'fast' }));
    const made = bed.client.objects(PersistentVolumes)[0]!;
    expect(made).toMatchObject({
      metadata: { name: `pvc-${claim('c')?.metadata.uid}`, annotations: { 'pv.kubernetes.io/provisioned-by': 'test/local' } },
      spec: { capacity: { storage: '1Gi' }, persistentVolumeReclaimPolicy: 'Delete', storageClassName: 'fast' }, status: { phase: 'Bound' },
    });
    expect(claims()).toEqual({ c: `Bound ${made.metadata.name}` });
    expect(claim('c')?.metadata.annotations).toMatchObject({ 'volume.kubernetes.io/storage-provisioner': 'test/local', 'volume.beta.kubernetes.io/storage-provisioner': 'test/local' });
    await drop(PersistentVolumeClaims, 'c');
    expect([claims(), volumes(), removed]).toEqual([{}, {}, [`/data/${made.metadata.name}_default_c`]]);
  });

  test('kept where the class says so', async () => {
    await make(aClass({ reclaimPolicy: 'Retain' }), aClaim('c', { storageClassName: 'fast' }));
    await drop(PersistentVolumeClaims, 'c');
    expect(Object.values(volumes())).toEqual(['Released c']);
    expect(removed).toEqual([]);
    await drop(PersistentVolumes, bed.client.objects(PersistentVolumes)[0]!.metadata.name!);
    expect([volumes(), removed]).toEqual([{}, []]);
  });

  test('data that cannot be deleted makes the volume Failed, until it can', async () => {
    await make(aClass(), aClaim('c', { storageClassName: 'fast' }));
    broken = 'disk is on fire';
    await drop(PersistentVolumeClaims, 'c');
    expect(bed.client.objects(PersistentVolumes)[0]?.status).toMatchObject({ phase: 'Failed', message: 'disk is on fire' });
    expect(events('VolumeFailedDelete')).toEqual(['disk is on fire']);
    expect(bed.errors.splice(0).every((line) => line.endsWith('disk is on fire'))).toBe(true);
    broken = undefined;
    await bed.clock.advance(60_000);
    expect([volumes(), removed.length]).toEqual([{}, 1]);
  });

  test('waits for its first consumer, and for that to be scheduled', async () => {
    await make(aClass({ volumeBindingMode: 'WaitForFirstConsumer' }), aVolume('by-hand', '1Gi', { storageClassName: 'fast' }), aClaim('c', { storageClassName: 'fast' }));
    expect([claims(), volumes()]).toEqual([{ c: 'Pending' }, { 'by-hand': 'Available' }]);
    expect(events('WaitForFirstConsumer')[0]).toBe('waiting for first consumer to be created before binding');
    await make(aPod('web', 'c'));
    const web = bed.client.objects(Pods)[0]!;
    await bed.client.update(Pods, { ...web, status: { ...web.status, conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }] } }, { subresource: 'status' });
    await bed.clock.advance(1000);
    expect(events('WaitForPodScheduled')).toEqual(['waiting for pod web to be scheduled']);
    await bed.client.create(Nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1' }, spec: {} });
    await bed.client.patch(PersistentVolumeClaims, 'c', { type: 'merge', body: { metadata: { annotations: { 'volume.kubernetes.io/selected-node': 'node-1' } } } }, inDefault);
    await bed.clock.advance(1000);
    expect(claims()).toEqual({ c: 'Bound by-hand' });
  });

  test('a class that is not there, or is somebody else\'s', async () => {
    await make(aClass({ provisioner: 'example.com/disks' }), aClaim('theirs', { storageClassName: 'fast' }), aClaim('none', { storageClassName: 'missing' }));
    expect(claims()).toEqual({ theirs: 'Pending', none: 'Pending' });
    expect(events('ProvisioningFailed')[0]).toBe('storageclass.storage.k8s.io "missing" not found');
    expect(events('ExternalProvisioning')[0]).toContain("by the external provisioner 'example.com/disks' or manually");
    expect(claim('theirs')?.metadata.annotations).toEqual({ 'volume.beta.kubernetes.io/storage-provisioner': 'example.com/disks', 'volume.kubernetes.io/storage-provisioner': 'example.com/disks' });
    await make(aClass({ metadata: { name: 'missing' } }));
    expect(claims()).toMatchObject({ none: `Bound pvc-${claim('none')?.metadata.uid}` });
  });

  test('a default class that comes late is that of the claims which name none', async () => {
    await make(aClaim('c', { storageClassName: undefined }), aClaim('wants-none'));
    expect(claims()).toEqual({ c: 'Pending', 'wants-none': 'Pending' });
    await make(aClass({ metadata: { name: 'fast', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } } }));
    expect(claims()).toEqual({ c: `Bound pvc-${claim('c')?.metadata.uid}`, 'wants-none': 'Pending' });
  });
});

describe('protection', () => {
  test('a claim that pods use outlasts its deletion, finished pods included', async () => {
    await make(aVolume('disk', '1Gi'), aClaim('c'), aPod('web', 'c'), aPod('done', 'c'));
    expect(claim('c')?.metadata.finalizers).toEqual(['kubernetes.io/pvc-protection']);
    for (const pod of ['web', 'done']) await schedule(pod);
    const done = bed.client.objects(Pods).find((p) => p.metadata.name === 'done')!;
    await bed.client.update(Pods, { ...done, status: { ...done.status, phase: 'Succeeded' } }, { subresource: 'status' });
    await drop(PersistentVolumeClaims, 'c');
    expect(claim('c')?.metadata.deletionTimestamp).toBeDefined();
    expect(volumes()).toEqual({ disk: 'Bound c' });
    await drop(Pods, 'web');
    expect(claims()).toEqual({ c: 'Bound disk' });
    await drop(Pods, 'done');
    expect([claims(), volumes()]).toEqual([{}, { disk: 'Released c' }]);
  });

  test('a pod without a node holds nothing', async () => {
    await make(aVolume('disk', '1Gi'), aClaim('c'), aPod('web', 'c'));
    await drop(PersistentVolumeClaims, 'c');
    expect(claims()).toEqual({});
  });

  test('a volume outlasts its deletion until its claim is gone', async () => {
    await make(aVolume('disk', '1Gi'), aClaim('c'));
    expect(volume('disk')?.metadata.finalizers).toEqual(['kubernetes.io/pv-protection']);
    await drop(PersistentVolumes, 'disk');
    expect([volumes(), claims()]).toEqual([{ disk: 'Bound c' }, { c: 'Bound disk' }]);
    await drop(PersistentVolumeClaims, 'c');
    expect([volumes(), claims()]).toEqual([{}, {}]);
  });

  test('a provisioned volume that is deleted before its claim takes its data along all the same', async () => {
    await make(aClass(), aClaim('c', { storageClassName: 'fast' }));
    const name = bed.client.objects(PersistentVolumes)[0]!.metadata.name!;
    await drop(PersistentVolumes, name);
    expect(volumes()).toEqual({ [name]: 'Bound c' });
    await drop(PersistentVolumeClaims, 'c');
    expect([volumes(), [...new Set(removed)]]).toEqual([{}, [`/data/${name}_default_c`]]);
  });

  test('what was made without the finalizer gets it', async () => {
    await make(aVolume('disk', '1Gi'), aClaim('c'));
    await bed.client.patch(PersistentVolumes, 'disk', { type: 'merge', body: { metadata: { finalizers: null } } });
    await bed.client.patch(PersistentVolumeClaims, 'c', { type: 'merge', body: { metadata: { finalizers: null } } }, inDefault);
    await bed.clock.advance(1000);
    expect([volume('disk')?.metadata.finalizers, claim('c')?.metadata.finalizers]).toEqual([['kubernetes.io/pv-protection'], ['kubernetes.io/pvc-protection']]);
  });
});
