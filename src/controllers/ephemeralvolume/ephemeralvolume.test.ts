import { afterEach, beforeEach, expect, test } from 'vitest';
import { PersistentVolumeClaims } from '../../api/kinds/core/persistent-volume-claim.ts';
import { Pods } from '../../api/kinds/core/pod.ts';
import { garbageCollector } from '../garbagecollector/controller.ts';
import { testbed, type Testbed } from '../testbed.suite.ts';
import { claimProtectionController } from '../volumeprotection/claims.ts';
import { ephemeralVolumeController } from './controller.ts';

const inDefault = { namespace: 'default' };
const size = { accessModes: ['ReadWriteOnce' as const], storageClassName: '', resources: { requests: { storage: '1Gi' } } };

let bed: Testbed;
beforeEach(async () => {
  bed = await testbed();
  await bed.start(ephemeralVolumeController(bed.context), garbageCollector(bed.context, bed.resources), claimProtectionController(bed.context));
});
afterEach(async () => {
  expect(bed.errors).toEqual([]);
  await bed.stop();
});
const claims = () => bed.client.objects(PersistentVolumeClaims);
const pod = async (name: string) => {
  const made = await bed.client.create(Pods, {
    apiVersion: 'v1', kind: 'Pod', metadata: { name, ...inDefault },
    spec: { nodeName: 'node-1', containers: [{ name: 'c', image: 'i' }], volumes: [{ name: 'scratch', ephemeral: { volumeClaimTemplate: { metadata: { labels: { of: 'scratch' } }, spec: size } } }] },
  });
  await bed.clock.advance(1000);
  return made;
};

test('a pod\'s ephemeral volume has a claim of its own, which goes with the pod', async () => {
  const web = await pod('web');
  expect(claims()).toMatchObject([{
    metadata: { name: 'web-scratch', labels: { of: 'scratch' }, ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'web', uid: web.metadata.uid, controller: true, blockOwnerDeletion: true }] }, spec: size,
  }]);
  await bed.client.delete(Pods, 'web', { ...inDefault, gracePeriodSeconds: 0 });
  await bed.clock.advance(1000);
  expect(claims()).toEqual([]);
});

test('made again when it is taken away', async () => {
  await pod('web');
  const uid = claims()[0]!.metadata.uid;
  await bed.client.delete(PersistentVolumeClaims, 'web-scratch', inDefault);
  await bed.client.patch(PersistentVolumeClaims, 'web-scratch', { type: 'merge', body: { metadata: { finalizers: null } } }, inDefault);
  await bed.clock.advance(1000);
  expect(claims().map((claim) => claim.metadata.uid === uid)).toEqual([false]);
});

test('a claim of that name that is somebody else\'s is not taken', async () => {
  await bed.client.create(PersistentVolumeClaims, { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'web-scratch', ...inDefault }, spec: size });
  await pod('web');
  expect(claims()[0]?.metadata.ownerReferences ?? []).toEqual([]);
  expect(bed.log.find((line) => line.includes('FailedBinding'))).toContain('ephemeral volume scratch: PVC default/web-scratch was not created for pod default/web (pod is not owner)');
  expect(bed.errors.splice(0).length).toBeGreaterThan(0);
});
