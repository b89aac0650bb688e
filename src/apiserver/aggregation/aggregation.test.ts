import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { APIServices } from '../../api/kinds/apiregistration/api-service.ts';
import { ConfigMaps } from '../../api/kinds/core/config-map.ts';
import { Services } from '../../api/kinds/core/service.ts';
import { EndpointSlices } from '../../api/kinds/discovery/endpoint-slice.ts';
import { realClock } from '../../base/clock.ts';
import { createAuthority, issueCertificate } from '../pki.ts';
import { serve, type Served } from '../testing.suite.ts';

interface Heard {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly user: unknown;
  readonly groups: unknown;
  readonly authorization: unknown;
  readonly peer: string;
  readonly body: string;
}

let api: Served & { readonly defects: unknown[] };
let backend: Server;
let port = 0;
let caBundle = '';
const heard: Heard[] = [];

beforeAll(async () => {
  const clock = realClock();
  const ca = await createAuthority('far-ca', clock);
  const serving = await issueCertificate(ca, { commonName: 'far', organizations: [], hosts: ['far.default.svc'], usage: 'server' }, clock);
  caBundle = Buffer.from(ca.cert).toString('base64');
  backend = createServer({ cert: serving.cert, key: serving.key, requestCert: true, rejectUnauthorized: false }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { authorization, ...headers } = request.headers;
      const peer = (request.socket as TLSSocket).getPeerCertificate();
      heard.push({ method: request.method, url: request.url, user: headers['x-remote-user'], groups: headers['x-remote-group'], authorization, peer: `${peer.subject?.CN} of ${peer.issuer?.CN}`, body: Buffer.concat(chunks).toString() });
      response.setHeader('content-type', 'application/json');
      if (request.url === '/apis/far.e.com/v1') {
        response.end('{"kind":"APIResourceList","apiVersion":"v1","groupVersion":"far.e.com/v1","resources":[{"name":"ships","singularName":"ship","kind":"Ship","namespaced":true,"verbs":["list","create"],"shortNames":["sh"]}]}');
      } else if (request.url?.startsWith('/apis/far.e.com/v1/')) response.writeHead(request.method === 'POST' ? 201 : 200).end('{"kind":"ShipList","apiVersion":"far.e.com/v1","items":[]}');
      else response.writeHead(404).end('{}');
    });
  });
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
  port = (backend.address() as AddressInfo).port;
  api = await serve({ tokens: [{ token: 'boss', user: 'boss', groups: ['system:masters', 'crew'] }] });
});
afterAll(async () => {
  await api.close();
  backend.closeAllConnections();
  backend.close();
  expect(api.defects).toEqual([]);
});

const available = async () => (await api.server.client().get(APIServices, 'v1.far.e.com')).status?.conditions?.find(({ type }) => type === 'Available');
const ships = '/apis/far.e.com/v1/namespaces/default/ships';

