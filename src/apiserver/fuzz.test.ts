import { connect, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { encodeProtobuf } from '../api/schema/protobuf.ts';
import { seededRandom } from '../base/random.ts';
import { serve, type Served } from './testing.suite.ts';

// CORACLE_FUZZ=100000 for the long run; CORACLE_FUZZ_SEED to repeat one.
const COUNT = Number(process.env['CORACLE_FUZZ'] ?? 3_000);
const SEED = Number(process.env['CORACLE_FUZZ_SEED'] ?? 1);

const found = () => api.defects.splice(0).map((defect) => (defect instanceof Error ? defect.stack : defect));
let api: Served & { readonly defects: unknown[] };
beforeAll(async () => {
  api = await serve({ admission: [] });
  for (const [path, object] of SEEDS) expect((await api.ask('POST', path, { body: JSON.stringify(object) })).status).toBe(201);
});
afterAll(() => api.close());

const random = seededRandom(SEED);
const pick = <T>(list: readonly T[]): T => list[random.int(list.length)]!;
const chance = (p: number) => random.next() < p;

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];
const TYPES = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf', 'application/json-patch+json', 'application/merge-patch+json', 'application/strategic-merge-patch+json', 'application/apply-patch+yaml', 'text/plain', ''];
const ACCEPTS = ['*/*', 'application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf', 'application/json;as=Table;v=v1;g=meta.k8s.io', 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1', ';;;', 'application/json;q=x'];
const GROUPS = ['/api/v1', '/apis/apps/v1', '/apis/batch/v1', '/apis/extensions/v1beta1', '/apis/autoscaling/v2', '/apis/rbac.authorization.k8s.io/v1', '/apis/policy/v1', '/apis/authorization.k8s.io/v1', '/apis/authentication.k8s.io/v1', '/apis/nope/v9', '/apis', '/api', '/openapi/v3'];
const RESOURCES = ['pods', 'configmaps', 'secrets', 'services', 'nodes', 'namespaces', 'deployments', 'jobs', 'horizontalpodautoscalers', 'roles', 'clusterroles', 'events', 'selfsubjectaccessreviews', 'tokenreviews', 'bindings', 'nope', '%2e%2e', '%zz', '%00'];
const NAMES = ['a', 'b', 'A_b', 'x'.repeat(300), '..', '%2F', 'kubernetes', 'default', '__proto__', 'constructor', ''];
const SUBRESOURCES = ['', '', '', 'status', 'scale', 'binding', 'eviction', 'token', 'log', 'exec', 'proxy', 'proxy/x', 'finalize', 'ephemeralcontainers', 'nope'];
const QUERIES = ['limit=1', 'limit=-1', 'limit=x', 'continue=abc', 'continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MSwic3RhcnQiOiJ4In0', 'labelSelector=a%3Db', 'labelSelector=%28', 'fieldSelector=metadata.name%3Da', 'fieldSelector=%5C', 'resourceVersion=0', 'resourceVersion=-1', 'resourceVersion=1', 'resourceVersionMatch=Exact', 'dryRun=All', 'dryRun=x', 'fieldManager=f', `fieldManager=${'f'.repeat(200)}`, 'fieldValidation=Strict', 'fieldValidation=x', 'force=true', 'pretty=1', 'includeObject=Object', 'includeObject=x', 'gracePeriodSeconds=0', 'propagationPolicy=Orphan', 'propagationPolicy=x', 'timeout=1s', 'timeout=x', 'watch=1&timeoutSeconds=1', 'sendInitialEvents=true', '%'];
const SCALARS = [null, true, 0, -1, 1.5, 1e308, '', 'a', '\u0000', '10Gi', '50%', '2025-01-01T00:00:00Z', 'x'.repeat(1_000), '\ud800'];
const KEYS = ['apiVersion', 'kind', 'metadata', 'name', 'namespace', 'labels', 'annotations', 'finalizers', 'ownerReferences', 'generateName', 'resourceVersion', 'uid', 'managedFields', 'spec', 'status', 'data', 'template', 'containers', 'selector', 'matchLabels', 'replicas', 'ports', 'rules', 'subjects', 'roleRef', 'target', 'token', '$patch', '$retainKeys', '$setElementOrder/containers', 'op', 'path', 'value', 'from', '__proto__', 'constructor', 'toString', 'hasOwnProperty'];

const template = { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'c', image: 'i', ports: [{ containerPort: 80 }], env: [{ name: 'A', value: '1' }] }] } };
/** Objects that are there, so that patches reach further than 404. */
const SEEDS: readonly (readonly [string, object])[] = [
  ['/api/v1/namespaces/default/configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'seed' }, data: { a: '1' } }],
  ['/api/v1/namespaces/default/pods', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'seed' }, spec: template.spec }],
  ['/api/v1/namespaces/default/services', { apiVersion: 'v1', kind: 'Service', metadata: { name: 'seed' }, spec: { ports: [{ port: 80 }] } }],
  ['/apis/apps/v1/namespaces/default/deployments', { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'seed' }, spec: { selector: { matchLabels: { app: 'a' } }, template } }],
];

