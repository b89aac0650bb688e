import { afterEach, beforeEach, expect, test } from 'vitest';
import { Nodes } from '../../api/kinds/core/node.ts';
import { Pods } from '../../api/kinds/core/pod.ts';
import type { Node, Pod } from '../../api/types/core.v1.ts';
import { testbed, type Testbed } from '../testbed.suite.ts';
import { podGarbageCollector } from './controller.ts';

let bed: Testbed;
/** Pods as they were when they went: the API no longer has them. */
let last: Map<string, Pod>;
beforeEach(async () => {
  bed = await testbed();
  last = new Map();
  bed.context.informers.informer(Pods).onChange({ updated: (_, pod) => void last.set(pod.metadata.name!, pod) });
  await bed.start(podGarbageCollector(bed.context, 2));
});
afterEach(async () => {
  expect(bed.errors).toEqual([]);
  await bed.stop();
});

const node = (name: string, more: Partial<Node> = {}) => bed.client.create(Nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name }, spec: {}, ...more });
const pod = async (name: string, nodeName?: string, status?: Pod['status']) => {
  const made = await bed.client.create(Pods, { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default' }, spec: { ...(nodeName && { nodeName }), containers: [{ name: 'c', image: 'i' }] } });
  if (status) await bed.client.update(Pods, { ...made, status }, { subresource: 'status' });
};
const names = () => bed.client.objects(Pods).map((p) => p.metadata.name).sort();

test('of the finished pods the evicted and then the oldest go, when there are too many', async () => {
  await node('n');
  for (const [name, status] of [['old', { phase: 'Succeeded' }], ['middle', { phase: 'Failed' }], ['new', { phase: 'Succeeded' }], ['evicted', { phase: 'Failed', reason: 'Evicted' }], ['running', { phase: 'Running' }]] as const) {
    await pod(name, 'n', status);
    await bed.clock.advance(1000);
  }
  await bed.clock.advance(20_000);
  expect(names()).toEqual(['middle', 'new', 'running']);
});

test('pods of a node that is gone go after a while, marked as disrupted; not when it comes back in time', async () => {
  for (const name of ['gone', 'back', 'kept']) await node(name);
  for (const name of ['gone', 'back', 'kept']) await pod(`on-${name}`, name, { phase: 'Running' });
  await pod('done', 'gone', { phase: 'Succeeded' });
  await bed.client.delete(Nodes, 'gone');
  await bed.client.delete(Nodes, 'back');
  await bed.clock.advance(50_000);
  expect(names()).toHaveLength(4);
  await node('back');
  await bed.clock.advance(20_000);
  expect(names()).toEqual(['on-back', 'on-kept']);
  expect(last.get('on-gone')?.status).toMatchObject({ phase: 'Failed', conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'DeletionByPodGC', message: 'PodGC: node no longer exists' }] });
  expect(last.get('done')?.status).toMatchObject({ phase: 'Succeeded' });
});

test('a pod that was deleted before it had a node goes', async () => {
  const { client } = bed;
  await client.create(Pods, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', namespace: 'default', finalizers: ['example.com/hold'] }, spec: { containers: [{ name: 'c', image: 'i' }] } });
  await pod('waiting');
  await client.delete(Pods, 'a', { namespace: 'default' });
  await bed.clock.advance(20_000);
  expect(client.objects(Pods).map((p) => `${p.metadata.name} ${p.status?.phase}`)).toEqual(['a Failed', 'waiting Pending']);
  await client.patch(Pods, 'a', { type: 'merge', body: { metadata: { finalizers: null } } }, { namespace: 'default' });
  await bed.clock.advance(20_000);
  expect(names()).toEqual(['waiting']);
});

test('a node that is out of service need not say that its pods have ended', async () => {
  for (const name of ['broken', 'silent']) await node(name, { status: { conditions: [{ type: 'Ready', status: 'False' }] } });
  await bed.client.patch(Nodes, 'broken', { type: 'merge', body: { spec: { taints: [{ key: 'node.kubernetes.io/out-of-service', effect: 'NoExecute' }] } } });
  for (const name of ['broken', 'silent']) await pod(`on-${name}`, name, { phase: 'Running' });
  await pod('stays', 'broken', { phase: 'Running' });
  for (const name of ['broken', 'silent']) await bed.client.delete(Pods, `on-${name}`, { namespace: 'default' });
  await bed.clock.advance(20_000);
  expect(names()).toEqual(['on-silent', 'stays']);
});
