import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, createServer } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { Events } from '../../api/kinds/core/event.ts';
import { Secrets } from '../../api/kinds/core/secret.ts';
import { Ingresses } from '../../api/kinds/networking/ingress.ts';
import { IngressClasses } from '../../api/kinds/networking/ingress-class.ts';
import type { Ingress } from '../../api/types/networking.v1.ts';
import type { AccessRecord, Network } from '../index.ts';
import { testClient } from '../testing/api.ts';
import { createService, setPods } from '../testing/cluster.ts';
import { get, raw, startNetwork } from '../testing/network.ts';
import { httpPod, until, type HttpPod } from '../testing/pods.ts';

const client = testClient();
const pods: HttpPod[] = [];
let network: Network;
let http = 0;
let https = 0;

async function service(name: string, index: number, made: HttpPod[]): Promise<void> {
  pods.push(...made);
  await createService(client, name, { clusterIP: `127.96.1.${index}`, ports: [{ name: 'http', port: 80 + 8000 }] });
  await setPods(client, name, 8080, made, { portName: 'http' });
}

const ingress = (name: string, spec: Ingress['spec'], annotations: Record<string, string> = {}) =>
  client.create(Ingresses, { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name, namespace: 'default', annotations }, spec });
const to = (host: string, service: string, port: { name?: string; number?: number } = { name: 'http' }) => ({ host, http: { paths: [{ path: '/', pathType: 'Prefix' as const, backend: { service: { name: service, port } } }] } });

beforeAll(async () => {
  network = await startNetwork(client, { ingress: { httpPort: 0, httpsPort: 0, hosts: ['127.0.0.1'] } });
  ({ http, https } = network.ingressPorts!);
  await service('stable', 1, [await httpPod('stable', '127.97.11.1', 8080)]);
  await service('canary', 2, [await httpPod('canary', '127.97.11.2', 8080)]);
  const echo = await httpPod('echo', '127.97.11.3', 8080, (request, response) => {
    if (request.url === '/chunked') {
      for (const piece of ['piece', ' after', ' piece']) response.write(piece);
      return void response.end();
    }
    const parts: Buffer[] = [];
    request.on('data', (bytes: Buffer) => parts.push(bytes));
    request.on('end', () => response.end(JSON.stringify({ url: request.url, headers: request.headers, length: Buffer.concat(parts).length })));
  });
  await service('echo', 3, [echo]);
  await ingress('main', { rules: [to('main.localhost', 'stable')] });
  await ingress('main-canary', { rules: [to('main.localhost', 'canary', { number: 8080 })] }, { 'nginx.ingress.kubernetes.io/canary': 'true', 'nginx.ingress.kubernetes.io/canary-weight': '25', 'nginx.ingress.kubernetes.io/canary-by-header': 'X-Canary' });
  await ingress('echo', { ingressClassName: 'nginx', rules: [to('echo.localhost', 'echo')] });
  await until(async () => (await get('127.0.0.1', http, { headers: { host: 'echo.localhost' } })).status === 200);
  await until(async () => (await get('127.0.0.1', http, { headers: { host: 'main.localhost' } })).status === 200);
});
afterAll(async () => {
  await network.stop();
  for (const pod of pods) await pod.kill();
});

test('an unknown host gets the default backend', async () => {
  expect(await get('127.0.0.1', http, { headers: { host: 'who.localhost' } })).toMatchObject({ status: 404, body: 'default backend - 404\n' });
});

test('a canary has exactly its share, whatever happens to the pods; its header decides otherwise', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  let canaries = 0;
  await get('127.0.0.1', http, { headers: { host: 'main.localhost' } });
  for (let round = 0; round < 5; round++) {
    const answers = await Promise.all(Array.from({ length: 400 }, () => get('127.0.0.1', http, { agent, headers: { host: 'main.localhost' } })));
    canaries += answers.filter((a) => a.body === 'canary').length;
    await setPods(client, 'stable', 8080, round % 2 === 0 ? [pods[0]!, pods[2]!].slice(0, 1) : [pods[0]!], { portName: 'http' });
  }
  expect(canaries).toBe(500);
  expect((await get('127.0.0.1', http, { headers: { host: 'main.localhost', 'x-canary': 'always' } })).body).toBe('canary');
  for (let i = 0; i < 8; i++) expect((await get('127.0.0.1', http, { headers: { host: 'main.localhost', 'x-canary': 'never' } })).body).toBe('stable');
  agent.destroy();
});

