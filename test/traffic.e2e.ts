import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HorizontalPodAutoscalers } from '../src/api/kinds/autoscaling/horizontal-pod-autoscaler.ts';
import { Deployments } from '../src/api/kinds/apps/deployment.ts';
import { Events } from '../src/api/kinds/core/event.ts';
import { Nodes } from '../src/api/kinds/core/node.ts';
import { Pods } from '../src/api/kinds/core/pod.ts';
import { Services } from '../src/api/kinds/core/service.ts';
import { Ingresses } from '../src/api/kinds/networking/ingress.ts';
import type { KubeObject } from '../src/api/object.ts';
import type { Cluster } from '../src/cluster/cluster.ts';
import { ab, answers, app, appCluster, apply, ingress, own, podsOf, scale, settled, sleep, underLoad, until, type Generator } from './traffic/world.ts';

/**
 * No request fails, whatever is done to the pods behind it; a canary holds its share; the autoscaler sees load and nothing else. CORACLE_LONG=1 puts 100,000 requests on each concurrency instead of 5,000.
 * Needs root (network namespaces); `ab` of apache2-utils is used where it is installed.
 */
const ROOT = process.getuid?.() === 0;
const REQUESTS = process.env['CORACLE_LONG'] ? 100_000 : 5_000;
const SLOW = { START_MS: '2000' };
const NS = { namespace: 'default' };

