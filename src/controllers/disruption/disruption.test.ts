import { afterEach, beforeEach, expect, test } from 'vitest';
import { CustomResourceDefinitions } from '../../api/kinds/apiextensions/custom-resource-definition.ts';
import { Deployments } from '../../api/kinds/apps/deployment.ts';
import { ConfigMaps } from '../../api/kinds/core/config-map.ts';
import { Pods } from '../../api/kinds/core/pod.ts';
import { PodDisruptionBudgets } from '../../api/kinds/policy/pod-disruption-budget.ts';
import type { AnyObject, KubeObject, ResourceType } from '../../api/object.ts';
import type { OwnerReference } from '../../api/types/meta.v1.ts';
import type { PodDisruptionBudgetSpec } from '../../api/types/policy.v1.ts';
import { rfc3339 } from '../../base/time.ts';
import { deploymentController } from '../deployment/controller.ts';
import { replicaSetController } from '../replicaset/controller.ts';
import { podRunner, testbed, type Testbed } from '../testbed.suite.ts';
import { disruptionController } from './controller.ts';
import { staleDisruptionController } from './stale.ts';

const fleets: ResourceType<AnyObject> = { group: 'e.com', version: 'v1', kind: 'Fleet', plural: 'fleets', namespaced: true };
const inDefault = { namespace: 'default' };

let bed: Testbed;
beforeEach(async () => {
  bed = await testbed();
  await bed.start(deploymentController(bed.context), replicaSetController(bed.context), disruptionController(bed.context), staleDisruptionController(bed.context), podRunner(bed));
});
afterEach(async () => {
  expect(bed.errors).toEqual([]);
  await bed.stop();
});

const deploy = async (replicas: number) => {
  await bed.client.create<KubeObject>(Deployments, { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', ...inDefault }, spec: { replicas, selector: { matchLabels: { app: 'web' } }, template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'i' }] } } } } as KubeObject);
  await bed.clock.advance(5_000);
};
const pod = async (name: string, owner?: OwnerReference) => {
  await bed.client.create(Pods, { apiVersion: 'v1', kind: 'Pod', metadata: { name, ...inDefault, labels: { app: 'web' }, ...(owner && { ownerReferences: [owner] }) }, spec: { containers: [{ name: 'c', image: 'i' }] } });
  await bed.clock.advance(5_000);
};
const guard = async (spec: PodDisruptionBudgetSpec) => {
  await bed.client.create(PodDisruptionBudgets, { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'b', ...inDefault }, spec: { selector: { matchLabels: { app: 'web' } }, ...spec } });
  await bed.clock.advance(100);
};
const evict = async (name: string) => {
  await bed.client.create<KubeObject>(Pods, { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, ...inDefault } }, { ...inDefault, name, subresource: 'eviction' });
};
const budget = () => bed.client.objects(PodDisruptionBudgets)[0]!;
const numbers = () => {
  const { expectedPods, desiredHealthy, currentHealthy, disruptionsAllowed } = budget().status!;
  return [expectedPods, desiredHealthy, currentHealthy, disruptionsAllowed];
};
const allowed = () => {
  const { status, reason, message } = budget().status!.conditions![0]!;
  return `${status} ${reason} ${message}`.trim();
};
const pods = () => bed.client.objects(Pods).map((p) => p.metadata.name!);
const refer = (owner: KubeObject): OwnerReference => ({ apiVersion: owner.apiVersion, kind: owner.kind, name: owner.metadata.name!, uid: owner.metadata.uid!, controller: true });

test('half of a Deployment may go, rounded for its good, and more when those are replaced', async () => {
  await deploy(5);
  await guard({ minAvailable: '50%' });
  expect([numbers(), allowed()]).toEqual([[5, 3, 5, 2], 'True SufficientPods']);
  const [a, b, c] = pods();
  await evict(a!);
  await evict(b!);
  await expect(evict(c!)).rejects.toThrow("Cannot evict pod as it would violate the pod's disruption budget.");
  await bed.clock.advance(50);
  expect([numbers(), allowed()]).toEqual([[5, 3, 3, 0], 'False InsufficientPods']);
  await bed.clock.advance(5_000);
  expect(numbers()).toEqual([5, 3, 5, 2]);
  await evict(c!);
});

test('the budget follows the Deployment\'s size', async () => {
  await deploy(3);
  await guard({ maxUnavailable: '30%' });
  expect(numbers()).toEqual([3, 2, 3, 1]);
  await bed.client.patch(Deployments, 'web', { type: 'merge', body: { spec: { replicas: 10 } } }, inDefault);
  await bed.clock.advance(100);
  expect(numbers()).toEqual([10, 7, 3, 0]);
  await bed.clock.advance(5_000);
  expect(numbers()).toEqual([10, 7, 10, 3]);
  await bed.client.patch(Deployments, 'web', { type: 'merge', body: { spec: { replicas: 0 } } }, inDefault);
  await bed.clock.advance(5_000);
  expect(numbers()).toEqual([0, 0, 0, 0]);
});