test('what is said about forwarding is ours, and hop-by-hop headers stay on their hop', async () => {
  const answer = await get('127.0.0.1', http, { path: '/a?b=c', headers: { host: 'echo.localhost', 'x-forwarded-for': '6.6.6.6', 'x-real-ip': '6.6.6.6', 'proxy-connection': 'x', te: 'gzip', 'x-own': 'kept' } });
  const { url, headers } = JSON.parse(answer.body) as { url: string; headers: Record<string, string> };
  expect(url).toBe('/a?b=c');
  expect(headers).toMatchObject({ host: 'echo.localhost', 'x-forwarded-for': '127.0.0.1', 'x-real-ip': '127.0.0.1', 'x-forwarded-proto': 'http', 'x-forwarded-host': 'echo.localhost', 'x-forwarded-port': String(http), 'x-own': 'kept' });
  expect(headers).not.toHaveProperty('te');
  expect(headers).not.toHaveProperty('proxy-connection');
});

test.each([
  ['both lengths', 'POST / HTTP/1.1\r\nHost: echo.localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', ' 400 '],
  ['two hosts', 'GET / HTTP/1.1\r\nHost: echo.localhost\r\nHost: main.localhost\r\n\r\n', ' 400 '],
  ['a bad chunk', 'POST / HTTP/1.1\r\nHost: echo.localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', ' 400 '],
  ['an unknown coding', 'POST / HTTP/1.1\r\nHost: echo.localhost\r\nTransfer-Encoding: gzip\r\n\r\n', ' 501 '],
  ['a tunnel', 'CONNECT echo.localhost:80 HTTP/1.1\r\nHost: echo.localhost\r\nConnection: close\r\n\r\n', ' 400 '],
])('%s: refused, and the connection ends', async (_, bytes, status) => {
  expect((await raw('127.0.0.1', http, bytes)).split('\r\n')[0]).toContain(status);
});

test('pipelined requests are answered in order', async () => {
  const one = (path: string, close = '') => `GET ${path} HTTP/1.1\r\nHost: echo.localhost\r\n${close}\r\n`;
  const text = await raw('127.0.0.1', http, one('/1') + one('/2') + one('/3', 'Connection: close\r\n'));
  expect([...text.matchAll(/"url":"(\/\d)"/g)].map((m) => m[1])).toEqual(['/1', '/2', '/3']);
});

test('HTTP/1.0 with keep-alive (as ab -k speaks)', async () => {
  const one = 'GET /x HTTP/1.0\r\nHost: echo.localhost\r\nConnection: Keep-Alive\r\n\r\n';
  const text = await raw('127.0.0.1', http, one + 'GET /y HTTP/1.0\r\nHost: echo.localhost\r\n\r\n');
  expect(text).toContain('Connection: keep-alive');
  expect(text).not.toContain('chunked');
  expect([...text.matchAll(/"url":"(\/\w)"/g)].map((m) => m[1])).toEqual(['/x', '/y']);
});

test('a chunked answer reaches an HTTP/1.0 client without its framing', async () => {
  const text = await raw('127.0.0.1', http, 'GET /chunked HTTP/1.0\r\nHost: echo.localhost\r\nConnection: keep-alive\r\n\r\n');
  expect(text.split('\r\n\r\n')[1]).toBe('piece after piece');
  expect(text).toContain('Connection: close');
});

test('large bodies pass, sized and chunked', async () => {
  const body = Buffer.alloc(8_000_000, 7);
  expect(JSON.parse((await get('127.0.0.1', http, { method: 'POST', body, headers: { host: 'echo.localhost' } })).body)).toMatchObject({ length: 8_000_000 });
  expect(JSON.parse((await get('127.0.0.1', http, { method: 'PUT', body, headers: { host: 'echo.localhost', 'transfer-encoding': 'chunked' } })).body)).toMatchObject({ length: 8_000_000 });
});

