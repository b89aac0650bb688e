import { afterEach, beforeEach, expect, test } from 'vitest';
import { CustomResourceDefinitions } from '../../api/kinds/apiextensions/custom-resource-definition.ts';
import { ReplicaSets } from '../../api/kinds/apps/replica-set.ts';
import { ConfigMaps } from '../../api/kinds/core/config-map.ts';
import { PersistentVolumeClaims } from '../../api/kinds/core/persistent-volume-claim.ts';
import { Pods } from '../../api/kinds/core/pod.ts';
import { ResourceQuotas } from '../../api/kinds/core/resource-quota.ts';
import { Services } from '../../api/kinds/core/service.ts';
import { apiVersionOf, type AnyObject, type KubeObject, type ResourceType } from '../../api/object.ts';
import type { PodSpec, ResourceQuotaSpec } from '../../api/types/core.v1.ts';
import { replicaSetController } from '../replicaset/controller.ts';
import { podRunner, testbed, type Testbed } from '../testbed.suite.ts';
import { resourceQuotaController } from './controller.ts';

const boats: ResourceType<AnyObject> = { group: 'e.com', version: 'v1', kind: 'Boat', plural: 'boats', namespaced: true };
const inDefault = { namespace: 'default' };

let bed: Testbed;
beforeEach(async () => {
  bed = await testbed();
});
afterEach(async () => {
  expect(bed.errors).toEqual([]);
  await bed.stop();
});
const start = () => bed.start(resourceQuotaController(bed.context, bed.resources));

const make = async (type: ResourceType, name: string, body: object = {}) => {
  await bed.client.create<KubeObject>(type, { apiVersion: apiVersionOf(type), kind: type.kind, metadata: { name, ...inDefault }, ...body });
  await bed.clock.advance(100);
};
const limit = (name: string, hard: Record<string, string>, more: Partial<ResourceQuotaSpec> = {}) => make(ResourceQuotas, name, { spec: { hard, ...more } });
const pod = (name: string, requests: Record<string, string> = {}, spec: Partial<PodSpec> = {}) => make(Pods, name, { spec: { containers: [{ name: 'c', image: 'i', resources: { requests } }], ...spec } });
const change = async (type: ResourceType, name: string, body: object, subresource?: string) => {
  await bed.client.patch(type, name, { type: 'merge', body }, { ...inDefault, ...(subresource && { subresource }) });
  await bed.clock.advance(100);
};
const drop = async (type: ResourceType, name: string) => {
  await bed.client.delete(type, name, { ...inDefault, gracePeriodSeconds: 0 });
  await bed.clock.advance(100);
};
const status = (name: string) => bed.client.objects(ResourceQuotas).find((q) => q.metadata.name === name)?.status;

test('counts what was there before it, what comes, and what leaves', async () => {
  await start();
  await pod('a', { cpu: '500m', memory: '1Gi' });
  await make(ConfigMaps, 'settings');
  await make(Services, 'web', { spec: { type: 'NodePort', ports: [{ port: 80 }] } });
  await make(PersistentVolumeClaims, 'disk', { spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'fast', resources: { requests: { storage: '2Gi' } } } });
  const hard = {
    pods: '5', 'requests.cpu': '2', 'requests.memory': '8Gi', 'count/configmaps': '5', services: '5', 'services.nodeports': '1', persistentvolumeclaims: '3', 'requests.storage': '10Gi',
    'fast.storageclass.storage.k8s.io/requests.storage': '5Gi', 'slow.storageclass.storage.k8s.io/persistentvolumeclaims': '1', 'count/replicasets.apps': '2', resourcequotas: '1',
  };
  await limit('all', hard);
  const before = {
    pods: '1', 'requests.cpu': '500m', 'requests.memory': '1Gi', 'count/configmaps': '1', services: '1', 'services.nodeports': '1', persistentvolumeclaims: '1', 'requests.storage': '2Gi',
    'fast.storageclass.storage.k8s.io/requests.storage': '2Gi', 'slow.storageclass.storage.k8s.io/persistentvolumeclaims': '0', 'count/replicasets.apps': '0', resourcequotas: '1',
  };
  expect(status('all')).toEqual({ hard, used: before });
  await pod('b', { cpu: '1', memory: '1Gi' });
  await change(Services, 'web', { spec: { type: 'ClusterIP', ports: [{ port: 80, nodePort: null }] } });
  await drop(ConfigMaps, 'settings');
  expect(status('all')?.used).toEqual({ ...before, pods: '2', 'requests.cpu': '1500m', 'requests.memory': '2Gi', 'services.nodeports': '0', 'count/configmaps': '0' });
  await change(Pods, 'b', { status: { phase: 'Succeeded' } }, 'status');
  await drop(Pods, 'a');
  expect(status('all')?.used).toMatchObject({ pods: '0', 'requests.cpu': '0', 'requests.memory': '0' });
});

