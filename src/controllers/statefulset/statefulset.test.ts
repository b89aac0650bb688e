import { expect, test } from 'vitest';
import { ControllerRevisions } from '../../api/kinds/apps/controller-revision.ts';
import { StatefulSets } from '../../api/kinds/apps/stateful-set.ts';
import { PersistentVolumeClaims } from '../../api/kinds/core/persistent-volume-claim.ts';
import { Pods } from '../../api/kinds/core/pod.ts';
import type { StatefulSet } from '../../api/types/apps.v1.ts';
import { podRunner, testbed, type PodRunnerOptions, type Testbed } from '../testbed.suite.ts';
import { statefulSetController } from './controller.ts';

const db = (replicas: number, spec: Partial<StatefulSet['spec']> = {}, image = 'db:1'): StatefulSet => ({
  apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'db', namespace: 'default' },
  spec: {
    replicas, serviceName: 'db', selector: { matchLabels: { app: 'db' } }, podManagementPolicy: 'OrderedReady', revisionHistoryLimit: 10,
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
    template: { metadata: { labels: { app: 'db' } }, spec: { containers: [{ name: 'db', image }] } }, ...spec,
  },
});
async function running(pods: PodRunnerOptions = {}) {
  const bed = await testbed();
  await bed.start(statefulSetController(bed.context), podRunner(bed, pods));
  return bed;
}
const names = (bed: Testbed) => bed.client.objects(Pods).map((pod) => pod.metadata.name).sort();
const images = (bed: Testbed) => bed.client.objects(Pods).map((pod) => pod.spec.containers[0]!.image);
const status = (bed: Testbed) => bed.client.objects(StatefulSets)[0]!.status!;
const change = (bed: Testbed, spec: object) => bed.client.patch(StatefulSets, 'db', { type: 'merge', body: { spec } }, { namespace: 'default' });
const image = (name: string) => ({ template: { metadata: { labels: { app: 'db' } }, spec: { containers: [{ name: 'db', image: name }] } } });

test('makes pods and claims one after the other, and takes them away from the top', async () => {
  const bed = await running();
  await bed.client.create(StatefulSets, db(3, { volumeClaimTemplates: [{ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } }] }));
  await bed.clock.advance(500);
  expect(names(bed)).toEqual(['db-0']);
  await bed.clock.advance(10_000);
  expect(names(bed)).toEqual(['db-0', 'db-1', 'db-2']);
  const pod = bed.client.objects(Pods)[1]!;
  expect(pod.metadata.labels).toMatchObject({ app: 'db', 'statefulset.kubernetes.io/pod-name': 'db-1', 'apps.kubernetes.io/pod-index': '1', 'controller-revision-hash': status(bed).updateRevision });
  expect(pod.spec).toMatchObject({ hostname: 'db-1', subdomain: 'db' });
  expect(pod.spec.volumes![0]).toEqual({ name: 'data', persistentVolumeClaim: { claimName: 'data-db-1' } });
  expect(bed.log.slice(0, 2)).toEqual(['0 StatefulSet/db Normal SuccessfulCreate create Claim data-db-0 Pod db-0 in StatefulSet db success', '0 StatefulSet/db Normal SuccessfulCreate create Pod db-0 in StatefulSet db successful']);
  await change(bed, { replicas: 1 });
  await bed.clock.advance(5000);
  expect(names(bed)).toEqual(['db-0']);
  expect(bed.log.filter((line) => line.includes('SuccessfulDelete')).map((line) => line.split(' Pod ')[1]!.slice(0, 4))).toEqual(['db-2', 'db-1']);
  expect(bed.client.objects(PersistentVolumeClaims)).toHaveLength(3);
  expect(bed.errors).toEqual([]);
  await bed.stop();
});

test('updates from the highest ordinal down to the partition, and keeps revisions', async () => {
  const bed = await running();
  await bed.client.create(StatefulSets, db(3));
  await bed.clock.advance(10_000);
  await change(bed, { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } }, ...image('db:2') });
  await bed.clock.advance(10_000);
  expect(images(bed)).toEqual(['db:1', 'db:1', 'db:2']);
  expect(status(bed)).toMatchObject({ currentReplicas: 2, updatedReplicas: 1 });
  await change(bed, { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } } });
  await bed.clock.advance(20_000);
  expect(images(bed)).toEqual(['db:2', 'db:2', 'db:2']);
  expect(status(bed).currentRevision).toBe(status(bed).updateRevision);
  await change(bed, image('db:1'));
  await bed.clock.advance(20_000);
  expect(images(bed)).toEqual(['db:1', 'db:1', 'db:1']);
  expect(bed.client.objects(ControllerRevisions).map((revision) => revision.revision).sort()).toEqual([2, 3]);
  await bed.stop();
});

test('a broken pod holds an ordered set up; a parallel one starts all at once', async () => {
  const bed = await running({ readyMs: (pod) => (pod.metadata.name === 'db-1' ? undefined : 1000) });
  await bed.client.create(StatefulSets, db(3));
  await bed.clock.advance(30_000);
  expect(names(bed)).toEqual(['db-0', 'db-1']);
  await bed.stop();
  const parallel = await running({ readyMs: () => undefined });
  await parallel.client.create(StatefulSets, db(3, { podManagementPolicy: 'Parallel', ordinals: { start: 5 } }));
  await parallel.clock.advance(100);
  expect(names(parallel)).toEqual(['db-5', 'db-6', 'db-7']);
  await parallel.stop();
});

test('claims go with the set and with scaled pods where the policy says so', async () => {
  const bed = await running();
  await bed.client.create(StatefulSets, db(2, {
    persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete', whenScaled: 'Delete' },
    volumeClaimTemplates: [{ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } }],
  }));
  await bed.clock.advance(10_000);
  const owners = () => bed.client.objects(PersistentVolumeClaims).map((claim) => claim.metadata.ownerReferences?.map((owner) => `${owner.kind}/${owner.name}`));
  expect(owners()).toEqual([['StatefulSet/db'], ['StatefulSet/db']]);
  await change(bed, { replicas: 1 });
  await bed.clock.advance(50);
  expect(owners()).toEqual([['StatefulSet/db'], ['Pod/db-1']]);
  await bed.stop();
});