function value(depth: number): unknown {
  if (depth <= 0 || chance(0.3)) return pick(SCALARS);
  if (chance(0.3)) return Array.from({ length: random.int(4) }, () => value(depth - 1));
  return Object.fromEntries(Array.from({ length: random.int(5) }, () => [pick(KEYS), value(depth - 1)]));
}

function document(): unknown {
  const object: Record<string, unknown> = { metadata: { name: pick(NAMES) || 'a' }, spec: value(4) };
  if (chance(0.5)) object['metadata'] = value(3);
  for (let i = random.int(4); i > 0; i--) object[pick(KEYS)] = value(4);
  if (chance(0.3)) Object.assign(object, { spec: { replicas: value(1), selector: value(3), template: { metadata: value(2), spec: { containers: [value(3)] } } } });
  return chance(0.1) ? value(4) : chance(0.1) ? [{ op: pick(['add', 'remove', 'replace', 'test', 'move', 'copy', 'x']), path: pick(['/metadata/labels', '/spec', '', '/a/-', '/__proto__/x', 'x']), value: value(3), from: '/metadata' }] : object;
}

function body(): Buffer | undefined {
  if (chance(0.15)) return undefined;
  const text = JSON.stringify(document()) ?? 'null';
  if (chance(0.1)) return Buffer.from(text.slice(0, random.int(text.length + 1)));
  if (chance(0.05)) return Buffer.from('['.repeat(20_000));
  if (chance(0.1)) return Buffer.concat([Buffer.from([0x6b, 0x38, 0x73, 0]), Buffer.from(Array.from({ length: random.int(60) }, () => random.int(256)))]);
  return Buffer.from(text);
}

function path(): string {
  const namespaced = chance(0.6) ? `/namespaces/${pick(['default', 'default', 'nope', '..', ''])}` : '';
  const parts = [pick(GROUPS), namespaced, `/${pick(RESOURCES)}`, chance(0.6) ? `/${pick(NAMES)}` : '', ''];
  const sub = pick(SUBRESOURCES);
  if (sub !== '') parts.push(`/${sub}`);
  const query = Array.from({ length: random.int(3) }, () => pick(QUERIES)).join('&');
  return `${parts.join('')}${query === '' ? '' : `?${query}`}`;
}

const PATCHES = ['application/json-patch+json', 'application/merge-patch+json', 'application/strategic-merge-patch+json', 'application/apply-patch+yaml'];
const POINTERS = ['', '/', '/metadata', '/metadata/labels', '/metadata/labels/a', '/metadata/managedFields/0', '/spec/template/spec/containers/0', '/spec/template/spec/containers/-', '/spec/ports/0/port', '/data/a', '/a~2b', '/__proto__/x', '/constructor/prototype/x', '/spec/ports/99999999999', 'x'];

/** A part of a real object with something else in one place. */
function mutated(node: unknown): unknown {
  if (chance(0.15)) return value(3);
  if (Array.isArray(node)) return chance(0.2) ? [...(node as unknown[]), value(2)] : node.map(mutated);
  if (typeof node !== 'object' || node === null) return node;
  const entries = Object.entries(node).filter(() => !chance(0.1)).map(([key, child]) => [key, mutated(child)] as const);
  return Object.fromEntries(chance(0.2) ? [...entries, [pick(KEYS), value(3)] as const] : entries);
}

function patchBody(type: string, seed: object): string {
  const operation = () => ({ op: pick(['add', 'remove', 'replace', 'test', 'move', 'copy', 'x', null]), path: pick(POINTERS), value: value(3), from: pick(POINTERS) });
  return JSON.stringify(type === PATCHES[0] ? Array.from({ length: random.int(4) }, operation) : mutated(seed)) ?? 'null';
}

/** A real object's protobuf with some bytes changed, cut off or doubled. */
function brokenProtobuf(seed: object): Buffer {
  const bytes = Buffer.from(encodeProtobuf(seed));
  for (let i = random.int(6); i > 0; i--) bytes[4 + random.int(bytes.length - 4)] = random.int(256);
  return chance(0.3) ? bytes.subarray(0, random.int(bytes.length)) : chance(0.2) ? Buffer.concat([bytes, bytes.subarray(random.int(bytes.length))]) : bytes;
}

const WATCHES = ['resourceVersion=0', 'resourceVersion=x', 'resourceVersion=99999999999999999999', 'resourceVersion=9007199254740991', 'resourceVersionMatch=NotOlderThan', 'resourceVersionMatch=Exact', 'sendInitialEvents=true', 'sendInitialEvents=x', 'allowWatchBookmarks=true', 'allowWatchBookmarks=x', 'limit=1', 'continue=x', 'fieldSelector=metadata.name%3Dseed', 'fieldSelector=a%3Db', 'labelSelector=%21%21', 'watch=x'];