test('WebSockets pass through', async () => {
  const server = createServer((_, response) => void response.writeHead(426).end());
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(`echo ${String(data)}`)));
  await new Promise<void>((resolve) => void server.listen(8080, '127.97.11.9', resolve));
  await createService(client, 'ws', { clusterIP: '127.96.1.9', ports: [{ name: 'http', port: 8080 }] });
  await setPods(client, 'ws', 8080, [{ name: 'ws', ip: '127.97.11.9' }], { portName: 'http' });
  await ingress('ws', { rules: [to('ws.localhost', 'ws')] });
  await until(async () => (await get('127.0.0.1', http, { headers: { host: 'ws.localhost' } })).status === 426);
  const socket = new WebSocket(`ws://127.0.0.1:${http}/`, { headers: { host: 'ws.localhost' } });
  const answer = await new Promise<string>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('open', () => socket.send('hello'));
    socket.on('message', (data) => resolve(String(data)));
  });
  expect(answer).toBe('echo hello');
  socket.terminate();
  sockets.close();
  server.close();
});

test.each([['an elliptic', 'ec', ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256']], ['an RSA', 'rsa', ['rsa:2048']]])('TLS: the Secret of the host with %s key, the default for others, HTTP/1.1 and HTTP/2', async (_, name, newKey) => {
  const host = `${name}.secure.localhost`;
  const directory = mkdtempSync(join(tmpdir(), 'coracle-tls-'));
  execFileSync('openssl', ['req', '-x509', '-newkey', ...newKey, '-nodes', '-days', '2', '-subj', `/CN=${host}`, '-keyout', join(directory, 'key'), '-out', join(directory, 'crt')], { stdio: 'ignore' });
  const data = { 'tls.crt': readFileSync(join(directory, 'crt')).toString('base64'), 'tls.key': readFileSync(join(directory, 'key')).toString('base64') };
  rmSync(directory, { recursive: true });
  await client.create(Secrets, { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'default', resourceVersion: '1' }, type: 'kubernetes.io/tls', data });
  await ingress(name, { tls: [{ hosts: [host], secretName: name }], rules: [to(host, 'echo')] });
  const secure = (servername: string) =>
    new Promise<{ cn: string; body: string }>((resolve, reject) => {
      const request = httpsRequest({ host: '127.0.0.1', port: https, servername, rejectUnauthorized: false, agent: false, headers: { host } }, (response) => {
        const cn = (response.socket as unknown as { getPeerCertificate(): { subject: { CN: string } } }).getPeerCertificate().subject.CN;
        let body = '';
        response.on('data', (bytes) => (body += String(bytes)));
        response.on('end', () => resolve({ cn, body }));
      });
      request.on('error', reject);
      request.end();
    });
  await until(async () => (await secure(host)).cn === host);
  expect(JSON.parse((await secure(host)).body)).toMatchObject({ headers: { 'x-forwarded-proto': 'https' } });
  expect((await secure('other.localhost')).cn).toBe('Coracle Ingress Default Certificate');
  expect((await secure('')).cn).toBe('Coracle Ingress Default Certificate');

  const session = connectHttp2(`https://127.0.0.1:${https}`, { rejectUnauthorized: false, servername: host });
  const ask = (method: string, body?: Buffer) =>
    new Promise<{ status: number; body: string }>((resolve, reject) => {
      const stream = session.request({ ':method': method, ':path': '/h2', ':authority': host });
      let text = '';
      let status = 0;
      stream.on('response', (headers) => (status = Number(headers[':status'])));
      stream.setEncoding('utf8');
      stream.on('data', (part: string) => (text += part));
      stream.on('end', () => resolve({ status, body: text }));
      stream.on('error', reject);
      stream.end(body);
    });
  const answers = await Promise.all([ask('GET'), ask('POST', Buffer.alloc(500_000)), ask('HEAD'), ask('GET')]);
  expect(answers.map((a) => a.status)).toEqual([200, 200, 200, 200]);
  expect(JSON.parse(answers[1]!.body)).toMatchObject({ url: '/h2', length: 500_000 });
  expect(answers[2]!.body).toBe('');
  session.close();
});

