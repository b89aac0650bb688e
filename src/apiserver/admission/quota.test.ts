import { expect, test } from 'vitest';
import { LimitRanges } from '../../api/kinds/core/limit-range.ts';
import { Pods } from '../../api/kinds/core/pod.ts';
import { ResourceQuotas } from '../../api/kinds/core/resource-quota.ts';
import { ServiceAccounts } from '../../api/kinds/core/service-account.ts';
import type { Container, LimitRangeItem, Pod } from '../../api/types/core.v1.ts';
import { virtualClock } from '../../base/clock.ts';
import { seededRandom } from '../../base/random.ts';
import { memoryStore } from '../../store/index.ts';
import { createApiServer } from '../index.ts';
import { complaints } from './limit-ranger.ts';

const pod = (name: string, resources?: Container['resources']): Pod => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default' }, spec: { containers: [{ name: 'real-world', image: 'i', resources }] } });
const asked = { requests: { cpu: '1000m', memory: '256M' } };

async function api() {
  const server = await createApiServer({ store: memoryStore(), clock: virtualClock(), random: seededRandom(1) });
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

const item = (more: Partial<LimitRangeItem>): LimitRangeItem => ({ type: 'Container', ...more });
test.each<[string, LimitRangeItem, Record<string, string>, Record<string, string>, string[]]>([
  ['within', item({ min: { cpu: '100m' }, max: { cpu: '1' } }), { cpu: '200m' }, { cpu: '1' }, []],
  ['too little', item({ min: { cpu: '100m' } }), { cpu: '50m' }, {}, ['minimum cpu usage per Container is 100m, but request is 50m']],
  ['too much', item({ max: { memory: '1Gi' } }), {}, { memory: '2Gi' }, ['maximum memory usage per Container is 1Gi, but limit is 2Gi']],
  ['no limit', item({ max: { memory: '1Gi' } }), {}, {}, ['maximum memory usage per Container is 1Gi.  No limit is specified']],
  ['ratio', item({ maxLimitRequestRatio: { cpu: '2' } }), { cpu: '1' }, { cpu: '4' }, ['cpu max limit to request ratio per Container is 2, but provided ratio is 4.000000']],
  ['a claim is bounded by its request', item({ type: 'PersistentVolumeClaim', max: { storage: '1Gi' } }), { storage: '2Gi' }, {}, ['maximum storage usage per PersistentVolumeClaim is 1Gi, but request is 2Gi']],
])('limits: %s', (_, range, requests, limits, wanted) => expect(complaints(range, requests, limits)).toEqual(wanted));
