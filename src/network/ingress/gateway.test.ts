import { Metadata } from '@grpc/grpc-js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CustomResourceDefinitions } from '../../api/kinds/apiextensions/custom-resource-definition.ts';
import type { Network } from '../index.ts';
import { createMeter } from '../meter.ts';
import { testClient } from '../testing/api.ts';
import { createService, setPods } from '../testing/cluster.ts';
import { get, startNetwork, type Ask } from '../testing/network.ts';
import { echoClient, grpcPod, status } from '../testing/grpc.ts';
import { httpPod, until, type HttpPod } from '../testing/pods.ts';
import { attachments, commonHosts, milliseconds, rulesOfRoute } from './from-route.ts';
import { asHttpRoute } from './from-grpc-route.ts';
import { GatewayClasses, Gateways, GrpcRoutes, HttpRoutes, type Gateway, type GrpcMethodMatch, type HttpRoute, type ParentRef, type ReferenceGrant } from './gateway-types.ts';
import { checkListeners, type References } from './listeners.ts';
import { createRouter } from './router.ts';
import { weightedRoundRobin } from './weighted.ts';

const API = 'gateway.networking.k8s.io/v1';
const references: References = { hasService: () => true, certificateProblem: (_, name) => (name === 'good' ? undefined : `secret "${name}" not found`), namespaceLabels: (name) => ({ team: name }), grants: [] };
const checked = (...gateways: Gateway[]) => gateways.map((one) => ({ gateway: one, listeners: checkListeners(one, references) }));
const keep = { meter: () => createMeter(() => 0), weighted: (_: string, weights: readonly number[]) => weightedRoundRobin(weights) };
const gateway: Gateway = {
  apiVersion: API, kind: 'Gateway', metadata: { name: 'gw', namespace: 'default' },
  spec: { gatewayClassName: 'coracle', listeners: [{ name: 'http', port: 80, protocol: 'HTTP', hostname: '*.gw.localhost' }, { name: 'tcp', port: 9000, protocol: 'TCP' }] },
};
const EVERYWHERE = [{ host: '', scheme: 'http' }] as const;
const route = (spec: HttpRoute['spec'], name = 'r', namespace = 'default'): HttpRoute => ({ apiVersion: API, kind: 'HTTPRoute', metadata: { name, namespace }, spec: { parentRefs: [{ name: 'gw' }], ...spec } });

test.each([
  [undefined, undefined, ['']],
  [undefined, ['A.test'], ['a.test']],
  ['*.a.test', undefined, ['*.a.test']],
  ['*.a.test', ['x.a.test', 'x.b.test'], ['x.a.test']],
  ['x.a.test', ['*.a.test'], ['x.a.test']],
  ['a.test', ['b.test'], []],
])('hosts of listener %j and route %j', (listener, own, expected) => {
  expect(commonHosts(listener, own)).toEqual(expected);
});

test.each([['10s', 10_000], ['1h30m', 5_400_000], ['500ms', 500], ['1m1ms', 60_001], ['0s', undefined], ['soon', undefined], [undefined, undefined]])('duration %s', (text, expected) => {
  expect(milliseconds(text)).toBe(expected);
});

test.each([
  [{}, 'Accepted'],
  [{ hostnames: ['other.test'] }, 'NoMatchingListenerHostname'],
  [{ parentRefs: [{ name: 'gw', sectionName: 'nope' }] }, 'NoMatchingParent'],
  [{ parentRefs: [{ name: 'gw', sectionName: 'tcp' }] }, 'NotAllowedByListeners'],
])('attachment of %j', (spec, reason) => {
  expect(attachments(route(spec), checked(gateway), references).map((a) => a.reason)).toEqual([reason]);
});

