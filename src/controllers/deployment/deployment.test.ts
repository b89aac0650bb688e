import { expect, test } from 'vitest';
import { Deployments } from '../../api/kinds/apps/deployment.ts';
import { ReplicaSets } from '../../api/kinds/apps/replica-set.ts';
import { Pods } from '../../api/kinds/core/pod.ts';
import type { Deployment } from '../../api/types/apps.v1.ts';
import { replicaSetController } from '../replicaset/controller.ts';
import { podRunner, testbed, type PodRunnerOptions, type Testbed } from '../testbed.suite.ts';
import { deploymentController } from './controller.ts';

export const web = (replicas: number, image = 'web:1', spec: Partial<Deployment['spec']> = {}): Deployment => ({
  apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'default' },
  spec: {
    replicas, selector: { matchLabels: { app: 'web' } }, progressDeadlineSeconds: 600, revisionHistoryLimit: 10,
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image }] } }, ...spec,
  },
});

async function running(options: { seed?: number; pods?: PodRunnerOptions } = {}) {
  const bed = await testbed({ seed: options.seed });
  await bed.start(deploymentController(bed.context), replicaSetController(bed.context), podRunner(bed, options.pods));
  return bed;
}
const current = (bed: Testbed) => bed.client.objects(Deployments)[0]!;
const condition = (bed: Testbed, type: string) => current(bed).status?.conditions?.find((c) => c.type === type);
const change = (bed: Testbed, spec: Partial<Deployment['spec']>) => bed.client.patch(Deployments, 'web', { type: 'merge', body: { spec } }, { namespace: 'default' });
const changeImage = (bed: Testbed, image: string) => change(bed, { template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image }] } } });
const complete = (bed: Testbed) => {
  const { spec, status, metadata } = current(bed);
  return status?.observedGeneration === metadata.generation && status?.updatedReplicas === spec.replicas && status?.availableReplicas === spec.replicas && status?.replicas === spec.replicas;
};

