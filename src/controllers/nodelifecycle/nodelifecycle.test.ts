import { afterEach, beforeEach, expect, test } from 'vitest';
import { Leases } from '../../api/kinds/coordination/lease.ts';
import { Namespaces } from '../../api/kinds/core/namespace.ts';
import { Nodes } from '../../api/kinds/core/node.ts';
import { Pods } from '../../api/kinds/core/pod.ts';
import type { Taint, Toleration } from '../../api/types/core.v1.ts';
import { rfc3339 } from '../../base/time.ts';
import { testbed, type Testbed } from '../testbed.suite.ts';
import { nodeLifecycleController } from './controller.ts';

let bed: Testbed;
beforeEach(async () => {
  bed = await testbed();
  await bed.client.create(Namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-node-lease' }, spec: {} }).catch(() => undefined);
  await bed.start(nodeLifecycleController(bed.context));
  await neighbour('z');
});
afterEach(async () => {
  expect(bed.errors).toEqual([]);
  await bed.stop();
});

const micro = (ms: number) => new Date(ms).toISOString().replace('Z', '000Z');
const inLeases = { namespace: 'kube-node-lease' };
const node = async (name = 'n') => {
  await bed.client.create(Nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name }, spec: {} });
  await bed.client.create(Leases, { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name, ...inLeases }, spec: { holderIdentity: name } });
  await report('True');
};
/** Another node, which is well for as long as it `lives`. */
const neighbour = async (name: string, lives = () => true) => {
  await bed.client.create(Nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name }, spec: {}, status: { conditions: [{ type: 'Ready', status: 'True' }] } });
  await bed.client.create(Leases, { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name, ...inLeases }, spec: { holderIdentity: name } });
  const beat = async () => {
    if (!lives()) return;
    await bed.client.patch(Leases, name, { type: 'merge', body: { spec: { renewTime: micro(bed.clock.now()) } } }, inLeases).catch(() => undefined);
    bed.clock.after(10_000, () => void beat());
  };
  await beat();
};
const report = async (ready: string, more: { type: string; status: string }[] = []) => {
  const at = rfc3339(bed.clock.now());
  const conditions = [{ type: 'Ready', status: ready, lastHeartbeatTime: at, lastTransitionTime: at }, ...more];
  await bed.client.patch(Nodes, 'n', { type: 'merge', body: { status: { conditions } } }, { subresource: 'status' });
  await bed.clock.settle();
};
/** The node lives on: it renews its lease, as kubelets do. */
const live = async (seconds: number) => {
  for (let at = 0; at < seconds; at += 10) {
    await bed.client.patch(Leases, 'n', { type: 'merge', body: { spec: { renewTime: micro(bed.clock.now()) } } }, inLeases);
    await bed.clock.advance(Math.min(10, seconds - at) * 1000);
  }
};
const taint = async (...taints: Taint[]) => {
  await bed.client.patch(Nodes, 'n', { type: 'merge', body: { spec: { taints } } });
  await bed.clock.settle();
};
const pod = async (name: string, ...tolerations: Toleration[]) => {
  const made = await bed.client.create(Pods, { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default' }, spec: { nodeName: 'n', tolerations, containers: [{ name: 'c', image: 'i' }] } });
  await bed.client.update(Pods, { ...made, status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] } }, { subresource: 'status' });
};
const current = (name = 'n') => bed.client.objects(Nodes).find((node) => node.metadata.name === name)!;
const ready = () => current().status?.conditions?.find((c) => c.type === 'Ready');
const taints = (name = 'n') => (current(name).spec.taints ?? []).map((t) => `${t.key.replace('node.kubernetes.io/', '')}:${t.effect}`);
/** Those that are not yet asked to go. */
const staying = () => bed.client.objects(Pods).filter((p) => p.metadata.deletionTimestamp === undefined).map((p) => p.metadata.name).sort();
const events = (reason: string) => bed.log.filter((line) => line.includes(` ${reason} `)).map((line) => line.split(` ${reason} `)[1]);
const maintenance: Taint = { key: 'maintenance', effect: 'NoExecute' };
const tolerates = (seconds?: number): Toleration => ({ key: 'maintenance', operator: 'Exists', effect: 'NoExecute', ...(seconds !== undefined && { tolerationSeconds: seconds }) });

test('a node that renews its lease is left alone', async () => {
  await node();
  await live(300);
  expect([ready()?.status, taints()]).toEqual(['True', []]);
  expect(events('RegisteredNode')).toContain('Node n event: Registered Node n in Controller');
});