test('counts only what its scopes are about', async () => {
  await start();
  await limit('best-effort', { pods: '9' }, { scopes: ['BestEffort'] });
  await limit('short', { pods: '9', 'requests.cpu': '9' }, { scopes: ['Terminating'] });
  await limit('long', { pods: '9' }, { scopes: ['NotTerminating', 'NotBestEffort'] });
  await pod('plain');
  await pod('sized', { cpu: '1' });
  await pod('brief', { cpu: '2' }, { activeDeadlineSeconds: 60 });
  expect(['best-effort', 'short', 'long'].map((name) => status(name)?.used)).toEqual([{ pods: '1' }, { pods: '1', 'requests.cpu': '2' }, { pods: '1' }]);
});

test('custom resources count by their name', async () => {
  const versions = [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }];
  await bed.client.create<KubeObject>(CustomResourceDefinitions, { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'boats.e.com' }, spec: { group: 'e.com', scope: 'Namespaced', names: { plural: 'boats', kind: 'Boat' }, versions } } as KubeObject);
  await start();
  await make(boats, 'one');
  await limit('fleet', { 'count/boats.e.com': '2' });
  expect(status('fleet')?.used).toEqual({ 'count/boats.e.com': '1' });
  await make(boats, 'two');
  await expect(make(boats, 'three')).rejects.toThrow('boats.e.com "three" is forbidden: exceeded quota: fleet, requested: count/boats.e.com=1, used: count/boats.e.com=2, limited: count/boats.e.com=2');
  await drop(boats, 'one');
  await make(boats, 'three');
});

test('a pod that is given a deadline moves to the quota of those that end', async () => {
  await start();
  for (const [name, scopeName] of [['ending', 'Terminating'], ['lasting', 'NotTerminating']] as const) {
    await make(ResourceQuotas, name, { spec: { hard: { pods: '3' }, scopeSelector: { matchExpressions: [{ scopeName, operator: 'Exists' }] } } });
  }
  await pod('a');
  const used = () => [status('ending')?.used?.['pods'], status('lasting')?.used?.['pods']];
  expect(used()).toEqual(['0', '1']);
  await change(Pods, 'a', { spec: { activeDeadlineSeconds: 60 } });
  expect(used()).toEqual(['1', '0']);
});

test('a refused create works at once when the quota grows, and when room is given back', async () => {
  await start();
  await limit('q', { pods: '1' });
  await pod('a');
  await expect(pod('b')).rejects.toThrow('exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1');
  await change(ResourceQuotas, 'q', { spec: { hard: { pods: '2' } } });
  await pod('b');
  await expect(pod('c')).rejects.toThrow('exceeded quota');
  await drop(Pods, 'a');
  await pod('c');
  await drop(ResourceQuotas, 'q');
  await pod('d');
});

test('pods that a quota refused are made the moment it lets them', async () => {
  await bed.start(resourceQuotaController(bed.context, bed.resources), replicaSetController(bed.context), podRunner(bed));
  await limit('q', { pods: '1' });
  const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  await make(ReplicaSets, 'web', { spec: { replicas: 3, selector: { matchLabels: { app: 'web' } }, template } });
  // Long enough for the back-off to be minutes.
  await bed.clock.advance(600_000);
  expect(bed.client.objects(Pods)).toHaveLength(1);
  expect(bed.client.objects(ReplicaSets)[0]?.status?.conditions?.[0]).toMatchObject({ type: 'ReplicaFailure', reason: 'FailedCreate', message: expect.stringContaining('exceeded quota: q') as unknown });
  await change(ResourceQuotas, 'q', { spec: { hard: { pods: '3' } } });
  await bed.clock.advance(100);
  expect(bed.client.objects(Pods)).toHaveLength(3);
  await bed.clock.advance(5_000);
  expect(bed.client.objects(ReplicaSets)[0]?.status).toMatchObject({ readyReplicas: 3 });
  expect(bed.client.objects(ReplicaSets)[0]?.status?.conditions ?? []).toEqual([]);
  expect(bed.errors.splice(0).every((line) => line.includes('exceeded quota'))).toBe(true);
});

test('usage that somebody wrote is counted anew', async () => {
  await start();
  await limit('q', { pods: '3' });
  await pod('a');
  await change(ResourceQuotas, 'q', { status: { used: { pods: '3' } } }, 'status');
  await expect(pod('b')).rejects.toThrow('exceeded quota');
  await bed.clock.advance(5 * 60_000);
  expect(status('q')?.used).toEqual({ pods: '1' });
});