test('a route of another namespace attaches only where the listener says so', () => {
  const far = route({ parentRefs: [{ name: 'gw', namespace: 'default' }] }, 'r', 'elsewhere');
  expect(attachments(far, checked(gateway), references)[0]!.reason).toBe('NotAllowedByListeners');
  const opened = (namespaces: object) => ({ ...gateway, spec: { listeners: [{ ...gateway.spec!.listeners![0]!, allowedRoutes: { namespaces } }] } });
  const reason = (namespaces: object) => attachments(far, checked(opened(namespaces)), references)[0]!.reason;
  expect(reason({ from: 'All' })).toBe('Accepted');
  expect(reason({ from: 'Selector', selector: { matchLabels: { team: 'elsewhere' } } })).toBe('Accepted');
  expect(reason({ from: 'Selector', selector: { matchLabels: { team: 'default' } } })).toBe('NotAllowedByListeners');
  expect(reason({ from: 'Selector', selector: { matchExpressions: [{ key: 'team', operator: 'Nonsense' }] } })).toBe('NotAllowedByListeners');
});

const secure = (tls: object, allowedRoutes?: object): Gateway => ({ ...gateway, spec: { listeners: [{ name: 'https', port: 443, protocol: 'HTTPS', hostname: 'S.test', tls, ...(allowedRoutes && { allowedRoutes }) }] } });

test.each([
  [{ certificateRefs: [{ name: 'good' }] }, 'https', [{ host: 's.test', namespace: 'default', secret: 'good' }], undefined, undefined],
  [{ options: { 'coracle.dev/certificate': 'default' } }, 'https', [], undefined, undefined],
  [{ certificateRefs: [{ name: 'bad' }] }, undefined, [], undefined, 'InvalidCertificateRef'],
  [{ certificateRefs: [{ name: 'good', kind: 'ConfigMap' }] }, undefined, [], undefined, 'InvalidCertificateRef'],
  [{ certificateRefs: [{ name: 'good', namespace: 'other' }] }, undefined, [], undefined, 'RefNotPermitted'],
  [{ mode: 'Passthrough' }, undefined, [], 'UnsupportedValue', undefined],
])('a listener with tls %j', (tls, scheme, names, notAccepted, unresolved) => {
  const [found] = checkListeners(secure(tls), references);
  expect(found).toMatchObject({ scheme, tls: names });
  expect(found!.notAccepted?.reason).toBe(notAccepted);
  expect(found!.unresolved?.reason).toBe(unresolved);
});

test('a route is served where its listeners are: HTTPS alone is not HTTP', () => {
  const both = { ...gateway, spec: { listeners: [...gateway.spec!.listeners!, ...secure({}).spec!.listeners!] } };
  const places = (parentRefs: ParentRef[]) => attachments(route({ parentRefs }), checked(both), references).flatMap((parent) => parent.places);
  expect(places([{ name: 'gw', sectionName: 'https' }])).toEqual([{ host: 's.test', scheme: 'https' }]);
  expect(places([{ name: 'gw' }])).toEqual([{ host: '*.gw.localhost', scheme: 'http' }, { host: 's.test', scheme: 'https' }]);
});