it(`stands ${COUNT} broken patches and protobuf bodies for objects that are there`, { timeout: COUNT * 20 + 20_000 }, async () => {
  let sent = 0;
  await Promise.all(Array.from({ length: 8 }, async () => {
    while (sent < COUNT) {
      sent++;
      const [path, seed] = pick(SEEDS);
      const one = `${path}/seed${pick(['', '', '/status', '/scale'])}`;
      const type = pick(PATCHES);
      const patches = chance(0.6);
      const [method, at] = patches ? ['PATCH', `${one}?fieldManager=f&force=${String(chance(0.5))}`] : [pick(['POST', 'PUT']), chance(0.5) ? path : one];
      const body = patches ? patchBody(type, seed) : brokenProtobuf(seed);
      const headers = { 'content-type': patches ? type : 'application/vnd.kubernetes.protobuf', accept: pick(ACCEPTS) };
      const answer = await api.ask(method, at, { headers, body });
      if (answer.status === 500) throw new Error(`500 for ${method} ${at} ${JSON.stringify(headers)}\n${typeof body === 'string' ? body : body.toString('base64')}\n${answer.text}`);
    }
  }));
  expect(found()).toEqual([]);
  expect((await api.ask('GET', '/readyz')).text).toBe('ok');
  expect(Object.keys(Object.prototype)).toEqual([]);
});

it('answers watches with parameters that make no sense', async () => {
  await Promise.all(Array.from({ length: 60 }, async () => {
    const query = Array.from({ length: 1 + random.int(4) }, () => pick(WATCHES)).join('&');
    const answer = await api.ask('GET', `${pick(SEEDS)[0]}?watch=1&timeoutSeconds=1&${query}`, { headers: { accept: pick(ACCEPTS) } });
    if (answer.status >= 500 && answer.status !== 504) throw new Error(`${answer.status} for ${query}: ${answer.text}`);
  }));
  expect(found()).toEqual([]);
});

it('survives huge headers and bodies that never end', async () => {
  expect((await api.ask('GET', '/api/v1/pods', { headers: { 'x-long': 'x'.repeat(900_000) } })).status).toBe(200);
  expect((await api.ask('GET', '/api/v1/pods', { headers: { 'x-long': 'x'.repeat(1_100_000) } })).status).toBe(431);
  const { port } = new URL(api.url);
  const slow = await Promise.all(Array.from({ length: 50 }, () => new Promise<TLSSocket>((resolve, reject) => {
    const socket: TLSSocket = connect({ host: '127.0.0.1', port: Number(port), ca: api.pki.ca.cert, ALPNProtocols: ['http/1.1'] }, () => {
      socket.write('POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{');
      resolve(socket);
    });
    socket.on('error', reject);
  })));
  expect((await api.ask('GET', '/livez')).text).toBe('ok');
  for (const socket of slow) socket.on('error', () => {}).destroy();
  expect((await api.ask('GET', '/livez')).text).toBe('ok');
  expect(found()).toEqual([]);
});

it(`answers ${COUNT} malformed requests without a defect`, { timeout: COUNT * 20 + 20_000 }, async () => {
  let sent = 0;
  await Promise.all(Array.from({ length: 8 }, async () => {
    while (sent < COUNT) {
      sent++;
      const method = pick(METHODS);
      const at = path();
      const content = method === 'GET' || method === 'HEAD' ? undefined : body();
      const headers: Record<string, string> = { accept: pick(ACCEPTS), 'content-type': pick(TYPES) };
      if (chance(0.05)) headers['impersonate-group'] = 'x';
      if (chance(0.05)) headers['impersonate-user'] = pick(['bob', 'system:serviceaccount:a:b']);
      const answer = await api.ask(method, at, { headers, ...(content && { body: content }) });
      if (answer.status === 500) throw new Error(`500 for ${method} ${at}\n${JSON.stringify(headers)}\n${content?.toString() ?? ''}\n${answer.text}`);
    }
  }));
  expect(found()).toEqual([]);
  expect((await api.ask('GET', '/readyz')).text).toBe('ok');
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  expect(Object.keys(Object.prototype)).toEqual([]);
});

it('survives what is no HTTP', async () => {
  const { port } = new URL(api.url);
  const garbage = ['\0\0\0\0', 'GET\r\n\r\n', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\xff\xff', 'GET / HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n', 'POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\n\r\n`];
  await Promise.all(garbage.flatMap((text) => ['http/1.1', 'h2'].map((protocol) => new Promise<void>((resolve) => {
    const socket: TLSSocket = connect({ host: '127.0.0.1', port: Number(port), ca: api.pki.ca.cert, ALPNProtocols: [protocol] }, () => socket.end(Buffer.from(text, 'latin1')));
    socket.on('error', () => resolve());
    socket.on('close', () => resolve());
    socket.on('data', () => {});
  }))));
  expect((await api.ask('GET', '/livez')).text).toBe('ok');
});
