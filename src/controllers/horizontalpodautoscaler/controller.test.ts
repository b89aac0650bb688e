import { expect, test } from 'vitest';
import { Deployments } from '../../api/kinds/apps/deployment.ts';
import { HorizontalPodAutoscalers } from '../../api/kinds/autoscaling/horizontal-pod-autoscaler.ts';
import { Pods } from '../../api/kinds/core/pod.ts';
import type { HorizontalPodAutoscaler } from '../../api/types/autoscaling.v2.ts';
import type { LiveSource } from '../../store/live.ts';
import { deploymentController } from '../deployment/controller.ts';
import { replicaSetController } from '../replicaset/controller.ts';
import { podRunner, testbed, type Testbed } from '../testbed.suite.ts';
import { horizontalPodAutoscalerController, type Autoscaler, type AutoscalerOptions } from './controller.ts';
import { decisionObjects } from './source.ts';
import { AutoscalerDecisions } from '../../api/kinds/coracle/autoscaler-decisions.ts';

/** metrics.k8s.io as the metrics room serves it: `cpu` is each ready pod's millicores. */
const metricsOf = (bed: () => Testbed, cpu: () => number): LiveSource => ({
  prefix: 'pods.metrics.k8s.io/',
  list: () => {
    const ready = bed().client.objects(Pods).filter((pod) => pod.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') && !pod.metadata.deletionTimestamp);
    const timestamp = new Date(bed().clock.now() - 1000).toISOString();
    return ready.map((pod) => ({ apiVersion: 'metrics.k8s.io/v1beta1', kind: 'PodMetrics', metadata: { name: pod.metadata.name, namespace: 'default', labels: pod.metadata.labels }, timestamp, window: '15s', containers: [{ name: 'web', usage: { cpu: `${cpu()}m` } }] }));
  },
});

const hpa = (spec: Partial<HorizontalPodAutoscaler['spec']> = {}): HorizontalPodAutoscaler => ({
  apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name: 'web', namespace: 'default' },
  spec: {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, minReplicas: 2, maxReplicas: 5,
    metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 75 } } }], ...spec,
  },
});

async function running(cpu: () => number, spec: Partial<HorizontalPodAutoscaler['spec']> = {}, options: AutoscalerOptions = {}) {
  let autoscaler: Autoscaler | undefined = undefined;
  const bed = await testbed({ live: (self) => [metricsOf(self, cpu), decisionObjects(() => autoscaler)] });
  autoscaler = horizontalPodAutoscalerController(bed.context, options);
  await bed.start(deploymentController(bed.context), replicaSetController(bed.context), podRunner(bed), autoscaler);
  await bed.client.create(Deployments, {
    apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'default' },
    spec: { replicas: 2, selector: { matchLabels: { app: 'web' } }, strategy: { type: 'RollingUpdate' }, template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'web:1', ports: [{ containerPort: 80 }], resources: { requests: { cpu: '100m' } } }] } } },
  });
  // Until the pods' CPU counts.
  await bed.clock.advance(30_000);
  await bed.client.create(HorizontalPodAutoscalers, hpa(spec));
  await bed.clock.advance(1000);
  return { bed, autoscaler };
}
const size = (bed: Testbed) => bed.client.objects(Deployments)[0]!.spec.replicas;
const status = (bed: Testbed) => bed.client.objects(HorizontalPodAutoscalers)[0]!.status!;

