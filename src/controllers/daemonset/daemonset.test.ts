import { expect, test } from 'vitest';
import { DaemonSets } from '../../api/kinds/apps/daemon-set.ts';
import { Nodes } from '../../api/kinds/core/node.ts';
import { Pods } from '../../api/kinds/core/pod.ts';
import type { DaemonSet } from '../../api/types/apps.v1.ts';
import type { Node, Taint } from '../../api/types/core.v1.ts';
import { podRunner, testbed, type PodRunnerOptions, type Testbed } from '../testbed.suite.ts';
import { daemonSetController } from './controller.ts';
import { shouldRun, targetNode } from './nodes.ts';

const node = (name: string, labels: Record<string, string> = {}, taints: Taint[] = []): Node => ({ apiVersion: 'v1', kind: 'Node', metadata: { name, labels }, spec: { taints } });
const agent = (spec: Partial<DaemonSet['spec']> = {}, pod: object = {}): DaemonSet => ({
  apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'agent', namespace: 'default' },
  spec: { selector: { matchLabels: { app: 'agent' } }, updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } }, template: { metadata: { labels: { app: 'agent' } }, spec: { containers: [{ name: 'agent', image: 'agent:1' }], ...pod } }, ...spec },
});
async function running(pods: PodRunnerOptions = {}, nodes = 3) {
  const bed = await testbed();
  for (let i = 0; i < nodes; i++) await bed.client.create(Nodes, node(`n${i}`));
  await bed.start(daemonSetController(bed.context), podRunner(bed, pods));
  return bed;
}
const pods = (bed: Testbed) => bed.client.objects(Pods).filter((pod) => !pod.metadata.deletionTimestamp);
const status = (bed: Testbed) => bed.client.objects(DaemonSets)[0]!.status!;
const image = (bed: Testbed, name: string) => bed.client.patch(DaemonSets, 'agent', { type: 'merge', body: { spec: { template: { metadata: { labels: { app: 'agent' } }, spec: { containers: [{ name: 'agent', image: name }] } } } } }, { namespace: 'default' });

test.each<[string, Node, object, boolean, boolean]>([
  ['an ordinary node', node('a'), {}, true, true],
  ['a node without the wanted label', node('a'), { nodeSelector: { disk: 'ssd' } }, false, false],
  ['a node with it', node('a', { disk: 'ssd' }), { nodeSelector: { disk: 'ssd' } }, true, true],
  ['a tainted node', node('a', {}, [{ key: 'k', effect: 'NoSchedule' }]), {}, false, true],
  ['a node to be left', node('a', {}, [{ key: 'k', effect: 'NoExecute' }]), {}, false, false],
  ['a tolerated taint', node('a', {}, [{ key: 'k', effect: 'NoSchedule' }]), { tolerations: [{ operator: 'Exists' }] }, true, true],
  ['a cordoned node', node('a', {}, [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }]), {}, true, true],
  ['a node that lost its network, for a host-network daemon', node('a', {}, [{ key: 'node.kubernetes.io/network-unavailable', effect: 'NoSchedule' }]), { hostNetwork: true }, true, true],
])('%s', (_, on, pod, run, stay) => {
  expect(shouldRun(agent({}, pod), on)).toEqual({ run, stay });
});

test('a pod on each node, also on one that joins, with revision and tolerations', async () => {
  const bed = await running();
  await bed.client.create(DaemonSets, agent());
  await bed.clock.advance(3000);
  expect(pods(bed).map(targetNode)).toHaveLength(3);
  const [pod] = pods(bed);
  expect(pod!.metadata.labels?.['controller-revision-hash']).toMatch(/^[a-z0-9]+$/);
  expect(pod!.spec.tolerations).toHaveLength(6);
  await bed.client.create(Nodes, node('n3'));
  await bed.clock.advance(3000);
  expect(status(bed)).toMatchObject({ desiredNumberScheduled: 4, numberReady: 4, numberAvailable: 4, updatedNumberScheduled: 4 });
  expect(bed.errors).toEqual([]);
  await bed.stop();
});

test('rolls over one node at a time', async () => {
  const bed = await running();
  await bed.client.create(DaemonSets, agent());
  await bed.clock.advance(3000);
  let least = 3;
  bed.context.informers.informer(Pods).onChange({ updated: () => { least = Math.min(least, pods(bed).filter((pod) => pod.status?.conditions?.[0]?.status === 'True').length); } });
  await image(bed, 'agent:2');
  await bed.clock.advance(30_000);
  expect(pods(bed).map((pod) => pod.spec.containers[0]!.image)).toEqual(['agent:2', 'agent:2', 'agent:2']);
  expect(least).toBe(2);
  await bed.stop();
});

test('surges where it may: no node is ever without a ready pod', async () => {
  const bed = await running();
  await bed.client.create(DaemonSets, agent({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } } }));
  await bed.clock.advance(3000);
  let least = 3;
  bed.context.informers.informer(Pods).onChange({ updated: () => { least = Math.min(least, new Set(pods(bed).filter((pod) => pod.status?.conditions?.[0]?.status === 'True').map(targetNode)).size); } });
  await image(bed, 'agent:2');
  await bed.clock.advance(30_000);
  expect(pods(bed).map((pod) => pod.spec.containers[0]!.image)).toEqual(['agent:2', 'agent:2', 'agent:2']);
  expect(least).toBe(3);
  await bed.stop();
});

test('OnDelete leaves old pods alone', async () => {
  const bed = await running();
  await bed.client.create(DaemonSets, agent({ updateStrategy: { type: 'OnDelete' } }));
  await bed.clock.advance(3000);
  await image(bed, 'agent:2');
  await bed.clock.advance(5000);
  expect(pods(bed).map((pod) => pod.spec.containers[0]!.image)).toEqual(['agent:1', 'agent:1', 'agent:1']);
  expect(status(bed).updatedNumberScheduled ?? 0).toBe(0);
  await bed.stop();
});

test('failed daemons are replaced, ever more slowly', async () => {
  const bed = await running({ ends: () => ({ afterMs: 100, exitCode: 1 }) }, 1);
  await bed.client.create(DaemonSets, agent());
  await bed.clock.advance(60_000);
  const kills = bed.log.filter((line) => line.includes('FailedDaemonPod'));
  expect(kills[0]).toMatch(/ DaemonSet\/agent Warning FailedDaemonPod Found failed daemon pod default\/agent-.{5} on node n0, will try to kill it$/);
  const times = kills.map((line) => Number(line.split(' ')[0]));
  expect(times.length).toBeGreaterThan(3);
  expect(times.at(-1)! - times.at(-2)!).toBeGreaterThan(times[1]! - times[0]!);
  await bed.stop();
});