describe.runIf(ROOT)('traffic', { timeout: 900_000 }, () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await appCluster(2);
  });
  afterAll(() => cluster?.stop());

  describe.for([10, 125])('no request fails at concurrency %i', (concurrency) => {
    const generators: Generator[] = [];
    const changes: { readonly what: string; readonly change: () => Promise<void> }[] = [
      { what: 'scale 1 to 2 and back', change: () => through(2, 1) },
      { what: 'scale 2 to 3 and back', change: () => through(2, 3, 2) },
      { what: 'scale 3 to 10 and to 1', change: () => through(3, 10, 1) },
      { what: 'a pod is deleted', change: () => through(2).then(deletePod) },
      { what: 'rolling update', change: () => roll(`r${concurrency}`) },
      { what: 'a canary is promoted', change: promote },
      { what: 'a canary is withdrawn', change: withdraw },
      { what: 'a node is drained', change: drain },
    ];
    const through = async (...sizes: readonly number[]) => {
      for (const size of sizes) {
        await scale(cluster.client, 'web', size);
        await settled(cluster.client, 'web');
      }
    };
    const deletePod = async () => {
      const [pod] = await podsOf(cluster.client, 'web');
      await cluster.client.delete(Pods, pod!.metadata.name!, NS);
      await settled(cluster.client, 'web');
    };
    const roll = async (version: string) => {
      await cluster.client.patch(Deployments, 'web', { type: 'strategic', body: { spec: { template: { spec: { containers: [{ name: 'app', env: [{ name: 'VERSION', value: version.slice(0, 2) }] }] } } } } }, NS);
      await settled(cluster.client, 'web');
    };
    const addCanary = async () => {
      await apply(cluster.client, [...app('canary', { replicas: 1, env: { ...SLOW, VERSION: 'v2' } }), ingress('canary', 'web.localhost', 'canary', 25)]);
      await settled(cluster.client, 'canary');
      await sleep(500);
    };
    const removeCanary = async () => {
      await cluster.client.delete(Ingresses, 'canary', NS);
      await cluster.client.delete(Deployments, 'canary', NS);
      await cluster.client.delete(Services, 'canary', NS);
      await until('the canary to be gone', async () => (await podsOf(cluster.client, 'canary')).length === 0);
    };
    async function promote(): Promise<void> {
      await addCanary();
      for (const weight of [50, 100]) await apply(cluster.client, [ingress('canary', 'web.localhost', 'canary', weight)]);
      await roll('v2');
      await removeCanary();
    }
    async function withdraw(): Promise<void> {
      await addCanary();
      await apply(cluster.client, [ingress('canary', 'web.localhost', 'canary', 0)]);
      await removeCanary();
    }
    async function drain(): Promise<void> {
      const unschedulable = (value: boolean) => cluster.client.patch(Nodes, 'node-2', { type: 'merge', body: { spec: { unschedulable: value } } });
      await through(3);
      await unschedulable(true);
      const there = (await podsOf(cluster.client, 'web')).filter((pod) => pod.spec.nodeName === 'node-2');
      expect(there.length).toBeGreaterThan(0);
      for (const { metadata: { name = '' } } of there) {
        await cluster.client.create(Pods, { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, ...NS } } as KubeObject as never, { ...NS, name, subresource: 'eviction' });
      }
      await until('node-2 to be empty', async () => (await podsOf(cluster.client, 'web')).every((pod) => pod.spec.nodeName === 'node-1'));
      await settled(cluster.client, 'web');
      await unschedulable(false);
      await through(1);
    }

    beforeAll(async () => {
      await apply(cluster.client, [...app('web', { replicas: 1, env: { ...SLOW, VERSION: 'v1' }, serviceType: 'NodePort' }), ingress('web', 'web.localhost', 'web')]);
      await settled(cluster.client, 'web');
      const { spec } = await cluster.client.get(Services, 'web', NS);
      const http = new URL(cluster.ingress!.http);
      generators.length = 0;
      for (const generator of [
        own(`http://${spec.clusterIP}/`),
        ab(`http://127.0.0.1:${spec.ports![0]!.nodePort}/`, undefined, false),
        ab(`http://127.0.0.1:${http.port}/`, 'web.localhost', true),
      ]) if (generator) generators.push(generator);
      if (generators.length === 1) generators.push(own(`http://127.0.0.1:${spec.ports![0]!.nodePort}/`), own(`http://127.0.0.1:${http.port}/`, { host: 'web.localhost' }));
    });

    test.for(changes)('$what', async ({ what, change }) => {
      const began = performance.now();
      const { requests, failures } = await underLoad(generators, concurrency, REQUESTS / changes.length, change);
      if (process.env['CORACLE_LONG']) console.log(`concurrency ${concurrency}, ${what}: ${requests} requests, ${failures.length} failures, ${((performance.now() - began) / 1000).toFixed(1)} s`);
      expect(failures).toEqual([]);
      expect(requests).toBeGreaterThanOrEqual(REQUESTS / changes.length);
    });
  });

  test('a canary gets 25 % of 10,000 requests while the autoscaler changes the stable side by requests per second', async () => {
    const { client, ingress: at } = cluster;
    await apply(client, [
      ...app('stable', { replicas: 1, env: { VERSION: 's1' } }), ...app('next', { replicas: 1, env: { VERSION: 'n2' } }),
      ingress('stable', 'shop.localhost', 'stable'), ingress('next', 'shop.localhost', 'next', 25), ingress('stable-only', 'stable.localhost', 'stable'), ingress('next-only', 'next.localhost', 'next'),
      {
        apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name: 'stable', ...NS },
        spec: {
          scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'stable' }, minReplicas: 1, maxReplicas: 4,
          metrics: [{ type: 'Pods', pods: { metric: { name: 'http_requests_per_second' }, target: { type: 'AverageValue', averageValue: '100' } } }],
          behavior: { scaleDown: { stabilizationWindowSeconds: 2 } },
        },
      } as KubeObject,
    ]);
    await Promise.all([settled(client, 'stable'), settled(client, 'next')]);
    const sizes = new Set<number>();
    let asking = true;
    const watching = (async () => {
      while (asking) {
        sizes.add((await client.get(Deployments, 'stable', NS)).status?.readyReplicas ?? 0);
        await sleep(100);
      }
    })();
    const seen = await answers(at!.http, 'shop.localhost', 10_000, 600);
    asking = false;
    await watching;
    expect(Object.fromEntries(seen)).toEqual({ s1: expect.any(Number), n2: expect.any(Number) });
    expect(seen.get('n2')! / 10_000).toBeGreaterThanOrEqual(0.24);
    expect(seen.get('n2')! / 10_000).toBeLessThanOrEqual(0.26);
    expect(sizes.size).toBeGreaterThan(1);
    expect(Object.fromEntries(await answers(at!.http, 'stable.localhost', 500))).toEqual({ s1: 500 });
    expect(Object.fromEntries(await answers(at!.http, 'next.localhost', 500))).toEqual({ n2: 500 });
    await until('the autoscaler to take the pods away', async () => (await client.get(Deployments, 'stable', NS)).spec.replicas === 1);
  });

  test('processor time before an app listens does not scale it up: idle, it stays at its minimum', async () => {
    const { client } = cluster;
    await apply(client, [
      ...app('idle', { replicas: 1, env: { BURN_MS: '5000' }, cpu: '50m' }),
      {
        apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name: 'idle', ...NS },
        spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'idle' }, minReplicas: 1, maxReplicas: 10, metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } }] },
      } as KubeObject,
    ]);
    const highest: number[] = [];
    const began = performance.now();
    while (performance.now() - began < 10_000) {
      highest.push((await client.get(Deployments, 'idle', NS)).spec.replicas ?? 1);
      await sleep(100);
    }
    await until('the autoscaler to have a figure', async () => (await client.get(HorizontalPodAutoscalers, 'idle', NS)).status?.conditions?.some(({ reason }) => reason === 'ValidMetricFound') ?? false);
    expect(Math.max(...highest)).toBe(1);
  });

  test('a request wakes a workload that its autoscaler has put to sleep, and is answered', async () => {
    const { client } = cluster;
    await apply(client, [
      ...app('sleepy', { replicas: 1, env: { ...SLOW, VERSION: 'v1' } }), ingress('sleepy', 'sleepy.localhost', 'sleepy'),
      {
        apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name: 'sleepy', ...NS },
        spec: {
          scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'sleepy' }, minReplicas: 0, maxReplicas: 3,
          metrics: [{ type: 'Object', object: { describedObject: { apiVersion: 'v1', kind: 'Service', name: 'sleepy' }, metric: { name: 'http_requests_per_second' }, target: { type: 'AverageValue', averageValue: '50' } } }],
          behavior: { scaleDown: { stabilizationWindowSeconds: 3 } },
        },
      } as KubeObject,
    ]);
    await until('sleepy to be at zero', async () => (await client.get(Deployments, 'sleepy', NS)).spec.replicas === 0 && (await podsOf(client, 'sleepy')).length === 0);
    expect(Object.fromEntries(await answers(cluster.ingress!.http, 'sleepy.localhost', 20))).toEqual({ v1: 20 });
    await until('the event', async () => (await client.list(Events, NS)).items.some(({ reason, involvedObject }) => reason === 'ScaledFromZero' && involvedObject.name === 'sleepy'));
    await until('sleepy to be at zero again', async () => (await client.get(Deployments, 'sleepy', NS)).spec.replicas === 0);
  });

  test('what nobody asked to wake stays at zero and is refused; an annotation asks for it', async () => {
    const { client } = cluster;
    await apply(client, [...app('off', { replicas: 0, env: { VERSION: 'v1' } }), ingress('off', 'off.localhost', 'off')]);
    expect(Object.fromEntries(await answers(cluster.ingress!.http, 'off.localhost', 1))).toEqual({ 'status 503': 1 });
    await apply(client, app('off', { replicas: 0, env: { VERSION: 'v1' }, annotations: { 'coracle.dev/wake-on-request': 'true' } }));
    expect(Object.fromEntries(await answers(cluster.ingress!.http, 'off.localhost', 3))).toEqual({ v1: 3 });
  });
});
