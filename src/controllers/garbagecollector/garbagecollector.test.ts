import { afterEach, beforeEach, expect, test } from 'vitest';
import { CustomResourceDefinitions } from '../../api/kinds/apiextensions/custom-resource-definition.ts';
import { ReplicaSets } from '../../api/kinds/apps/replica-set.ts';
import { ConfigMaps } from '../../api/kinds/core/config-map.ts';
import { Namespaces } from '../../api/kinds/core/namespace.ts';
import { PersistentVolumes } from '../../api/kinds/core/persistent-volume.ts';
import { Secrets } from '../../api/kinds/core/secret.ts';
import { apiVersionOf, type AnyObject, type KubeObject, type ResourceType } from '../../api/object.ts';
import type { OwnerReference } from '../../api/types/meta.v1.ts';
import type { DeleteOptions } from '../../client/client.ts';
import { testbed, type Testbed } from '../testbed.suite.ts';
import { garbageCollector } from './controller.ts';

const boats: ResourceType<AnyObject> = { group: 'e.com', version: 'v1', kind: 'Boat', plural: 'boats', namespaced: true };

let bed: Testbed;
let resources: ResourceType[];
beforeEach(async () => {
  bed = await testbed();
  resources = [ConfigMaps, Secrets, Namespaces, PersistentVolumes, ReplicaSets];
  await bed.start(garbageCollector(bed.context, async () => resources));
});
afterEach(async () => {
  expect(bed.errors).toEqual([]);
  await bed.stop();
});

const refer = (owner: KubeObject, more: Partial<OwnerReference> = {}): OwnerReference => ({ apiVersion: owner.apiVersion, kind: owner.kind, name: owner.metadata.name!, uid: owner.metadata.uid!, ...more });
const make = async (name: string, owners: OwnerReference[] = [], { type = ConfigMaps as ResourceType, namespace = 'default', finalizers = [] as string[] } = {}) => {
  const made = await bed.client.create(type, { apiVersion: apiVersionOf(type), kind: type.kind, metadata: { name, ...(type.namespaced && { namespace }), ownerReferences: owners, finalizers } });
  await bed.clock.settle();
  return made;
};
const drop = async (name: string, options: DeleteOptions = {}, type: ResourceType = ConfigMaps) => {
  await bed.client.delete(type, name, { namespace: 'default', ...options });
  await bed.clock.advance(1000);
};
const names = () => bed.client.objects(ConfigMaps).map((c) => c.metadata.name).sort();
const ownersOf = (name: string) => bed.client.objects(ConfigMaps).find((c) => c.metadata.name === name)?.metadata.ownerReferences?.map((o) => o.name) ?? [];
const free = async (name: string) => {
  await bed.client.patch(ConfigMaps, name, { type: 'merge', body: { metadata: { finalizers: null } } }, { namespace: 'default' });
  await bed.clock.advance(1000);
};

test('in the background what an owner had goes after it, all the way down', async () => {
  const a = await make('a');
  const b = await make('b', [refer(a)]);
  await make('c', [refer(b)]);
  await make('other');
  await drop('a', { propagationPolicy: 'Background' });
  expect(names()).toEqual(['other']);
});

test('in the foreground the owner waits for those that block it, and the rest goes along', async () => {
  const a = await make('a');
  await make('blocking', [refer(a, { blockOwnerDeletion: true })], { finalizers: ['example.com/hold'] });
  await make('free', [refer(a)]);
  await drop('a', { propagationPolicy: 'Foreground' });
  expect(names()).toEqual(['a', 'blocking']);
  expect(bed.client.objects(ConfigMaps).map((c) => c.metadata.finalizers)).toEqual([['foregroundDeletion'], ['example.com/hold']]);
  await free('blocking');
  expect(names()).toEqual([]);
});

test('one that does not block holds nothing up', async () => {
  const a = await make('a');
  await make('held', [refer(a)], { finalizers: ['example.com/hold'] });
  await drop('a', { propagationPolicy: 'Foreground' });
  expect(names()).toEqual(['held']);
});

test('in the foreground from the leaves up', async () => {
  const a = await make('a');
  const b = await make('b', [refer(a, { blockOwnerDeletion: true })]);
  await make('c', [refer(b, { blockOwnerDeletion: true })], { finalizers: ['example.com/hold'] });
  await drop('a', { propagationPolicy: 'Foreground' });
  expect(names()).toEqual(['a', 'b', 'c']);
  await free('c');
  expect(names()).toEqual([]);
});

