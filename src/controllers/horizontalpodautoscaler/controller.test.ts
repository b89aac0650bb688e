import { expect, test } from 'vitest';
import { Deployments } from '../../api/kinds/apps/deployment.ts';
import { HorizontalPodAutoscalers } from '../../api/kinds/autoscaling/horizontal-pod-autoscaler.ts';
import { Pods } from '../../api/kinds/core/pod.ts';
import type { HorizontalPodAutoscaler } from '../../api/types/autoscaling.v2.ts';
import type { RawRequest, RawResponse } from '../../client/client.ts';
import { deploymentController } from '../deployment/controller.ts';
import { replicaSetController } from '../replicaset/controller.ts';
import { podRunner, testbed, type Testbed } from '../testbed.suite.ts';
import { horizontalPodAutoscalerController } from './controller.ts';

const json = (body: unknown, status = 200): RawResponse => ({ status, headers: {}, body: Buffer.from(JSON.stringify(body)) });

/** Discovery, the scale subresource and metrics.k8s.io, over the test bed's objects; `cpu` is each ready pod's millicores. */
function api(bed: () => Testbed, cpu: () => number) {
  return (request: RawRequest): RawResponse | undefined => {
    const { client, clock } = bed();
    const [path = ''] = request.path.split('?');
    if (path === '/apis/apps') return json({ versions: [{ groupVersion: 'apps/v1' }], preferredVersion: { groupVersion: 'apps/v1' } });
    if (path === '/apis/apps/v1') return json({ resources: [{ name: 'deployments', kind: 'Deployment' }, { name: 'deployments/scale', kind: 'Scale' }] });
    const deployment = client.objects(Deployments).find((d) => path === `/apis/apps/v1/namespaces/default/deployments/${d.metadata.name}/scale`);
    if (deployment && request.method === 'GET') return json({ spec: { replicas: deployment.spec.replicas }, status: { replicas: deployment.status?.replicas ?? 0, selector: 'app=web' } });
    if (deployment) {
      const { spec } = JSON.parse(String(request.body)) as { spec: { replicas: number } };
      void client.patch(Deployments, deployment.metadata.name!, { type: 'merge', body: { spec: { replicas: spec.replicas } } }, { namespace: 'default' });
      return json({});
    }
    if (path === '/apis/metrics.k8s.io/v1beta1/namespaces/default/pods') {
      const ready = client.objects(Pods).filter((pod) => pod.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') && !pod.metadata.deletionTimestamp);
      const timestamp = new Date(clock.now() - 1000).toISOString();
      return json({ items: ready.map((pod) => ({ metadata: { name: pod.metadata.name, namespace: 'default' }, timestamp, window: '15s', containers: [{ name: 'web', usage: { cpu: `${cpu()}m` } }] })) });
    }
    return undefined;
  };
}

const hpa = (spec: Partial<HorizontalPodAutoscaler['spec']> = {}): HorizontalPodAutoscaler => ({
  apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name: 'web', namespace: 'default' },
  spec: {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, minReplicas: 2, maxReplicas: 5,
    metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 75 } } }], ...spec,
  },
});

async function running(cpu: () => number, spec: Partial<HorizontalPodAutoscaler['spec']> = {}) {
  const bed: Testbed = testbed({ hooks: { raw: api(() => bed, cpu) } });
  const autoscaler = horizontalPodAutoscalerController(bed.context);
  await bed.start(deploymentController(bed.context), replicaSetController(bed.context), podRunner(bed), autoscaler);
  await bed.client.create(Deployments, {
    apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'default' },
    spec: { replicas: 2, selector: { matchLabels: { app: 'web' } }, strategy: { type: 'RollingUpdate' }, template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'web:1', resources: { requests: { cpu: '100m' } } }] } } },
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
  expect(JSON.parse(JSON.stringify(records))).toEqual(records);
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