test('2, then 3, then 5, then back to 2 five minutes after the load has gone (walk-through 001)', async () => {
  let load = 102;
  const { bed, autoscaler } = await running(() => load);
  expect(size(bed)).toBe(3);
  load = 67;
  await bed.clock.advance(60_000);
  expect(size(bed)).toBe(3);
  load = 115;
  await bed.clock.advance(15_000);
  expect(size(bed)).toBe(5);
  load = 5;
  await bed.clock.advance(280_000);
  expect(size(bed)).toBe(5);
  expect(status(bed).conditions?.[0]).toMatchObject({ type: 'AbleToScale', reason: 'ScaleDownStabilized' });
  await bed.clock.advance(60_000);
  expect(size(bed)).toBe(2);
  expect(bed.log.filter((line) => line.includes('SuccessfulRescale')).map((line) => line.split(' SuccessfulRescale ')[1])).toEqual([
    'New size: 3; reason: cpu resource utilization (percentage of request) above target',
    'New size: 5; reason: cpu resource utilization (percentage of request) above target',
    'New size: 2; reason: All metrics below target',
  ]);
  const records = autoscaler.records('default', 'web');
  expect(records[0]).toMatchObject({ current: 2, desired: 3, proposed: 3, action: 'scale_up', metrics: [{ utilization: 102, proposal: 3, pods: [{ counted: 'ready', value: 102 }, { counted: 'ready', value: 102 }] }] });
  const served = await bed.client.get(AutoscalerDecisions, 'web', { namespace: 'default' });
  expect(served.decisions).toEqual(JSON.parse(JSON.stringify(records)));
  await expect(bed.client.get(AutoscalerDecisions, 'none', { namespace: 'default' })).rejects.toMatchObject({ code: 404 });
  expect(bed.errors).toEqual([]);
  await bed.stop();
});

test('a missing target is said in condition and event, and found once it is there', async () => {
  const { bed } = await running(() => 10, { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'api' } });
  expect(status(bed).conditions?.[0]).toMatchObject({ type: 'AbleToScale', status: 'False', reason: 'FailedGetScale' });
  await bed.client.patch(HorizontalPodAutoscalers, 'web', { type: 'merge', body: { spec: { scaleTargetRef: { name: 'web' } } } }, { namespace: 'default' });
  await bed.clock.advance(1000);
  expect(status(bed).conditions?.[0]).toMatchObject({ type: 'AbleToScale', status: 'True' });
  expect(status(bed).currentMetrics?.[0]?.resource?.current).toEqual({ averageUtilization: 10, averageValue: '10m' });
  await bed.stop();
});

test('an empty queue takes it to zero, one job brings it back', async () => {
  let jobs = 20;
  const none = () => Promise.reject(new Error('not asked for'));
  const queue = { type: 'External', external: { metric: { name: 'queue' }, target: { type: 'AverageValue', averageValue: '10' } } };
  const { bed } = await running(() => 0, { minReplicas: 0, metrics: [queue] }, { metrics: { resource: none, pods: none, object: none, external: async () => [jobs * 1000] } });
  expect(size(bed)).toBe(2);
  jobs = 0;
  await bed.clock.advance(330_000);
  expect(size(bed)).toBe(0);
  expect(status(bed).conditions?.at(-1)).toMatchObject({ type: 'ScaledToZero', status: 'True', message: 'the HPA controller scaled the workload to zero' });
  jobs = 1;
  await bed.clock.advance(15_000);
  expect(size(bed)).toBe(1);
  expect(status(bed).conditions?.at(-1)).toMatchObject({ type: 'ScaledToZero', status: 'False', reason: 'NotScaledToZero' });
  await bed.stop();
});

test('two autoscalers on the same pods stop each other, and say so', async () => {
  const { bed } = await running(() => 300);
  await bed.client.create(HorizontalPodAutoscalers, { ...hpa(), metadata: { name: 'other', namespace: 'default' } });
  await bed.clock.advance(31_000);
  const conditions = bed.client.objects(HorizontalPodAutoscalers).map((object) => object.status!.conditions!.find((c) => c.type === 'ScalingActive'));
  expect(conditions).toMatchObject([{ status: 'False', reason: 'AmbiguousSelector' }, { status: 'False', reason: 'AmbiguousSelector' }]);
  expect(conditions[0]!.message).toMatch(/^pods by selector app=web are controlled by multiple HPAs: \[\{(web|other) default\} \{(web|other) default\}\]$/);
  await bed.stop();
});

test('CPU that a pod burns before it first answers does not scale an idle app', async () => {
  let serving: number | false = false;
  let load = 300;
  const { bed } = await running(() => load, {}, { servingSince: () => serving });
  await bed.clock.advance(60_000);
  expect(size(bed)).toBe(2);
  expect(status(bed).conditions?.find((c) => c.type === 'ScalingActive')?.message).toContain('did not receive metrics for targeted pods (pods might be unready)');
  serving = bed.clock.now();
  load = 20;
  await bed.clock.advance(60_000);
  expect(size(bed)).toBe(2);
  load = 300;
  await bed.clock.advance(30_000);
  expect(size(bed)).toBe(5);
  await bed.stop();
});