test('owners that wait for each other do not wait for ever', async () => {
  const a = await make('a');
  const b = await make('b', [refer(a, { blockOwnerDeletion: true })]);
  await bed.client.patch(ConfigMaps, 'a', { type: 'merge', body: { metadata: { ownerReferences: [refer(b, { blockOwnerDeletion: true })] } } }, { namespace: 'default' });
  await bed.clock.settle();
  await drop('a', { propagationPolicy: 'Foreground' });
  expect(names()).toEqual([]);
});

test('orphans stay, and name their owner no more', async () => {
  const a = await make('a');
  const b = await make('b', [refer(a, { blockOwnerDeletion: true })]);
  await make('c', [refer(b)]);
  await drop('a', { propagationPolicy: 'Orphan' });
  expect(names()).toEqual(['b', 'c']);
  expect([ownersOf('b'), ownersOf('c')]).toEqual([[], ['b']]);
});

test('who has another owner stays, and lets the waiting one go', async () => {
  const [a, b] = [await make('a'), await make('b')];
  await make('shared', [refer(a, { blockOwnerDeletion: true }), refer(b)]);
  await drop('a', { propagationPolicy: 'Foreground' });
  expect([names(), ownersOf('shared')]).toEqual([['b', 'shared'], ['b']]);
  await drop('b');
  expect(names()).toEqual([]);
});

test('an owner that was never there, and one whose name another object has', async () => {
  const a = await make('a');
  await make('of-a-ghost', [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'ghost', uid: 'no-such-uid' }]);
  await make('of-one-before', [refer(a, { uid: 'before' })]);
  await bed.clock.advance(1000);
  expect(names()).toEqual(['a']);
});

test('an owner in another namespace is none, and that is told', async () => {
  await make('elsewhere', [], { type: Namespaces });
  const a = await make('a', [], { namespace: 'elsewhere' });
  await make('b', [refer(a)]);
  await bed.clock.advance(1000);
  expect(names()).toEqual(['a']);
  expect(bed.log).toEqual([expect.stringContaining(`ConfigMap/b Warning OwnerRefInvalidNamespace ownerRef [v1/ConfigMap, namespace: default, name: a, uid: ${a.metadata.uid}] does not exist in namespace "default"`)]);
});

test('what is outside of namespaces may own what is inside; not the other way round, and nobody pays for the mistake', async () => {
  const disk = { apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'disk' }, spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/d' } } } as KubeObject;
  const volume = await bed.client.create<KubeObject>(PersistentVolumes, disk);
  const inside = await make('inside', [refer(volume)]);
  await bed.client.create<KubeObject>(PersistentVolumes, { ...disk, metadata: { name: 'owned', ownerReferences: [refer(inside), { apiVersion: 'v1', kind: 'ConfigMap', name: 'ghost', uid: 'ghost' }] } });
  await bed.clock.advance(1000);
  await drop('disk', { namespace: undefined }, PersistentVolumes);
  await bed.client.patch(PersistentVolumes, 'disk', { type: 'merge', body: { metadata: { finalizers: null } } });
  await bed.clock.advance(200_000);
  expect(names()).toEqual([]);
  expect(bed.client.objects(PersistentVolumes).map((v) => v.metadata.name)).toEqual(['owned']);
});

test('custom resources own and are owned; an owner of an unknown kind keeps its own until the kind is known', async () => {
  const boat = { apiVersion: 'e.com/v1', kind: 'Boat', name: 'b', uid: 'never' };
  await make('of-a-boat', [boat]);
  await bed.clock.advance(200_000);
  expect(names()).toEqual(['of-a-boat']);
  resources = [...resources, boats];
  const versions = [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }];
  await bed.client.create(CustomResourceDefinitions, { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'boats.e.com' }, spec: { group: 'e.com', scope: 'Namespaced', names: { plural: 'boats', kind: 'Boat' }, versions } });
  await bed.clock.advance(200_000);
  expect(names()).toEqual([]);
  const ship = await make('ship', [], { type: boats });
  const cargo = await make('cargo', [refer(ship)]);
  await make('dinghy', [refer(cargo)], { type: boats });
  await drop('ship', {}, boats);
  expect([names(), bed.client.objects(boats)]).toEqual([[], []]);
});