test('creates a set and its pods, and says so', async () => {
  const bed = await running();
  await bed.client.create(Deployments, web(3));
  await bed.clock.advanceUntil(() => complete(bed), 60_000);
  const set = bed.client.objects(ReplicaSets)[0]!;
  expect(set.metadata.name).toMatch(/^web-[bcdfghjklmnpqrstvwxz2456789]{8,10}$/);
  expect(set.metadata.annotations).toEqual({ 'deployment.kubernetes.io/revision': '1', 'deployment.kubernetes.io/desired-replicas': '3', 'deployment.kubernetes.io/max-replicas': '4' });
  expect(current(bed).metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('1');
  expect(condition(bed, 'Available')).toMatchObject({ status: 'True', reason: 'MinimumReplicasAvailable', message: 'Deployment has minimum availability.' });
  expect(condition(bed, 'Progressing')).toMatchObject({ status: 'True', reason: 'NewReplicaSetAvailable', message: `ReplicaSet "${set.metadata.name}" has successfully progressed.` });
  expect(bed.log[0]).toBe(`0 Deployment/web Normal ScalingReplicaSet Scaled up replica set ${set.metadata.name} from 0 to 3`);
  expect(bed.log.filter((line) => line.includes('SuccessfulCreate'))).toHaveLength(3);
  expect(bed.errors).toEqual([]);
  await bed.stop();
});

test('rolls over within surge and unavailability, and rolls back to the same set', async () => {
  const bed = await running();
  await bed.client.create(Deployments, web(10));
  await bed.clock.advanceUntil(() => complete(bed), 60_000);
  const first = bed.client.objects(ReplicaSets)[0]!.metadata.name!;
  let most = 0;
  let least = 10;
  bed.context.informers.informer(Pods).onChange({ updated: () => {
    const pods = bed.client.objects(Pods).filter((pod) => !pod.metadata.deletionTimestamp);
    most = Math.max(most, pods.length);
    least = Math.min(least, pods.filter((pod) => pod.status?.conditions?.[0]?.status === 'True').length);
  } });
  await changeImage(bed, 'web:2');
  await bed.clock.advanceUntil(() => complete(bed), 60_000);
  expect(most).toBeLessThanOrEqual(13);
  expect(least).toBeGreaterThanOrEqual(8);
  expect(bed.client.objects(Pods).filter((pod) => !pod.metadata.deletionTimestamp).every((pod) => pod.spec.containers[0]!.image === 'web:2')).toBe(true);
  await changeImage(bed, 'web:1');
  await bed.clock.advanceUntil(() => complete(bed), 60_000);
  const set = bed.client.objects(ReplicaSets).find((s) => s.metadata.name === first)!;
  expect(set.spec.replicas).toBe(10);
  expect(set.metadata.annotations).toMatchObject({ 'deployment.kubernetes.io/revision': '3', 'deployment.kubernetes.io/revision-history': '1' });
  expect(bed.client.objects(ReplicaSets)).toHaveLength(2);
  await bed.stop();
});

test('recreate waits until the old pods are gone', async () => {
  const bed = await running({ pods: { stopMs: 5000 } });
  await bed.client.create(Deployments, web(2, 'web:1', { strategy: { type: 'Recreate' } }));
  await bed.clock.advanceUntil(() => complete(bed), 60_000);
  await changeImage(bed, 'web:2');
  await bed.clock.advance(4000);
  expect(bed.client.objects(Pods).map((pod) => pod.spec.containers[0]!.image)).toEqual(['web:1', 'web:1']);
  await bed.clock.advanceUntil(() => complete(bed), 60_000);
  expect(bed.client.objects(Pods).map((pod) => pod.spec.containers[0]!.image)).toEqual(['web:2', 'web:2']);
  await bed.stop();
});

test('says that a rollout stands still after its deadline, and recovers', async () => {
  const bed = await running({ pods: { readyMs: (pod) => (pod.spec.containers[0]!.image === 'web:broken' ? undefined : 1000) } });
  await bed.client.create(Deployments, web(4, 'web:1', { progressDeadlineSeconds: 60 }));
  await bed.clock.advanceUntil(() => complete(bed), 60_000);
  await changeImage(bed, 'web:broken');
  await bed.clock.advance(70_000);
  expect(condition(bed, 'Progressing')).toMatchObject({ status: 'False', reason: 'ProgressDeadlineExceeded' });
  expect(condition(bed, 'Progressing')!.message).toMatch(/^ReplicaSet "web-.*" has timed out progressing\.$/);
  expect(condition(bed, 'Available')).toMatchObject({ status: 'True' });
  await changeImage(bed, 'web:3');
  await bed.clock.advanceUntil(() => complete(bed), 60_000);
  expect(condition(bed, 'Progressing')).toMatchObject({ status: 'True', reason: 'NewReplicaSetAvailable' });
  await bed.stop();
});

test('a pause holds the rollout but not scaling; history beyond the limit goes', async () => {
  const bed = await running();
  await bed.client.create(Deployments, web(4, 'web:1', { revisionHistoryLimit: 1 }));
  await bed.clock.advanceUntil(() => complete(bed), 60_000);
  await change(bed, { paused: true });
  await changeImage(bed, 'web:2');
  await change(bed, { replicas: 6 });
  await bed.clock.advance(10_000);
  expect(condition(bed, 'Progressing')).toMatchObject({ status: 'Unknown', reason: 'DeploymentPaused', message: 'Deployment is paused' });
  expect(bed.client.objects(Pods).map((pod) => pod.spec.containers[0]!.image)).toEqual(Array(6).fill('web:1'));
  await change(bed, { paused: false });
  await bed.clock.advanceUntil(() => complete(bed), 60_000);
  await changeImage(bed, 'web:3');
  await bed.clock.advanceUntil(() => complete(bed), 60_000);
  await bed.clock.advance(5000);
  expect(bed.client.objects(ReplicaSets).map((set) => set.metadata.annotations?.['deployment.kubernetes.io/revision']).sort()).toEqual(['2', '3']);
  await bed.stop();
});

test('1,000 pods roll over in virtual time; the same seed gives the same events to the byte', async () => {
  const run = async () => {
    const bed = await running({ seed: 7 });
    await bed.client.create(Deployments, web(1000));
    await bed.clock.advanceUntil(() => complete(bed), 600_000);
    await changeImage(bed, 'web:2');
    await bed.clock.advanceUntil(() => complete(bed), 600_000);
    await bed.stop();
    expect(bed.errors).toEqual([]);
    return bed.log.join('\n');
  };
  const began = performance.now();
  const first = await run();
  const took = performance.now() - began;
  expect(first.split('\n').length).toBeGreaterThan(3000);
  console.log(`2,000 pods in ${Math.round(took)} ms`);
  expect(await run()).toBe(first);
}, 60_000);

test('a set that has the name but not the template is a collision, and the next name is another', async () => {
  const bed = await running();
  await bed.client.create(Deployments, web(1));
  await bed.clock.advanceUntil(() => complete(bed), 60_000);
  const name = bed.client.objects(ReplicaSets)[0]!.metadata.name!;
  const twin = await running();
  const [mine] = bed.client.objects(ReplicaSets);
  await twin.client.create(ReplicaSets, { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name, namespace: 'default' }, spec: { ...structuredClone(mine!.spec), replicas: 0, template: { metadata: mine!.spec.template!.metadata, spec: { containers: [{ name: 'other', image: 'other' }] } } } });
  await twin.client.create(Deployments, web(1));
  await twin.clock.advanceUntil(() => complete(twin), 60_000);
  expect(current(twin).status).toMatchObject({ collisionCount: 1, replicas: 1 });
  expect(twin.client.objects(ReplicaSets)).toHaveLength(2);
  await bed.stop();
  await twin.stop();
});

test('scaling in the middle of a rollout keeps both sides in proportion', async () => {
  const bed = await running({ pods: { readyMs: (pod) => (pod.spec.containers[0]!.image === 'web:2' ? undefined : 1000) } });
  await bed.client.create(Deployments, web(10, 'web:1', { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } } }));
  await bed.clock.advanceUntil(() => complete(bed), 60_000);
  await changeImage(bed, 'web:2');
  await bed.clock.advance(30_000);
  const replicas = () => bed.client.objects(ReplicaSets).map((set) => set.spec.replicas).sort();
  expect(replicas()).toEqual([5, 8]);
  await change(bed, { replicas: 15 });
  await bed.clock.advance(5000);
  expect(replicas()).toEqual([11, 7]);
  await bed.stop();
});
