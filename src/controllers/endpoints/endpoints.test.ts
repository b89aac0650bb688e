import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EndpointsList } from '../../api/kinds/core/endpoints.ts';
import { Namespaces } from '../../api/kinds/core/namespace.ts';
import { Nodes } from '../../api/kinds/core/node.ts';
import { Pods } from '../../api/kinds/core/pod.ts';
import { Services } from '../../api/kinds/core/service.ts';
import { EndpointSlices } from '../../api/kinds/discovery/endpoint-slice.ts';
import type { KubeObject } from '../../api/object.ts';
import type { EndpointSubset, Pod, PodSpec, Service, ServiceSpec } from '../../api/types/core.v1.ts';
import { rfc3339 } from '../../base/time.ts';
import { endpointSliceController } from '../endpointslice/controller.ts';
import { testbed, type Testbed } from '../testbed.suite.ts';
import { TRIGGER_TIME } from '../trigger-time.ts';
import { endpointsController } from './controller.ts';
import { MAX_ADDRESSES, subsetsOf, truncated } from './decide.ts';

let bed: Testbed;
beforeEach(async () => {
  bed = await testbed();
  await bed.client.create(Nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1' }, spec: {} });
  await bed.start(endpointsController(bed.context), endpointSliceController(bed.context));
});
afterEach(async () => {
  expect(bed.errors).toEqual([]);
  await bed.stop();
});

const inDefault = { namespace: 'default' };
const service = (name: string, spec: Partial<ServiceSpec> = {}, labels: Record<string, string> = {}): Service => ({
  apiVersion: 'v1', kind: 'Service', metadata: { name, ...inDefault, labels }, spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 8080 }], ...spec },
});
const serve = async (...made: Service[]) => {
  for (const one of made) await bed.client.create(Services, one);
  await bed.clock.advance(1000);
};
let ips = 0;
beforeEach(() => { ips = 0; });
const pod = async (name: string, more: { ready?: boolean; spec?: Partial<PodSpec>; labels?: Record<string, string> } = {}) => {
  await bed.client.create(Pods, { apiVersion: 'v1', kind: 'Pod', metadata: { name, ...inDefault, labels: { app: 'web', ...more.labels } }, spec: { containers: [{ name: 'c', image: 'i' }], ...more.spec } });
  const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name, ...inDefault }, target: { apiVersion: 'v1', kind: 'Node', name: 'node-1' } };
  await bed.client.create<KubeObject>(Pods, binding, { ...inDefault, name, subresource: 'binding' });
  const ip = `10.0.0.${++ips}`;
  await status(name, { phase: 'Running', podIP: ip, podIPs: [{ ip }] });
  if (more.ready !== false) await setReady(name, true);
};
const status = async (name: string, change: Pod['status']) => {
  const now = bed.client.objects(Pods).find((p) => p.metadata.name === name)!;
  await bed.client.update(Pods, { ...now, status: { ...now.status, ...change } }, { subresource: 'status' });
  await bed.clock.advance(1000);
};
const setReady = (name: string, ready: boolean) => status(name, { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: rfc3339(bed.clock.now()) }] });
const terminate = async (name: string) => {
  await bed.client.delete(Pods, name, { ...inDefault, gracePeriodSeconds: 30 });
  await bed.clock.advance(1000);
};
const endpoints = (name: string) => bed.client.objects(EndpointsList).find((e) => e.metadata.name === name);
const slicesOf = (name: string) => bed.client.objects(EndpointSlices).filter((s) => s.metadata.labels?.['kubernetes.io/service-name'] === name);
/** `ready|not ready:ports` of each subset. */
const subsets = (name: string) => endpoints(name)?.subsets?.map((s) => {
  const names = (list: EndpointSubset['addresses']) => (list ?? []).map((a) => a.targetRef?.name).join();
  return `${names(s.addresses)}|${names(s.notReadyAddresses)}:${(s.ports ?? []).map((p) => p.port).join()}`;
});
/** `pod ready/serving/terminating` of each endpoint. */
const inSlices = (name: string) => slicesOf(name).flatMap((s) => (s.endpoints ?? []).map(({ targetRef, conditions: c }) => `${targetRef?.name} ${[c?.ready && 'ready', c?.serving && 'serving', c?.terminating && 'terminating'].filter(Boolean).join()}`)).sort();