test('a class that belongs to another controller is left alone; ours is there by default', async () => {
  expect((await client.get(IngressClasses, 'coracle')).spec.controller).toBe('coracle.dev/ingress');
  await client.create(IngressClasses, { apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass', metadata: { name: 'foreign' }, spec: { controller: 'example.org/x' } });
  await ingress('foreign', { ingressClassName: 'foreign', rules: [to('foreign.localhost', 'echo')] });
  await ingress('after', { rules: [to('after.localhost', 'echo')] });
  await until(async () => (await get('127.0.0.1', http, { headers: { host: 'after.localhost' } })).status === 200);
  expect((await get('127.0.0.1', http, { headers: { host: 'foreign.localhost' } })).status).toBe(404);
  await until(async () => (await client.get(Ingresses, 'after', { namespace: 'default' })).status?.loadBalancer?.ingress?.[0]?.ip === '127.0.0.1');
  expect((await client.get(Ingresses, 'foreign', { namespace: 'default' })).status).toBeUndefined();
});

test('an upgrade to HTTP/2 is not passed on: what came behind it would pass the rules by', async () => {
  const { body } = await get('127.0.0.1', http, { headers: { host: 'echo.localhost', connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABkAAQAAP__' } });
  const { headers } = JSON.parse(body) as { headers: Record<string, string> };
  expect(headers).not.toHaveProperty('upgrade');
  expect(headers).not.toHaveProperty('http2-settings');
});

test('an annotation without effect is said in an event, once', async () => {
  await ingress('annotated', { rules: [to('annotated.localhost', 'echo')] }, { 'nginx.ingress.kubernetes.io/auth-url': 'http://auth.example/' });
  await until(async () => (await get('127.0.0.1', http, { headers: { host: 'annotated.localhost' } })).status === 200);
  await ingress('unrelated', { rules: [to('unrelated.localhost', 'echo')] });
  await until(async () => (await get('127.0.0.1', http, { headers: { host: 'unrelated.localhost' } })).status === 200);
  const said = async () => (await client.list(Events)).items.filter((event) => event.reason === 'UnsupportedAnnotation');
  await until(async () => (await said()).length > 0);
  expect(await said()).toMatchObject([{ type: 'Warning', message: 'no effect here: nginx.ingress.kubernetes.io/auth-url', involvedObject: { kind: 'Ingress', name: 'annotated' } }]);
  expect((await said())[0]!.count ?? 1).toBe(1);
});

test('a regular expression that is none is said in an event; the other paths are served', async () => {
  const rule = { host: 'regex.localhost', http: { paths: ['/(', '/ok/[0-9]+'].map((path) => ({ path, pathType: 'ImplementationSpecific' as const, backend: { service: { name: 'echo', port: { name: 'http' } } } })) } };
  await ingress('regex', { rules: [rule] }, { 'nginx.ingress.kubernetes.io/use-regex': 'true' });
  await until(async () => (await get('127.0.0.1', http, { path: '/ok/1', headers: { host: 'regex.localhost' } })).status === 200);
  const said = async () => (await client.list(Events)).items.filter((event) => event.reason === 'InvalidPattern');
  await until(async () => (await said()).length > 0);
  expect(await said()).toMatchObject([{ type: 'Warning', message: 'matches nothing, as it is no regular expression: "/("', involvedObject: { kind: 'Ingress', name: 'regex' } }]);
});

test('every request stands in the access log, and is counted by route', async () => {
  const log: AccessRecord[] = [];
  const stop = network.onAccess((record) => log.push(record));
  await get('127.0.0.1', http, { path: '/logged', headers: { host: 'echo.localhost' } });
  await get('127.0.0.1', http, { path: '/lost', headers: { host: 'nobody.localhost' } });
  stop();
  expect(log).toMatchObject([
    { method: 'GET', host: 'echo.localhost', target: '/logged', status: 200, pod: 'default/echo', route: 'default/echo', service: 'default/echo' },
    { target: '/lost', status: 404, route: '' },
  ]);
  expect(network.requestStats().routes.find((r) => r.name === 'echo')).toMatchObject({ kind: 'Ingress', host: 'echo.localhost', inFlight: 0 });
});

test('a pod that dies in the middle of an answer breaks it off; one that never answers is a 502 for what may not be repeated', async () => {
  const half = await httpPod('half', '127.97.11.12', 8080, (request, response) => {
    if (request.url === '/half') {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half', () => (response.socket as Socket).resetAndDestroy());
    } else (response.socket as Socket).resetAndDestroy();
  });
  await service('half', 12, [half]);
  await ingress('half', { rules: [to('half.localhost', 'half')] });
  await until(async () => (await get('127.0.0.1', http, { method: 'POST', body: 'x', headers: { host: 'half.localhost' } })).status === 502);
  await expect(get('127.0.0.1', http, { path: '/half', headers: { host: 'half.localhost' } })).rejects.toThrow();
});
