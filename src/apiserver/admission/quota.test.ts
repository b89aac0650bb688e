import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ConfigMaps } from '../../api/kinds/core/config-map.ts';
import { LimitRanges } from '../../api/kinds/core/limit-range.ts';
import { PersistentVolumeClaims } from '../../api/kinds/core/persistent-volume-claim.ts';
import { Pods } from '../../api/kinds/core/pod.ts';
import { ResourceQuotas } from '../../api/kinds/core/resource-quota.ts';
import { ServiceAccounts } from '../../api/kinds/core/service-account.ts';
import { Services } from '../../api/kinds/core/service.ts';
import type { Container, LimitRangeItem, PersistentVolumeClaim, Pod, PodSpec, ResourceQuota, Service } from '../../api/types/core.v1.ts';
import { virtualClock } from '../../base/clock.ts';
import { seededRandom } from '../../base/random.ts';
import { durableStore, memoryStore, type Store } from '../../store/index.ts';
import { createApiServer } from '../index.ts';
import { complaints } from './limit-ranger.ts';

const pod = (name: string, resources?: Container['resources']): Pod => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default' }, spec: { containers: [{ name: 'real-world', image: 'i', resources }] } });
const asked = { requests: { cpu: '1000m', memory: '256M' } };

async function api(store: Store = memoryStore()) {
  const server = await createApiServer({ store, clock: virtualClock(), random: seededRandom(1) });
  const client = server.client();
  await client.create(ServiceAccounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'default' } });
  return client;
}
const quota = (hard: Record<string, string>, used: Record<string, string> = {}) => ({ apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'real-world-rquota', namespace: 'default' }, spec: { hard }, status: { hard, used } });

test('what would go beyond a quota is refused with the figures, only the exceeded ones, in order', async () => {
  const client = await api();
  const hard = { 'requests.cpu': '1000m', 'requests.memory': '256Mi', pods: '6' };
  const made = await client.create(ResourceQuotas, quota(hard));
  await client.update(ResourceQuotas, { ...made, status: { hard, used: { 'requests.cpu': '3', 'requests.memory': '768M', pods: '5' } } }, { subresource: 'status' });
  await expect(client.create(Pods, pod('x', asked))).rejects.toThrow(
    'pods "x" is forbidden: exceeded quota: real-world-rquota, requested: requests.cpu=1,requests.memory=256M, used: requests.cpu=3,requests.memory=768M, limited: requests.cpu=1,requests.memory=256Mi');
});

test('a container that does not say what the quota limits is refused; a LimitRange says it for it', async () => {
  const client = await api();
  await client.create(ResourceQuotas, quota({ 'limits.cpu': '2000m', 'limits.memory': '512Mi' }));
  await expect(client.create(Pods, pod('x', asked))).rejects.toThrow(
    'pods "x" is forbidden: failed quota: real-world-rquota: must specify limits.cpu for: real-world; limits.memory for: real-world');
  await client.create(LimitRanges, { apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'limits', namespace: 'default' }, spec: { limits: [{ type: 'Container', default: { cpu: '2000m', memory: '512Mi' }, defaultRequest: { cpu: '500m', memory: '128Mi' } }] } });
  const made = await client.create(Pods, pod('x', asked));
  expect(made.spec.containers[0]?.resources).toEqual({ requests: { cpu: '1', memory: '256M' }, limits: { cpu: '2', memory: '512Mi' } });
  expect(made.metadata.annotations?.['kubernetes.io/limit-ranger']).toBe('LimitRanger plugin set: cpu, memory limit for container real-world');
  expect((await client.get(ResourceQuotas, 'real-world-rquota', { namespace: 'default' })).status?.used).toEqual({ 'limits.cpu': '2', 'limits.memory': '512Mi' });
  await expect(client.create(Pods, pod('y', asked))).rejects.toThrow('exceeded quota: real-world-rquota, requested: limits.cpu=2,limits.memory=512Mi, used: limits.cpu=2,limits.memory=512Mi, limited: limits.cpu=2,limits.memory=512Mi');
});

test('of many creates at once only as many pass as there is room', async () => {
  const client = await api();
  await client.create(ResourceQuotas, quota({ pods: '3' }));
  const outcomes = await Promise.allSettled(Array.from({ length: 10 }, (_, i) => client.create(Pods, pod(`p${i}`))));
  expect(outcomes.filter((o) => o.status === 'fulfilled')).toHaveLength(3);
});

const usedOf = async (client: Awaited<ReturnType<typeof api>>, name = 'real-world-rquota') => (await client.get(ResourceQuotas, name, { namespace: 'default' })).status?.used;