test('pods that nobody manages: a number holds for them, a share does not, and that is told', async () => {
  await pod('a');
  await pod('b');
  await guard({ minAvailable: 1 });
  expect(numbers()).toEqual([2, 1, 2, 1]);
  await bed.client.patch(PodDisruptionBudgets, 'b', { type: 'merge', body: { spec: { minAvailable: '50%' } } }, inDefault);
  await bed.clock.advance(100);
  expect([numbers(), allowed()]).toEqual([[0, 0, 2, 0], 'False InsufficientPods']);
  expect(bed.log.filter((line) => line.includes('UnmanagedPods'))[0]).toContain('(selector: &LabelSelector{MatchLabels:map[string]string{app: web,},MatchExpressions:[]LabelSelectorRequirement{},}) were found to be unmanaged.');
});

test('an owner that does not say how many it wants', async () => {
  const settings = await bed.client.create(ConfigMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings', ...inDefault } });
  await pod('a', refer(settings));
  await guard({ maxUnavailable: 1 });
  expect([allowed(), budget().status?.disruptionsAllowed]).toEqual(['False SyncFailed found no controllers for pod "a"', 0]);
  expect(bed.log.filter((line) => line.includes('CalculateExpectedPodCountFailed'))[0]).toContain('Failed to calculate the number of expected pods: found no controllers for pod "a"');
});

test('a custom resource with a scale says it', async () => {
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  const versions = [{ name: 'v1', served: true, storage: true, schema, subresources: { scale: { specReplicasPath: '.spec.size', statusReplicasPath: '.status.size' } } }];
  await bed.client.create<KubeObject>(CustomResourceDefinitions, { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'fleets.e.com' }, spec: { group: 'e.com', scope: 'Namespaced', names: { plural: 'fleets', kind: 'Fleet' }, versions } } as KubeObject);
  await bed.clock.advance(1000);
  const fleet = await bed.client.create(fleets, { apiVersion: 'e.com/v1', kind: 'Fleet', metadata: { name: 'f', ...inDefault }, spec: { size: 4 } });
  for (const name of ['a', 'b', 'c']) await pod(name, refer(fleet));
  await guard({ maxUnavailable: 2 });
  expect(numbers()).toEqual([4, 2, 3, 1]);
});

test('a pod that was evicted and stays counts again after two minutes', async () => {
  await pod('a');
  await pod('b');
  await guard({ minAvailable: 1 });
  await bed.client.patch(PodDisruptionBudgets, 'b', { type: 'merge', body: { status: { disruptedPods: { a: rfc3339(bed.clock.now()) } } } }, { ...inDefault, subresource: 'status' });
  await bed.clock.advance(100_000);
  expect(numbers()).toEqual([2, 1, 1, 0]);
  await bed.clock.advance(21_000);
  expect([numbers(), budget().status?.disruptedPods]).toEqual([[2, 1, 2, 1], undefined]);
  expect(bed.log.filter((line) => line.includes('NotDeleted'))).toHaveLength(1);
});

test('what was announced to a pod and did not happen is taken back', async () => {
  for (const name of ['spared', 'kubelets', 'going']) await pod(name);
  for (const [name, reason] of [['spared', 'EvictionByEvictionAPI'], ['kubelets', 'TerminationByKubelet'], ['going', 'EvictionByEvictionAPI']] as const) {
    const now = bed.client.objects(Pods).find((p) => p.metadata.name === name)!;
    const target = { type: 'DisruptionTarget', status: 'True', reason, message: 'soon', lastTransitionTime: rfc3339(bed.clock.now()) };
    await bed.client.update(Pods, { ...now, metadata: { ...now.metadata }, status: { ...now.status, conditions: [...(now.status?.conditions ?? []), target] } }, { subresource: 'status' });
  }
  await bed.client.patch(Pods, 'going', { type: 'merge', body: { metadata: { finalizers: ['example.com/hold'] } } }, inDefault);
  await bed.client.delete(Pods, 'going', inDefault);
  const targets = () => Object.fromEntries(bed.client.objects(Pods).map((p) => {
    const target = p.status?.conditions?.find((c) => c.type === 'DisruptionTarget');
    return [p.metadata.name, `${target?.status} ${target?.reason ?? ''}`.trim()];
  }));
  await bed.clock.advance(115_000);
  expect(targets()).toEqual({ spared: 'True EvictionByEvictionAPI', kubelets: 'True TerminationByKubelet', going: 'True EvictionByEvictionAPI' });
  await bed.clock.advance(6_000);
  expect(targets()).toEqual({ spared: 'False', kubelets: 'True TerminationByKubelet', going: 'True EvictionByEvictionAPI' });
});