test('a silent node is unknown and tainted; its pods are not ready, and go when their five minutes are over', async () => {
  await node();
  await pod('web');
  await pod('agent', { operator: 'Exists' });
  await pod('brief', { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 30 });
  await bed.clock.advance(49_000);
  expect(ready()?.status).toBe('True');
  await bed.clock.advance(7_000);
  expect(ready()).toMatchObject({ status: 'Unknown', reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.' });
  expect(taints()).toEqual(['unreachable:NoSchedule', 'unreachable:NoExecute']);
  expect(bed.client.objects(Pods).map((p) => p.status?.conditions?.find((c) => c.type === 'Ready')?.status)).toEqual(['False', 'False', 'False']);
  expect([events('NodeNotReady')[0], events('NodeNotReady').length]).toEqual(['Node n status is now: NodeNotReady', 4]);
  await bed.clock.advance(25_000);
  expect(staying()).toEqual(['agent', 'brief', 'web']);
  await bed.clock.advance(6_000);
  expect(staying()).toEqual(['agent', 'web']);
  await bed.clock.advance(265_000);
  expect(staying()).toEqual(['agent', 'web']);
  await bed.clock.advance(6_000);
  expect(staying()).toEqual(['agent']);
  expect(events('TaintManagerEviction')).toEqual(['Marking for deletion Pod default/brief', 'Marking for deletion Pod default/web']);
});

test('a node that comes back in time keeps its pods', async () => {
  await node();
  await pod('web');
  await bed.clock.advance(120_000);
  expect(taints()).toHaveLength(2);
  await report('True');
  await live(600);
  expect([taints(), staying()]).toEqual([[], ['web']]);
  expect(events('TaintManagerEviction')).toEqual(['Cancelling deletion of Pod default/web']);
});

test('a node that says it is not ready makes its pods so, at once', async () => {
  await node();
  await pod('web');
  await live(10);
  await report('False');
  expect(taints()).toEqual(['not-ready:NoSchedule', 'not-ready:NoExecute']);
  expect(bed.client.objects(Pods)[0]?.status?.conditions?.find((c) => c.type === 'Ready')?.status).toBe('False');
  expect(events('NodeNotReady')).toEqual(['Node n status is now: NodeNotReady', 'Node is not ready']);
});

test('what presses on a node keeps new pods away; a new node has a minute to say how it is', async () => {
  await bed.client.create(Nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' }, spec: { unschedulable: true } });
  await bed.clock.advance(59_000);
  expect([ready(), taints()]).toEqual([undefined, ['unschedulable:NoSchedule']]);
  await bed.clock.advance(7_000);
  expect(ready()).toMatchObject({ status: 'Unknown', reason: 'NodeStatusNeverUpdated', message: 'Kubelet never posted node status.' });
  await bed.client.patch(Nodes, 'n', { type: 'merge', body: { spec: { unschedulable: false } } });
  await report('True', [{ type: 'MemoryPressure', status: 'True' }, { type: 'DiskPressure', status: 'True' }]);
  expect(taints()).toEqual(['memory-pressure:NoSchedule', 'disk-pressure:NoSchedule']);
});

test('a taint that people put on: who does not tolerate it goes at once, who does for a while later', async () => {
  await node();
  for (const [name, ...tolerations] of [['none'], ['minute', tolerates(60)], ['always', tolerates()]] as const) await pod(name, ...tolerations);
  await taint(maintenance);
  expect(staying()).toEqual(['always', 'minute']);
  expect(bed.client.objects(Pods).find((p) => p.metadata.name === 'none')?.status?.conditions).toContainEqual(expect.objectContaining({ type: 'DisruptionTarget', status: 'True', reason: 'DeletionByTaintManager', message: 'Taint manager: deleting due to NoExecute taint' }));
  await live(55);
  expect(staying()).toEqual(['always', 'minute']);
  await live(6);
  expect(staying()).toEqual(['always']);
});

test('a pod that comes to a tainted node has all of its time', async () => {
  await node();
  await taint({ ...maintenance, timeAdded: rfc3339(bed.clock.now()) });
  await live(600);
  await pod('late', tolerates(60));
  await live(50);
  expect(staying()).toEqual(['late']);
  await live(20);
  expect(staying()).toEqual([]);
});

test('when no node is ready, nobody loses its pods; when one is again, the others do one after the other', async () => {
  let lives = true;
  for (const name of ['a', 'b']) await neighbour(name, () => lives);
  await bed.client.delete(Nodes, 'z');
  await node();
  await pod('web');
  await bed.clock.advance(60_000);
  // All others are there: it is this node.
  expect(taints()).toEqual(['unreachable:NoSchedule', 'unreachable:NoExecute']);
  lives = false;
  await bed.clock.advance(70_000);
  expect(['n', 'a', 'b'].map(taints)).toEqual([['unreachable:NoSchedule'], ['unreachable:NoSchedule'], ['unreachable:NoSchedule']]);
  await bed.clock.advance(600_000);
  expect(staying()).toEqual(['web']);
  await report('True');
  await live(8);
  const givenUp = () => ['a', 'b'].filter((name) => taints(name).includes('unreachable:NoExecute')).length;
  expect([taints(), givenUp()]).toEqual([[], 1]);
  await live(15);
  expect(givenUp()).toBe(2);
});

test('a node that is deleted is said farewell', async () => {
  await node();
  await bed.client.delete(Nodes, 'n');
  await bed.clock.advance(1000);
  expect(events('RemovingNode')).toEqual(['Node n event: Removing Node n from Controller']);
});