test('somebody else writes the quota all the time: every create is charged, none fails', async ({ onTestFinished }) => {
  // On the disk: what was just written cannot be read for a moment.
  const directory = mkdtempSync(join(tmpdir(), 'coracle-quota-'));
  const store = await durableStore(directory);
  onTestFinished(async () => {
    await store.close();
    rmSync(directory, { recursive: true, force: true });
  });
  const client = await api(store);
  await client.create(ResourceQuotas, quota({ pods: '20' }));
  const touch = async (i: number) => client.patch(ResourceQuotas, 'real-world-rquota', { type: 'merge', body: { metadata: { labels: { touched: String(i) } } } }, { namespace: 'default' });
  await Promise.all(Array.from({ length: 20 }, (_, i) => [client.create(Pods, pod(`p${i}`)), touch(i)]).flat());
  expect(await usedOf(client)).toEqual({ pods: '20' });
});

test('what does not come about is not charged, and a dry run charges nothing', async () => {
  const client = await api();
  await client.create(ResourceQuotas, quota({ pods: '2' }));
  await client.create(ResourceQuotas, { ...quota({ pods: '1' }), metadata: { name: 'tighter', namespace: 'default' } });
  await client.create(Pods, pod('a'), { dryRun: true });
  expect([await usedOf(client), await usedOf(client, 'tighter')]).toEqual([undefined, undefined]);
  await client.create(Pods, pod('a'));
  await expect(client.create(Pods, pod('b'))).rejects.toThrow('pods "b" is forbidden: exceeded quota: tighter, requested: pods=1, used: pods=1, limited: pods=1');
  expect([await usedOf(client), await usedOf(client, 'tighter')]).toEqual([{ pods: '1' }, { pods: '1' }]);
});

test('scopes: only the pods that a quota is about', async () => {
  const client = await api();
  const scoped = (name: string, spec: Partial<ResourceQuota['spec']>): Promise<unknown> =>
    client.create(ResourceQuotas, { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name, namespace: 'default' }, spec: { hard: { pods: '1' }, ...spec } });
  await scoped('best-effort', { scopes: ['BestEffort'] });
  await scoped('short', { scopes: ['Terminating'] });
  await client.create(Pods, pod('lazy'));
  await expect(client.create(Pods, pod('lazier'))).rejects.toThrow('exceeded quota: best-effort, requested: pods=1, used: pods=1, limited: pods=1');
  const short = (name: string) => ({ ...pod(name, asked), spec: { ...pod(name, asked).spec, activeDeadlineSeconds: 60 } });
  await client.create(Pods, short('quick'));
  await expect(client.create(Pods, short('quicker'))).rejects.toThrow('exceeded quota: short, requested: pods=1, used: pods=1, limited: pods=1');
  await client.create(Pods, pod('plain', asked));
});

test('objects are counted, of whatever kind', async () => {
  const client = await api();
  await client.create(ResourceQuotas, quota({ 'count/configmaps': '1', 'services.nodeports': '1', 'requests.storage': '3Gi' }));
  const configMap = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' } });
  await client.create(ConfigMaps, configMap('a'));
  await expect(client.create(ConfigMaps, configMap('b'))).rejects.toThrow('configmaps "b" is forbidden: exceeded quota: real-world-rquota, requested: count/configmaps=1, used: count/configmaps=1, limited: count/configmaps=1');
  const service = await client.create(Services, { apiVersion: 'v1', kind: 'Service', metadata: { name: 's', namespace: 'default' }, spec: { ports: [{ port: 80, name: 'a' }, { port: 81, name: 'b' }] } } as Service);
  await expect(client.update(Services, { ...service, spec: { ...service.spec, type: 'NodePort' } })).rejects.toThrow('exceeded quota: real-world-rquota, requested: services.nodeports=2, used: services.nodeports=0, limited: services.nodeports=1');
  const claim = (name: string, storage: string) => client.create(PersistentVolumeClaims, {
    apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name, namespace: 'default' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } } } as PersistentVolumeClaim);
  await claim('a', '2Gi');
  await expect(claim('b', '2Gi')).rejects.toThrow('persistentvolumeclaims "b" is forbidden: exceeded quota: real-world-rquota, requested: requests.storage=2Gi, used: requests.storage=2Gi, limited: requests.storage=3Gi');
});