const grant = (from: object, to: object): ReferenceGrant => ({ apiVersion: 'gateway.networking.k8s.io/v1beta1', kind: 'ReferenceGrant', metadata: { name: 'g', namespace: 'other' }, spec: { from: [from], to: [to] } });
const routesOfDefault = { group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', namespace: 'default' };

test.each([
  [[], false],
  [[grant(routesOfDefault, { group: '', kind: 'Service' })], true],
  [[grant(routesOfDefault, { group: '', kind: 'Service', name: 'api' })], true],
  [[grant(routesOfDefault, { group: '', kind: 'Service', name: 'web' })], false],
  [[grant(routesOfDefault, { group: '', kind: 'Secret' })], false],
  [[grant({ ...routesOfDefault, namespace: 'third' }, { group: '', kind: 'Service' })], false],
  [[grant({ ...routesOfDefault, kind: 'Gateway' }, { group: '', kind: 'Service' })], false],
])('a Service of another namespace, with grants %j', (grants, allowed) => {
  const compiled = rulesOfRoute(route({ rules: [{ backendRefs: [{ name: 'api', namespace: 'other', port: 80 }] }] }), EVERYWHERE, keep, { ...references, grants });
  expect(compiled.unresolved.map(({ reason }) => reason)).toEqual(allowed ? [] : ['RefNotPermitted']);
  expect(compiled.rules[0]!.action).toMatchObject({ kind: 'forward', targets: [{ namespace: 'other', service: 'api' }] });
});

test('what cannot be done is refused, not left out', () => {
  const action = (rule: object) => rulesOfRoute(route({ rules: [rule] }), EVERYWHERE, keep, references).rules[0]!.action;
  expect(action({ backendRefs: [{ name: 'a', port: 80, weight: 0 }] })).toEqual({ kind: 'refuse', status: 500, why: 'no backend has any weight' });
  expect(action({ filters: [{ type: 'ExtensionRef' }], backendRefs: [{ name: 'a', port: 80 }] })).toEqual({ kind: 'refuse', status: 500, why: 'filter ExtensionRef is not supported' });
  expect(action({ backendRefs: [{ name: 'a', port: 80, filters: [{ type: 'URLRewrite' }] }] })).toMatchObject({ kind: 'refuse', why: 'filter URLRewrite is not supported on a backend; put it on the rule' });
});

test('a regular expression that means nothing is said', () => {
  const { unsupported } = rulesOfRoute(route({ rules: [{ matches: [{ path: { type: 'RegularExpression', value: '/(' } }, { headers: [{ type: 'RegularExpression', name: 'x', value: '[a-z]+' }] }], backendRefs: [{ name: 'a', port: 80 }] }] }), EVERYWHERE, keep, references);
  expect(unsupported).toEqual(['"/(" is no regular expression']);
});

test('the more particular match wins', () => {
  const to = (name: string) => [{ name, port: 80 }];
  const { rules } = rulesOfRoute(
    route({
      rules: [
        { backendRefs: to('all') },
        { matches: [{ path: { value: '/api' } }], backendRefs: to('api') },
        { matches: [{ path: { type: 'Exact', value: '/api' } }], backendRefs: to('exact') },
        { matches: [{ path: { value: '/api' }, method: 'POST' }], backendRefs: to('post') },
        { matches: [{ path: { value: '/api' }, headers: [{ name: 'X-Env', value: 'canary' }] }], backendRefs: to('header') },
        { matches: [{ path: { value: '/api' }, queryParams: [{ name: 'v', value: '[23]', type: 'RegularExpression' }] }], backendRefs: to('query') },
      ],
    }),
    EVERYWHERE, keep, references,
  );
  const router = createRouter(rules);
  const ask = (path: string, query = '', method = 'GET', headers: Record<string, string> = {}) => {
    const action = router.match('any.test', path, query, { method, header: (name) => headers[name] })?.action;
    return action?.kind === 'forward' ? action.targets[0]!.service : undefined;
  };
  expect(ask('/')).toBe('all');
  expect(ask('/api')).toBe('exact');
  expect(ask('/api/x')).toBe('api');
  expect(ask('/api/x', '', 'POST', { 'x-env': 'canary' })).toBe('post');
  expect(ask('/api/x', 'v=2', 'GET', { 'x-env': 'canary' })).toBe('header');
  expect(ask('/api/x', 'v=2')).toBe('query');
  expect(ask('/apix')).toBe('all');
});

const client = testClient();
const pods: HttpPod[] = [];
const seen: { pod: string; url: string; length: number }[] = [];
let network: Network;
let http = 0;

beforeAll(async () => {
  network = await startNetwork(client, { ingress: { httpPort: 0, httpsPort: 0, hosts: ['127.0.0.1'] } });
  http = network.ingressPorts!.http;
  for (const [i, name] of ['v1', 'v2'].entries()) {
    const pod = await httpPod(name, `127.97.12.${i + 1}`, 8080, (request, response) => {
      response.setHeader('x-inner', 'secret');
      const arrived = { pod: name, url: request.url ?? '', length: 0 };
      request.on('data', (bytes: Buffer) => void (arrived.length += bytes.length));
      request.on('end', () => {
        seen.push(arrived);
        if (request.url !== '/slow') response.end(JSON.stringify({ name, url: request.url, headers: request.headers }));
      });
    });
    pods.push(pod);
    await createService(client, name, { clusterIP: `127.96.12.${i + 1}`, ports: [{ port: 8080 }] });
    await setPods(client, name, 8080, [pod]);
  }
  for (const type of [GatewayClasses, Gateways, HttpRoutes, GrpcRoutes]) {
    await client.create(CustomResourceDefinitions, {
      apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: `${type.plural}.${type.group}` },
      spec: { group: type.group, names: { kind: type.kind, plural: type.plural }, scope: type.namespaced ? 'Namespaced' : 'Cluster', versions: [{ name: 'v1', served: true, storage: true }] },
      status: { conditions: [{ type: 'Established', status: 'True' }] },
    });
  }
  await until(() => client.get(GatewayClasses, 'coracle').then(() => true, () => false));
  await client.create(Gateways, gateway);
  await client.create(
    HttpRoutes,
    route({
      hostnames: ['app.gw.localhost'],
      rules: [
        { backendRefs: [{ name: 'v1', port: 8080, weight: 90 }, { name: 'v2', port: 8080, weight: 10 }] },
        {
          matches: [{ path: { value: '/old' } }],
          filters: [
            { type: 'URLRewrite', urlRewrite: { hostname: 'inner.test', path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/new' } } },
            { type: 'RequestHeaderModifier', requestHeaderModifier: { set: [{ name: 'X-Set', value: 'yes' }, { name: 'X-Bad', value: 'a\r\nEvil: 1' }], remove: ['X-Gone'] } },
            { type: 'ResponseHeaderModifier', responseHeaderModifier: { add: [{ name: 'X-Added', value: 'too' }], remove: ['x-inner'] } },
          ],
          backendRefs: [{ name: 'v1', port: 8080 }],
        },
        { matches: [{ path: { type: 'Exact', value: '/away' } }], filters: [{ type: 'RequestRedirect', requestRedirect: { scheme: 'https', statusCode: 301 } }] },
        { matches: [{ path: { value: '/slow' } }], timeouts: { request: '100ms' }, backendRefs: [{ name: 'v1', port: 8080 }] },
        { matches: [{ path: { value: '/mirrored' } }], filters: [{ type: 'RequestMirror', requestMirror: { backendRef: { name: 'v2', port: 8080 } } }], backendRefs: [{ name: 'v1', port: 8080 }] },
        { matches: [{ path: { value: '/half' } }], filters: [{ type: 'RequestMirror', requestMirror: { backendRef: { name: 'v2', port: 8080 }, percent: 50 } }], backendRefs: [{ name: 'v1', port: 8080 }] },
        { matches: [{ path: { value: '/share' } }], backendRefs: [{ name: 'v1', port: 8080, weight: 3 }, { name: 'nobody', port: 80, weight: 1 }] },
        { matches: [{ path: { value: '/missing' } }], backendRefs: [{ name: 'nobody', port: 80 }] },
      ],
    }),
  );
  await until(async () => (await ask('/')).status === 200);
});
afterAll(async () => {
  await network.stop();
  for (const pod of pods) await pod.kill();
});

const ask = (path: string, options: Ask = {}) => get('127.0.0.1', http, { ...options, path, headers: { host: 'app.gw.localhost', ...options.headers } });

test('weights are exact', async () => {
  const answers: string[] = [];
  for (let i = 0; i < 100; i++) answers.push((JSON.parse((await ask('/')).body) as { name: string }).name);
  expect(answers.filter((name) => name === 'v2')).toHaveLength(10);
});

test('rewrites, header changes, redirects, timeouts', async () => {
  const rewritten = await ask('/old/path?q=1', { headers: { 'x-gone': '1' } });
  expect(JSON.parse(rewritten.body)).toMatchObject({ url: '/new/path?q=1', headers: { host: 'inner.test', 'x-set': 'yes', 'x-forwarded-host': 'app.gw.localhost' } });
  expect(rewritten.body).not.toContain('x-gone');
  expect(rewritten.body).not.toContain('evil');
  expect(rewritten.headers).toMatchObject({ 'x-added': 'too' });
  expect(rewritten.headers).not.toHaveProperty('x-inner');
  expect(await ask('/away?x=y')).toMatchObject({ status: 301, headers: { location: `https://app.gw.localhost:${network.ingressPorts!.https}/away?x=y` } });
  expect((await ask('/slow')).status).toBe(504);
  expect((await ask('/missing')).status).toBe(500);
});

test('the share of a backend that is not there is answered with 500', async () => {
  const statuses: number[] = [];
  for (let i = 0; i < 20; i++) statuses.push((await ask('/share')).status);
  expect([statuses.filter((status) => status === 200).length, statuses.filter((status) => status === 500).length]).toEqual([15, 5]);
});

test.each<[GrpcMethodMatch | undefined, object]>([
  [undefined, { type: 'PathPrefix', value: '/' }],
  [{ service: 'a.B', method: 'C' }, { type: 'Exact', value: '/a.B/C' }],
  [{ type: 'Exact', service: 'a.B' }, { type: 'PathPrefix', value: '/a.B' }],
  [{ method: 'C' }, { type: 'RegularExpression', value: '/[^/]+/C' }],
  [{ type: 'RegularExpression', service: 'a\\..*' }, { type: 'RegularExpression', value: '/(?:a\\..*)/(?:[^/]+)' }],
])('calls of %j are requests for %j', (method, path) => {
  const { spec } = asHttpRoute({ apiVersion: API, kind: 'GRPCRoute', metadata: { name: 'g' }, spec: { rules: [{ matches: [{ ...(method && { method }) }] }] } });
  expect(spec!.rules).toEqual([{ matches: [{ path }] }]);
});

test('GRPCRoute: calls go by service, method and headers, in HTTP/2 whatever the Service says', async () => {
  const [one, two] = [await grpcPod('one', '127.97.62.1', 8080), await grpcPod('two', '127.97.62.2', 8080)];
  for (const [i, pod] of [one, two].entries()) {
    await createService(client, `grpc-${pod.name}`, { clusterIP: `127.96.62.${i + 1}`, ports: [{ port: 8080 }] });
    await setPods(client, `grpc-${pod.name}`, 8080, [pod]);
  }
  await client.create(GrpcRoutes, {
    apiVersion: API, kind: 'GRPCRoute', metadata: { name: 'g', namespace: 'default' },
    spec: {
      parentRefs: [{ name: 'gw' }], hostnames: ['grpc.gw.localhost'],
      rules: [
        { matches: [{ method: { service: 'echo.Echo', method: 'Unary' } }], backendRefs: [{ name: 'grpc-one', port: 8080 }], filters: [{ type: 'RequestHeaderModifier', requestHeaderModifier: { set: [{ name: 'x-asked', value: 'by the route' }] } }] },
        { matches: [{ method: { service: 'echo.Echo', method: 'Unary' }, headers: [{ name: 'x-two', value: 'yes' }] }, { method: { method: 'Collect' } }], backendRefs: [{ name: 'grpc-two', port: 8080 }] },
        { matches: [{ method: { service: 'echo.Echo', method: 'Count' } }], backendRefs: [{ name: 'grpc-nobody', port: 8080 }] },
      ],
    },
  });
  const calls = echoClient(`127.0.0.1:${http}`, 'grpc.gw.localhost');
  await until(() => calls.unary('x').then(() => true, () => false));
  expect(await calls.unary('x')).toBe('one x by the route');
  const metadata = new Metadata();
  metadata.set('x-two', 'yes');
  expect(await calls.unary('x', metadata)).toBe('two x ');
  expect(await calls.collect([Buffer.from('abc')])).toBe('two 3');
  await expect(new Promise((_, reject) => calls.count(1).on('error', reject).resume())).rejects.toMatchObject({ code: status.UNAVAILABLE, details: '500 service "grpc-nobody" not found' });
  await expect(new Promise((_, reject) => calls.chat().on('error', reject).resume())).rejects.toMatchObject({ code: status.UNIMPLEMENTED });
  await until(async () => (await client.get(GrpcRoutes, 'g', { namespace: 'default' })).status?.parents !== undefined);
  expect((await client.get(GrpcRoutes, 'g', { namespace: 'default' })).status!.parents![0]!.conditions).toMatchObject([{ type: 'Accepted', status: 'True' }, { type: 'ResolvedRefs', status: 'False', reason: 'BackendNotFound' }]);
  expect((await client.get(Gateways, 'gw', { namespace: 'default' })).status!.listeners![0]).toMatchObject({ attachedRoutes: 2, supportedKinds: [{ kind: 'HTTPRoute' }, { kind: 'GRPCRoute' }] });
  calls.close();
  one.kill();
  two.kill();
  await client.delete(GrpcRoutes, 'g', { namespace: 'default' });
});

test('a mirror gets a copy of the request with its body, and cannot disturb the answer', async () => {
  const at = (pod: string, url: string) => seen.filter((one) => one.pod === pod && one.url === url);
  const big = await ask('/mirrored/big', { method: 'POST', body: Buffer.alloc(300_000) });
  expect(JSON.parse(big.body)).toMatchObject({ name: 'v1', url: '/mirrored/big' });
  await until(async () => at('v2', '/mirrored/big').length === 1);
  expect(at('v1', '/mirrored/big')).toEqual([{ pod: 'v1', url: '/mirrored/big', length: 300_000 }]);
  expect(at('v2', '/mirrored/big')).toEqual([{ pod: 'v2', url: '/mirrored/big', length: 300_000 }]);

  for (let i = 0; i < 20; i++) expect((await ask('/half')).status).toBe(200);
  await until(async () => at('v2', '/half').length === 10);
  expect(at('v1', '/half')).toHaveLength(20);

  const v2 = pods[1]!;
  await v2.kill();
  for (let i = 0; i < 5; i++) expect((await ask('/mirrored', { method: 'POST', body: 'x' })).status).toBe(200);
  expect(network.requestStats().pods.find((pod) => pod.name === 'v1')!.inFlight).toBe(0);
});

test('what became of each stands in its status', async () => {
  await until(async () => (await client.get(HttpRoutes, 'r', { namespace: 'default' })).status?.parents !== undefined);
  const { status } = await client.get(HttpRoutes, 'r', { namespace: 'default' });
  expect(status!.parents![0]!.conditions).toMatchObject([
    { type: 'Accepted', status: 'True', reason: 'Accepted' },
    { type: 'ResolvedRefs', status: 'False', reason: 'BackendNotFound', message: 'service "nobody" not found' },
  ]);
  await until(async () => (await client.get(Gateways, 'gw', { namespace: 'default' })).status?.addresses !== undefined);
  const shown = (await client.get(Gateways, 'gw', { namespace: 'default' })).status!;
  expect(shown).toMatchObject({ addresses: [{ type: 'IPAddress', value: '127.0.0.1' }], listeners: [{ name: 'http', attachedRoutes: 1 }, { name: 'tcp', attachedRoutes: 0, conditions: [{ type: 'Accepted', status: 'False', reason: 'UnsupportedProtocol' }, {}, {}] }] });
});
