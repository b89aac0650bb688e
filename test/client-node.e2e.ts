import * as k8s from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../src/cluster/cluster.ts';
import { startCluster } from '../src/cluster/start.ts';

// The official JavaScript client's own examples (github.com/kubernetes-client/javascript, examples/), in shape, against a cluster of ours. Any other cluster would do: only the kubeconfig comes from it.
let cluster: Cluster;
const kc = new k8s.KubeConfig();
beforeAll(async () => {
  cluster = await startCluster({ runtime: 'simulated' });
  kc.loadFromString(cluster.kubeconfig);
});
afterAll(() => cluster.stop());

const namespace = 'default';
const pod = (name: string, labels: Record<string, string> = {}): k8s.V1Pod => ({ metadata: { name, labels }, spec: { containers: [{ name: 'c', image: 'nginx:1.27' }] } });
const configMap = (name: string, data: Record<string, string>): k8s.V1ConfigMap => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data });
const until = async (holds: () => boolean | Promise<boolean>) => {
  for (let turn = 0; turn < 500; turn++) {
    if (await holds()) return;
    await new Promise((done) => setTimeout(done, 20));
  }
  throw new Error('it did not happen within ten seconds');
};

describe('typed clients', () => {
  it('example.js and namespace.js: list pods, make and remove a namespace', async () => {
    const core = kc.makeApiClient(k8s.CoreV1Api);
    expect((await core.listNamespacedPod({ namespace })).items).toEqual([]);
    await core.createNamespace({ body: { metadata: { name: 'test' } } });
    expect((await core.readNamespace({ name: 'test' })).metadata?.creationTimestamp).toBeInstanceOf(Date);
    await core.deleteNamespace({ name: 'test' });
    await until(async () => !(await core.listNamespace()).items.some((item) => item.metadata?.name === 'test'));
  });

  it('scale-deployment.js: a deployment is read, changed and replaced', async () => {
    const apps = kc.makeApiClient(k8s.AppsV1Api);
    const labels = { app: 'web' };
    await apps.createNamespacedDeployment({ namespace, body: { metadata: { name: 'web' }, spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'nginx:1.27' }] } } } } });
    await until(async () => (await apps.readNamespacedDeployment({ name: 'web', namespace })).status?.readyReplicas === 1);
    for (;;) {
      const deployment = await apps.readNamespacedDeployment({ name: 'web', namespace });
      deployment.spec!.replicas = 3;
      try {
        await apps.replaceNamespacedDeployment({ name: 'web', namespace, body: deployment });
        break;
      } catch (error) {
        // The deployment's controller wrote its status in between.
        if (!(error instanceof k8s.ApiException) || error.code !== 409) throw error;
      }
    }
    await until(async () => (await apps.readNamespacedDeployment({ name: 'web', namespace })).status?.readyReplicas === 3);
    await apps.deleteNamespacedDeployment({ name: 'web', namespace });
  });

  it('errors carry the server\'s status', async () => {
    const core = kc.makeApiClient(k8s.CoreV1Api);
    await expect(core.readNamespacedPod({ name: 'none', namespace })).rejects.toMatchObject({ code: 404, body: expect.stringContaining('pods \\"none\\" not found') });
  });
});

describe('watches', () => {
  it('watch-example.js', async () => {
    const core = kc.makeApiClient(k8s.CoreV1Api);
    const seen: string[] = [];
    const request = await new k8s.Watch(kc).watch('/api/v1/namespaces/default/configmaps', { allowWatchBookmarks: true }, (type: string, object: k8s.V1ConfigMap) => void seen.push(`${type} ${object.metadata?.name}`), () => {});
    await core.createNamespacedConfigMap({ namespace, body: configMap('watched', {}) });
    await core.deleteNamespacedConfigMap({ namespace, name: 'watched' });
    await until(() => seen.includes('DELETED watched'));
    expect(seen).toContain('ADDED watched');
    request.abort();
  });

  it('informer.ts', async () => {
    const core = kc.makeApiClient(k8s.CoreV1Api);
    const informer = k8s.makeInformer(kc, '/api/v1/namespaces/default/pods', () => core.listNamespacedPod({ namespace, labelSelector: 'of=informer' }), 'of=informer');
    const seen: string[] = [];
    for (const event of ['add', 'update', 'delete'] as const) informer.on(event, (object: k8s.V1Pod) => void seen.push(`${event} ${object.metadata?.name}`));
    await informer.start();
    await core.createNamespacedPod({ namespace, body: pod('a', { of: 'informer' }) });
    await core.createNamespacedPod({ namespace, body: pod('b') });
    await until(() => seen.includes('update a'));
    await core.deleteNamespacedPod({ namespace, name: 'a', gracePeriodSeconds: 0 });
    await until(() => seen.includes('delete a'));
    expect(seen[0]).toBe('add a');
    expect(seen.some((line) => line.endsWith(' b'))).toBe(false);
    await informer.stop();
  });
});