describe('LimitRange', () => {
  const range = (client: Awaited<ReturnType<typeof api>>, ...limits: LimitRangeItem[]) => client.create(LimitRanges, { apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'limits', namespace: 'default' }, spec: { limits } });

  test('init containers get the defaults too', async () => {
    const client = await api();
    await range(client, { type: 'Container', default: { memory: '1Gi' } });
    const spec: PodSpec = { containers: [{ name: 'c', image: 'i', resources: { limits: { memory: '2Gi' } } }], initContainers: [{ name: 'first', image: 'i' }] };
    const made = await client.create(Pods, { ...pod('x'), spec });
    expect(made.spec.initContainers?.[0]?.resources).toEqual({ requests: { memory: '1Gi' }, limits: { memory: '1Gi' } });
    expect(made.spec.containers[0]?.resources).toEqual({ requests: { memory: '2Gi' }, limits: { memory: '2Gi' } });
    expect(made.metadata.annotations?.['kubernetes.io/limit-ranger']).toBe('LimitRanger plugin set: memory request for init container first; memory limit for init container first');
  });

  test('a pod beyond the bounds is refused, with all that is wrong', async () => {
    const client = await api();
    await range(client, { type: 'Container', min: { cpu: '100m' } }, { type: 'Pod', max: { memory: '1Gi' } });
    await expect(client.create(Pods, pod('x', { requests: { cpu: '50m' }, limits: { cpu: '50m', memory: '2Gi' } }))).rejects.toMatchObject({
      code: 403, message: 'pods "x" is forbidden: [minimum cpu usage per Container is 100m, but request is 50m, maximum memory usage per Pod is 1Gi, but limit is 2Gi]',
    });
  });

  test('a claim is bounded when it is made', async () => {
    const client = await api();
    await range(client, { type: 'PersistentVolumeClaim', min: { storage: '1Gi' }, max: { storage: '5Gi' } });
    const claim = (name: string, storage: string) => client.create(PersistentVolumeClaims, {
      apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name, namespace: 'default' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } } } as PersistentVolumeClaim);
    await expect(claim('a', '500Mi')).rejects.toThrow('persistentvolumeclaims "a" is forbidden: minimum storage usage per PersistentVolumeClaim is 1Gi, but request is 500Mi');
    await expect(claim('a', '6Gi')).rejects.toThrow('persistentvolumeclaims "a" is forbidden: maximum storage usage per PersistentVolumeClaim is 5Gi, but request is 6Gi');
    await claim('a', '2Gi');
  });
});

const item = (more: Partial<LimitRangeItem>): LimitRangeItem => ({ type: 'Container', ...more });
test.each<[string, LimitRangeItem, Record<string, string>, Record<string, string>, string[]]>([
  ['within', item({ min: { cpu: '100m' }, max: { cpu: '1' } }), { cpu: '200m' }, { cpu: '1' }, []],
  ['too little', item({ min: { cpu: '100m' } }), { cpu: '50m' }, {}, ['minimum cpu usage per Container is 100m, but request is 50m']],
  ['too much', item({ max: { memory: '1Gi' } }), {}, { memory: '2Gi' }, ['maximum memory usage per Container is 1Gi, but limit is 2Gi']],
  ['no limit', item({ max: { memory: '1Gi' } }), {}, {}, ['maximum memory usage per Container is 1Gi.  No limit is specified']],
  ['ratio', item({ maxLimitRequestRatio: { cpu: '2' } }), { cpu: '1' }, { cpu: '4' }, ['cpu max limit to request ratio per Container is 2, but provided ratio is 4.000000']],
  ['a claim is bounded by its request', item({ type: 'PersistentVolumeClaim', max: { storage: '1Gi' } }), { storage: '2Gi' }, {}, ['maximum storage usage per PersistentVolumeClaim is 1Gi, but request is 2Gi']],
])('limits: %s', (_, range, requests, limits, wanted) => expect(complaints(range, requests, limits)).toEqual(wanted));

test('a pod that comes into the scope of a quota is charged as a whole', async () => {
  const client = await api();
  const scoped = quota({ pods: '1' }, { pods: '0' });
  const made = await client.create(ResourceQuotas, { ...scoped, spec: { ...scoped.spec, scopeSelector: { matchExpressions: [{ scopeName: 'Terminating', operator: 'Exists' }] } } } as ResourceQuota);
  await client.update(ResourceQuotas, { ...made, status: { hard: { pods: '1' }, used: { pods: '0' } } }, { subresource: 'status' });
  const long = await client.create(Pods, pod('long'));
  await client.update(Pods, { ...long, spec: { ...long.spec, activeDeadlineSeconds: 5 } });
  const ending = pod('ending');
  await expect(client.create(Pods, { ...ending, spec: { ...ending.spec, activeDeadlineSeconds: 5 } })).rejects.toThrow('exceeded quota: real-world-rquota, requested: pods=1, used: pods=1, limited: pods=1');
});