test('a pod of a node that is gone is in no slice, unless the Service publishes what is not ready', async () => {
  await bed.client.delete(Nodes, 'node-1');
  await serve(service('web'), service('all', { publishNotReadyAddresses: true }));
  await pod('a');
  expect([inSlices('web'), inSlices('all')]).toEqual([[], ['a ready,serving']]);
  expect(new Set(bed.errors.splice(0))).toEqual(new Set(['endpointslice-controller default/web: skipping Pod a for Service default/web: Node node-1 Not Found']));
  expect(bed.log.some((line) => line.includes('FailedToUpdateEndpointSlices Error updating Endpoint Slices for Service default/web: skipping Pod a for Service default/web: Node node-1 Not Found'))).toBe(true);
  await bed.client.create(Nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1' }, spec: {} });
  await bed.clock.advance(60_000);
  expect(inSlices('web')).toEqual(['a ready,serving']);
});

test('ready, not ready and terminating pods', async () => {
  await serve(service('web'));
  expect([subsets('web') ?? [], inSlices('web')]).toEqual([[], []]);
  await pod('a');
  await pod('b', { ready: false });
  await pod('c');
  await terminate('c');
  expect(subsets('web')).toEqual(['a|b:8080']);
  expect(inSlices('web')).toEqual(['a ready,serving', 'b ', 'c serving,terminating']);
  await setReady('a', false);
  await setReady('b', true);
  await status('c', { phase: 'Succeeded' });
  expect([subsets('web'), inSlices('web')]).toEqual([['b|a:8080'], ['a ', 'b ready,serving']]);
  expect(slicesOf('web')).toHaveLength(1);
});

test('a Service may publish what is not ready, as StatefulSets\' do', async () => {
  await serve(service('db', { clusterIP: 'None', publishNotReadyAddresses: true }));
  await pod('db-0', { ready: false, spec: { hostname: 'db-0', subdomain: 'db' } });
  await pod('db-1');
  await terminate('db-1');
  expect([subsets('db'), inSlices('db')]).toEqual([['db-0,db-1|:8080'], ['db-0 ready', 'db-1 ready,serving,terminating']]);
  expect(endpoints('db')?.metadata.labels).toEqual({ 'endpoints.kubernetes.io/managed-by': 'endpoint-controller', 'service.kubernetes.io/headless': '' });
  expect(endpoints('db')?.subsets?.[0]?.addresses?.map((a) => a.hostname)).toEqual(['db-0', undefined]);
  expect(slicesOf('db')[0]?.endpoints?.map((e) => e.hostname)).toEqual(['db-0', undefined]);
});

test('a headless Service without ports has addresses all the same', async () => {
  await serve(service('peers', { clusterIP: 'None', ports: [] }));
  await pod('a');
  expect([subsets('peers'), inSlices('peers')]).toEqual([['a|:'], ['a ready,serving']]);
});

test('named ports are each pod\'s own; ports that the same pods serve stand together', async () => {
  const container = (web: number, metrics?: number) => ({ containers: [{ name: 'c', image: 'i', ports: [{ name: 'web', containerPort: web }, ...(metrics ? [{ name: 'metrics', containerPort: metrics }] : [])] }] });
  await serve(service('web', { ports: [{ name: 'http', port: 80, targetPort: 'web' }, { name: 'metrics', port: 81, targetPort: 'metrics' }, { name: 'admin', port: 82, targetPort: 9000 }] }));
  await pod('a', { spec: container(8080, 9100) });
  await pod('b', { spec: container(8080, 9100) });
  await pod('c', { spec: container(8081) });
  expect(subsets('web')).toEqual(['a,b,c|:9000', 'a,b|:8080,9100', 'c|:8081']);
  expect(slicesOf('web').map((s) => `${s.endpoints?.map((e) => e.targetRef?.name).join()}:${s.ports?.map((p) => `${p.name}=${p.port}`).join()}`).sort()).toEqual(['a,b:http=8080,metrics=9100,admin=9000', 'c:http=8081,admin=9000']);
});

test('two Services may have the same pods; a pod moves with its labels', async () => {
  await serve(service('all'), service('blue', { selector: { app: 'web', color: 'blue' } }));
  await pod('a', { labels: { color: 'blue' } });
  await pod('b');
  expect([subsets('all'), subsets('blue')]).toEqual([['a,b|:8080'], ['a|:8080']]);
  await bed.client.patch(Pods, 'b', { type: 'merge', body: { metadata: { labels: { color: 'blue' } } } }, inDefault);
  await bed.client.patch(Pods, 'a', { type: 'merge', body: { metadata: { labels: { color: 'red' } } } }, inDefault);
  await bed.clock.advance(1000);
  expect([subsets('all'), subsets('blue'), inSlices('blue')]).toEqual([['a,b|:8080'], ['b|:8080'], ['b ready,serving']]);
});

test('labels follow the Service, and what was changed by hand comes back', async () => {
  await serve(service('web', {}, { tier: 'front' }));
  await pod('a');
  await bed.client.patch(Services, 'web', { type: 'merge', body: { metadata: { labels: { tier: null, team: 'x' } } } }, inDefault);
  await bed.clock.advance(1000);
  expect(endpoints('web')?.metadata.labels).toEqual({ team: 'x', 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' });
  expect(slicesOf('web')[0]?.metadata.labels).toMatchObject({ team: 'x' });
  expect(slicesOf('web')[0]?.metadata.labels).not.toHaveProperty('tier');
  await bed.client.delete(EndpointsList, 'web', inDefault);
  await bed.client.delete(EndpointSlices, slicesOf('web')[0]!.metadata.name!, inDefault);
  await bed.clock.advance(1000);
  expect([subsets('web'), inSlices('web')]).toEqual([['a|:8080'], ['a ready,serving']]);
});

test('a Service without selector, or of another name, keeps what somebody else made; Endpoints go with their Service', async () => {
  await serve(service('manual', { selector: undefined }), service('elsewhere', { type: 'ExternalName', externalName: 'example.com' }), service('web'));
  const made = await bed.client.create(EndpointsList, { apiVersion: 'v1', kind: 'Endpoints', metadata: { name: 'manual', ...inDefault }, subsets: [{ addresses: [{ ip: '192.0.2.1' }], ports: [{ port: 80 }] }] });
  await bed.client.create(EndpointsList, { apiVersion: 'v1', kind: 'Endpoints', metadata: { name: 'before-its-service', ...inDefault } });
  await pod('a');
  expect(bed.client.objects(EndpointsList).map((e) => e.metadata.name).sort()).toEqual(['before-its-service', 'manual', 'web']);
  expect(endpoints('manual')?.metadata.resourceVersion).toBe(made.metadata.resourceVersion);
  expect(bed.client.objects(EndpointSlices)).toHaveLength(1);
  for (const name of ['manual', 'web']) await bed.client.delete(Services, name, inDefault);
  await bed.clock.advance(1000);
  expect(bed.client.objects(EndpointsList).map((e) => e.metadata.name)).toEqual(['before-its-service']);
});

test('Endpoints whose Service went while nobody looked go at the next start', async () => {
  const later = await testbed();
  await later.client.create(EndpointsList, { apiVersion: 'v1', kind: 'Endpoints', metadata: { name: 'left', ...inDefault } });
  await later.start(endpointsController(later.context));
  await later.clock.advance(1000);
  expect(later.client.objects(EndpointsList)).toEqual([]);
  await later.stop();
});

test('each change says when what caused it happened', async () => {
  const times = () => [endpoints('web')?.metadata.annotations?.[TRIGGER_TIME], slicesOf('web')[0]?.metadata.annotations?.[TRIGGER_TIME]];
  await serve(service('web'));
  const made = bed.client.objects(Services)[0]!.metadata.creationTimestamp;
  expect(times()).toEqual([made, made]);
  await bed.clock.advance(10_000);
  await pod('a', { ready: false });
  expect(times()).toEqual([undefined, undefined]);
  const ready = rfc3339(bed.clock.now());
  await setReady('a', true);
  expect(times()).toEqual([ready, ready]);
  await bed.clock.advance(10_000);
  // What changes nothing of the endpoints leaves the time as it was.
  await bed.client.patch(Pods, 'a', { type: 'merge', body: { metadata: { annotations: { note: 'x' } } } }, inDefault);
  await bed.clock.advance(1000);
  expect(times()).toEqual([ready, ready]);
  await bed.client.patch(Services, 'web', { type: 'merge', body: { metadata: { labels: { a: 'b' } } } }, inDefault);
  await bed.clock.advance(1000);
  expect(times()).toEqual([undefined, undefined]);
});

describe('more than one Endpoints object holds', () => {
  const at = (n: number, ready: boolean): Pod => ({
    apiVersion: 'v1', kind: 'Pod', metadata: { name: `p${n}`, ...inDefault, uid: `u${n}` }, spec: { nodeName: 'n', containers: [{ name: 'c', image: 'i', ports: [{ name: 'web', containerPort: n % 4 === 0 ? 1 : 2 }] }] },
    status: { phase: 'Running', podIP: `10.0.${n >> 8}.${n & 255}`, podIPs: [{ ip: `10.0.${n >> 8}.${n & 255}` }], conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  });
  const named = service('web', { ports: [{ port: 80, targetPort: 'web' }] });
  const counts = (pods: Pod[]) => truncated(subsetsOf(named, pods))?.map((s) => [s.addresses?.length ?? 0, s.notReadyAddresses?.length ?? 0]);
  test.each<[string, Pod[], number[][] | undefined]>([
    ['all fit', Array.from({ length: MAX_ADDRESSES }, (_, n) => at(n, true)), undefined],
    ['ready ones first: the others are cut', Array.from({ length: 1200 }, (_, n) => at(n, n < 800)), [[200, 50], [600, 150]]],
    ['more ready ones than fit: each subset its share, none that is not ready', Array.from({ length: 2100 }, (_, n) => at(n, n < 2000)), [[250, 0], [750, 0]]],
    ['shares are rounded up, the last has the rest', Array.from({ length: 1003 }, (_, n) => at(n, true)), [[251, 0], [749, 0]]],
  ])('%s', (_, pods, wanted) => expect(counts(pods)).toEqual(wanted));

  test('is cut and says so, until all fit again', async () => {
    await bed.stop();
    bed = await testbed();
    for (let n = 0; n <= MAX_ADDRESSES; n++) {
      const { metadata, spec, status: state } = at(n, true);
      const made = await bed.client.create(Pods, { apiVersion: 'v1', kind: 'Pod', metadata: { name: metadata.name, ...inDefault, labels: { app: 'web' } }, spec: { ...spec, automountServiceAccountToken: false } });
      await bed.client.update(Pods, { ...made, status: state }, { subresource: 'status' });
    }
    await bed.start(endpointsController(bed.context));
    await serve(service('web'));
    const over = 'endpoints.kubernetes.io/over-capacity';
    expect([endpoints('web')?.subsets?.[0]?.addresses?.length, endpoints('web')?.metadata.annotations?.[over]]).toEqual([MAX_ADDRESSES, 'truncated']);
    const version = endpoints('web')?.metadata.resourceVersion;
    await bed.client.patch(Services, 'web', { type: 'merge', body: { metadata: { annotations: { note: 'x' } } } }, inDefault);
    await bed.clock.advance(1000);
    expect(endpoints('web')?.metadata.resourceVersion).toBe(version);
    await bed.client.delete(Pods, 'p7', { ...inDefault, gracePeriodSeconds: 0 });
    await bed.clock.advance(1000);
    expect([endpoints('web')?.subsets?.[0]?.addresses?.length, endpoints('web')?.metadata.annotations?.[over]]).toEqual([MAX_ADDRESSES, undefined]);
  });
});

test('nothing is made, and nothing said, while the namespace ends', async () => {
  await bed.client.create(Namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'ending' }, spec: {} });
  const held = { ...service('web'), metadata: { name: 'web', namespace: 'ending', finalizers: ['example.com/hold'] } };
  await serve(held);
  expect(endpoints('web')).toBeDefined();
  await bed.client.delete(Namespaces, 'ending');
  await bed.client.delete(Services, 'web', { namespace: 'ending' });
  await bed.client.delete(EndpointsList, 'web', { namespace: 'ending' });
  for (const slice of slicesOf('web')) await bed.client.delete(EndpointSlices, slice.metadata.name!, { namespace: 'ending' });
  await bed.clock.advance(600_000);
  expect([endpoints('web'), slicesOf('web')]).toEqual([undefined, []]);
  expect(bed.log.filter((line) => line.includes('Warning'))).toEqual([]);
});