it('passes requests on to the API server that an APIService names, once that is there', async () => {
  const client = api.server.client();
  await client.create(APIServices, {
    apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', metadata: { name: 'v1.far.e.com' },
    spec: { group: 'far.e.com', version: 'v1', groupPriorityMinimum: 2000, versionPriority: 200, caBundle, service: { name: 'far', namespace: 'default', port: 7443 } },
  });
  await expect.poll(available).toMatchObject({ status: 'False', reason: 'ServiceNotFound', message: 'service/far in "default" is not present' });
  expect(await api.ask('GET', ships)).toMatchObject({ status: 503, text: 'service unavailable\n' });
  await client.create(Services, { apiVersion: 'v1', kind: 'Service', metadata: { name: 'far', namespace: 'default' }, spec: { ports: [{ port: 7443 }] } });
  await expect.poll(available).toMatchObject({ reason: 'EndpointsNotFound', message: 'cannot find endpointslices for service/far in "default"' });
  await client.create(EndpointSlices, {
    apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { name: 'far-1', namespace: 'default', labels: { 'kubernetes.io/service-name': 'far' } }, addressType: 'IPv4',
    endpoints: [{ addresses: ['10.0.0.9'], conditions: { ready: false } }], ports: [{ name: '', port }],
  } as never);
  await expect.poll(available).toMatchObject({ reason: 'MissingEndpoints', message: 'endpointslices for service/far in "default" have no addresses with port name ""' });
  await client.patch(EndpointSlices, 'far-1', { type: 'merge', body: { endpoints: [{ addresses: ['10.0.0.9'], conditions: { ready: false } }] } }, { namespace: 'default' });
  // A slice may not name loopback addresses; the service is said to be elsewhere.
  await client.patch(Services, 'far', { type: 'merge', body: { spec: { type: 'ExternalName', externalName: '127.0.0.1', ports: null, clusterIP: null, clusterIPs: null } } }, { namespace: 'default' });
  await client.patch(APIServices, 'v1.far.e.com', { type: 'merge', body: { spec: { service: { port } } } });
  await expect.poll(available, { timeout: 5_000 }).toMatchObject({ status: 'True', reason: 'Passed', message: 'all checks passed' });

  heard.length = 0;
  const made = await api.ask('POST', `${ships}?dryRun=All`, { body: '{"a":1}', headers: { authorization: 'Bearer boss' }, anonymous: true });
  expect([made.status, made.json()]).toEqual([201, { kind: 'ShipList', apiVersion: 'far.e.com/v1', items: [] }]);
  expect(heard).toEqual([{
    method: 'POST', url: `${ships}?dryRun=All`, user: 'boss', groups: 'system:masters, crew, system:authenticated', authorization: undefined, peer: expect.stringMatching(/^front-proxy-client of front-proxy-ca@/), body: '{"a":1}',
  }]);
  expect((await api.ask('GET', ships, { anonymous: true })).status).toBe(403);
});

it('lists them in discovery', async () => {
  expect((await api.ask('GET', '/apis/far.e.com')).json()).toMatchObject({ kind: 'APIGroup', name: 'far.e.com', preferredVersion: { groupVersion: 'far.e.com/v1' } });
  expect((await api.ask('GET', '/openapi/v3')).json()).toMatchObject({ paths: { 'apis/far.e.com/v1': { serverRelativeURL: '/openapi/v3/apis/far.e.com/v1' } } });
  await api.ask('GET', '/openapi/v3/apis/far.e.com/v1');
  expect(heard.at(-1)).toMatchObject({ url: '/openapi/v3/apis/far.e.com/v1', user: 'admin' });
  expect((await api.ask('GET', '/apis/far.e.com/v1')).json()).toMatchObject({ resources: [{ name: 'ships' }] });
  const all = (await api.ask('GET', '/apis', { headers: { accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList' } })).json()['items'] as { metadata: { name: string } }[];
  expect(all.find(({ metadata }) => metadata.name === 'far.e.com')).toMatchObject({ versions: [{ version: 'v1', resources: [{ resource: 'ships', responseKind: { group: 'far.e.com', version: 'v1', kind: 'Ship' }, shortNames: ['sh'] }] }] });
});

it('tells them whom to believe', async () => {
  const published = async () => (await api.server.client().get(ConfigMaps, 'extension-apiserver-authentication', { namespace: 'kube-system' }).catch(() => undefined))?.data;
  await expect.poll(published, { timeout: 5_000 }).toMatchObject({
    'client-ca-file': api.pki.ca.cert, 'requestheader-allowed-names': '["front-proxy-client"]', 'requestheader-client-ca-file': expect.stringContaining('BEGIN CERTIFICATE') as string, 'requestheader-username-headers': '["X-Remote-User"]',
  });
});

it('is gone with its APIService', async () => {
  await api.server.client().delete(APIServices, 'v1.far.e.com');
  expect((await api.ask('GET', ships)).status).toBe(404);
  expect((await api.ask('GET', '/apis/far.e.com')).status).toBe(404);
});