describe('patches', () => {
  it('patch-example.js: each strategy', async () => {
    const core = kc.makeApiClient(k8s.CoreV1Api);
    await core.createNamespacedConfigMap({ namespace, body: configMap('patched', { a: '1' }) });
    const patch = async (body: object, strategy: k8s.PatchStrategy) =>
      (await core.patchNamespacedConfigMap({ name: 'patched', namespace, body, fieldManager: 'e2e' }, k8s.setHeaderOptions('Content-Type', strategy))).data;
    expect(await patch([{ op: 'replace', path: '/data/a', value: '2' }], k8s.PatchStrategy.JsonPatch)).toEqual({ a: '2' });
    expect(await patch({ data: { b: '3' } }, k8s.PatchStrategy.MergePatch)).toEqual({ a: '2', b: '3' });
    expect(await patch({ data: { a: null } }, k8s.PatchStrategy.StrategicMergePatch)).toEqual({ b: '3' });
    expect(await patch(configMap('patched', { c: '4' }), k8s.PatchStrategy.ServerSideApply)).toEqual({ b: '3', c: '4' });
  });

  it('apply-example.ts: KubernetesObjectApi creates or patches whatever it is given, custom resources too', async () => {
    const objects = k8s.KubernetesObjectApi.makeApiClient(kc);
    const definition: k8s.V1CustomResourceDefinition = {
      apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'crontabs.stable.example.com' },
      spec: {
        group: 'stable.example.com', scope: 'Namespaced', names: { plural: 'crontabs', singular: 'crontab', kind: 'CronTab', shortNames: ['ct'] },
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: { cronSpec: { type: 'string' }, replicas: { type: 'integer', _default: 1 } } } } } } }],
      },
    };
    interface CronTab extends k8s.KubernetesObject {
      spec: { cronSpec: string; replicas?: number };
    }
    const crontab = (cronSpec: string): CronTab => ({ apiVersion: 'stable.example.com/v1', kind: 'CronTab', metadata: { name: 'mine', namespace }, spec: { cronSpec } });
    const apply = async (spec: k8s.KubernetesObject) => {
      const named = spec as k8s.KubernetesObject & { metadata: { name: string } };
      try {
        await objects.read(named);
        return await objects.patch(spec, undefined, undefined, 'e2e', undefined, k8s.PatchStrategy.MergePatch);
      } catch (error) {
        if (!(error instanceof k8s.ApiException) || error.code !== 404) throw error;
        return objects.create(spec);
      }
    };
    await apply(definition);
    expect(await apply(crontab('* * * * *'))).toMatchObject({ spec: { cronSpec: '* * * * *', replicas: 1 } });
    expect(await apply(crontab('0 * * * *'))).toMatchObject({ spec: { cronSpec: '0 * * * *' } });
    const custom = kc.makeApiClient(k8s.CustomObjectsApi);
    expect(await custom.listNamespacedCustomObject({ group: 'stable.example.com', version: 'v1', namespace, plural: 'crontabs' })).toMatchObject({ kind: 'CronTabList', items: [{ metadata: { name: 'mine', generation: 2 } }] });
    await objects.delete(definition);
    const extensions = kc.makeApiClient(k8s.ApiextensionsV1Api);
    await until(async () => !(await extensions.listCustomResourceDefinition()).items.some((item) => item.metadata?.name === 'crontabs.stable.example.com'));
  });
});

describe('discovery and the rest', () => {
  it('list-apis.js: versions, groups, health, metrics', async () => {
    expect((await kc.makeApiClient(k8s.ApisApi).getAPIVersions()).groups.map((group) => group.name)).toEqual(expect.arrayContaining(['apps', 'batch', 'apiextensions.k8s.io', 'gateway.networking.k8s.io']));
    expect((await kc.makeApiClient(k8s.VersionApi).getCode()).gitVersion).toMatch(/^v1\.\d+/);
    expect(await new k8s.Health(kc).readyz({})).toBe(true);
    expect((await new k8s.Metrics(kc).getNodeMetrics()).kind).toBe('NodeMetricsList');
  });

  it('top.js: nodes and their pods', async () => {
    const [node] = await k8s.topNodes(kc.makeApiClient(k8s.CoreV1Api));
    expect(Number(node?.CPU.Capacity)).toBeGreaterThan(0);
  });

  it('authorization: who am I, may I', async () => {
    const review = await kc.makeApiClient(k8s.AuthorizationV1Api).createSelfSubjectAccessReview({ body: { spec: { resourceAttributes: { verb: 'delete', resource: 'pods', namespace } } } });
    expect(review.status?.allowed).toBe(true);
  });
});
