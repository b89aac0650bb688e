import { expect, test } from 'vitest';
import { DaemonSets } from '../../api/kinds/apps/daemon-set.ts';
import { Deployments } from '../../api/kinds/apps/deployment.ts';
import { ReplicaSets } from '../../api/kinds/apps/replica-set.ts';
import { StatefulSets } from '../../api/kinds/apps/stateful-set.ts';
import { CronJobs } from '../../api/kinds/batch/cron-job.ts';
import { Jobs } from '../../api/kinds/batch/job.ts';
import { Namespaces } from '../../api/kinds/core/namespace.ts';
import { Nodes } from '../../api/kinds/core/node.ts';
import { Pods } from '../../api/kinds/core/pod.ts';
import { Services } from '../../api/kinds/core/service.ts';
import { apiVersionOf, type KubeObject, type ResourceType } from '../../api/object.ts';
import { cronJobController } from '../cronjob/controller.ts';
import { daemonSetController } from '../daemonset/controller.ts';
import { deploymentController } from '../deployment/controller.ts';
import { endpointsController } from '../endpoints/controller.ts';
import { endpointSliceController } from '../endpointslice/controller.ts';
import { garbageCollector } from '../garbagecollector/controller.ts';
import { jobController } from '../job/controller.ts';
import { replicaSetController } from '../replicaset/controller.ts';
import { namespaceDefaultsController } from '../serviceaccount/controller.ts';
import { statefulSetController } from '../statefulset/controller.ts';
import { podRunner, testbed } from '../testbed.suite.ts';
import { claimProtectionController } from '../volumeprotection/claims.ts';
import { namespaceController } from './controller.ts';

test('while a namespace ends, whatever is held in it makes nothing new, and no controller complains', async () => {
  const bed = await testbed();
  const { context, client, clock } = bed;
  await bed.start(
    namespaceController(context, bed.resources), namespaceDefaultsController(context, 'CA'), garbageCollector(context, bed.resources), deploymentController(context), replicaSetController(context),
    statefulSetController(context), daemonSetController(context), jobController(context), cronJobController(context), endpointsController(context), endpointSliceController(context),
    claimProtectionController(context), podRunner(bed, { nodes: 1 }),
  );
  await client.create(Nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-0' }, spec: {} });
  await client.create(Namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n' }, spec: {} });
  await clock.advance(1000);
  const template = { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  const once = { metadata: {}, spec: { ...template.spec, restartPolicy: 'Never' } };
  const selector = { matchLabels: { app: 'a' } };
  const kinds: [ResourceType, object][] = [
    [Deployments, { replicas: 2, selector, template }],
    [ReplicaSets, { replicas: 2, selector: { matchLabels: { app: 'b' } }, template: { ...template, metadata: { labels: { app: 'b' } } } }],
    [StatefulSets, { replicas: 2, serviceName: 's', selector: { matchLabels: { app: 's' } }, template: { ...template, metadata: { labels: { app: 's' } } }, volumeClaimTemplates: [{ metadata: { name: 'd' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } }] }],
    [DaemonSets, { selector: { matchLabels: { app: 'd' } }, template: { ...template, metadata: { labels: { app: 'd' } } } }],
    [Jobs, { parallelism: 2, completions: 9, template: once }],
    [CronJobs, { schedule: '* * * * *', jobTemplate: { spec: { template: once } } }],
    [Services, { selector: { app: 'a' }, ports: [{ port: 80 }] }],
  ];
  for (const [type, spec] of kinds) {
    const object = { apiVersion: apiVersionOf(type), kind: type.kind, metadata: { name: 'x', namespace: 'n', finalizers: ['example.com/hold'] }, spec };
    await client.create<KubeObject>(type, object);
  }
  await clock.advance(90_000);
  expect(client.objects(Pods).length).toBeGreaterThan(8);
  await client.delete(Namespaces, 'n');
  await clock.advance(600_000);
  expect(client.objects(Pods)).toEqual([]);
  for (const [type] of kinds) expect(client.objects(type).map((o) => o.metadata.name)).toContain('x');
  for (const [type] of kinds) await client.patch(type, 'x', { type: 'merge', body: { metadata: { finalizers: null } } }, { namespace: 'n' });
  await clock.advance(10_000);
  expect(client.objects(Namespaces).map((n) => n.metadata.name)).not.toContain('n');
  expect(bed.errors).toEqual([]);
  expect(bed.log.filter((line) => line.includes(' Warning '))).toEqual([]);
  await bed.stop();
});
