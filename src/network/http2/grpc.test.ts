import { Metadata } from '@grpc/grpc-js';
import { connect, constants, createSecureServer, createServer as createHttp2Server, type Http2ServerResponse } from 'node:http2';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Ingresses } from '../../api/kinds/networking/ingress.ts';
import type { Network } from '../index.ts';
import { selfSigned } from '../ingress/certificate.ts';
import { testClient } from '../testing/api.ts';
import { createService, podOf, setPods } from '../testing/cluster.ts';
import { echoClient, grpcPod, status, type GrpcPod } from '../testing/grpc.ts';
import { clock, get, raw, startNetwork } from '../testing/network.ts';
import { httpPod, until } from '../testing/pods.ts';

const client = testClient();
let network: Network;
let address = '';
let http = 0;
let echo: ReturnType<typeof echoClient>;
const pods: GrpcPod[] = [];

const ingress = (name: string, annotations: Record<string, string> = {}) =>
  client.create(Ingresses, {
    apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name, namespace: 'default', annotations },
    spec: { rules: [{ host: `${name}.localhost`, http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name, port: { number: 8080 } } } }] } }] },
  });
const answers = (host: string) => until(() => echoClientOnce(host).then(() => true, () => false));
async function echoClientOnce(host: string): Promise<string> {
  const once = echoClient(address, host);
  try {
    return await once.unary('there?');
  } finally {
    once.close();
  }
}

beforeAll(async () => {
  network = await startNetwork(client, { ingress: { httpPort: 0, httpsPort: 0, hosts: ['127.0.0.1'] } });
  http = network.ingressPorts!.http;
  address = `127.0.0.1:${http}`;
  pods.push(await grpcPod('one', '127.97.61.1', 8080));
  await createService(client, 'echo', { clusterIP: '127.96.61.1', ports: [{ port: 8080, appProtocol: 'kubernetes.io/h2c' }] });
  await setPods(client, 'echo', 8080, pods);
  await ingress('echo');
  echo = echoClient(address, 'echo.localhost');
  await answers('echo.localhost');
});
afterAll(async () => {
  echo.close();
  for (const pod of pods) pod.kill();
  await network.stop();
});

const collected = (call: NodeJS.ReadableStream) =>
  new Promise<{ parts: string[]; code: number; details: string }>((resolve) => {
    const parts: string[] = [];
    call.on('data', (part: Buffer) => parts.push(part.toString()));
    call.on('error', () => {});
    call.on('status', ({ code, details }: { code: number; details: string }) => resolve({ parts, code, details }));
  });

describe('gRPC through the plain port', () => {
  test('a unary call, with metadata', async () => {
    const metadata = new Metadata();
    metadata.set('x-asked', 'kindly');
    expect(await echo.unary('hello', metadata)).toBe('one hello kindly');
  });

  test('a status in trailers that come alone', async () => {
    await expect(echo.unary(`fail ${status.FAILED_PRECONDITION}`)).rejects.toMatchObject({ code: status.FAILED_PRECONDITION, details: 'so be it: ü' });
  });

  test('a stream from the client, larger than any window', async () => {
    expect(await echo.collect(Array.from({ length: 100 }, () => Buffer.alloc(65_536)))).toBe(`one ${100 * 65_536}`);
  });

  test('a pod that has heard enough says so before the client has ended', async () => {
    await expect(echo.collect([Buffer.from('stop'), ...Array.from({ length: 100 }, () => Buffer.alloc(65_536))])).rejects.toMatchObject({ code: status.RESOURCE_EXHAUSTED, details: 'enough' });
    expect(await echo.unary('again')).toBe('one again ');
  });

  test('a stream from the server', async () => {
    const { parts, code } = await collected(echo.count(2_000));
    expect([parts.length, parts.at(-1), code]).toEqual([2_000, '2000', status.OK]);
  });

  test('both ways, one answer before the next question', async () => {
    const call = echo.chat();
    const done = collected(call);
    for (const word of ['a', 'b', 'c']) {
      const answer = new Promise((resolve) => call.once('data', (part: Buffer) => resolve(part.toString())));
      call.write(Buffer.from(word));
      expect(await answer).toBe(`one ${word}`);
    }
    call.end();
    expect((await done).code).toBe(status.OK);
  });

  test('a deadline and a cancel reach the pod', async () => {
    const before = pods[0]!.cancelled;
    const late = await collected(echo.hang(1_500));
    expect([late.parts, late.code]).toEqual([['begun'], status.DEADLINE_EXCEEDED]);
    const call = echo.hang(10_000);
    const done = collected(call);
    call.once('data', () => call.cancel());
    expect((await done).code).toBe(status.CANCELLED);
    await until(() => pods[0]!.cancelled === before + 2);
  });

  test('each stream counts, over one connection', async () => {
    const calls = Array.from({ length: 5 }, () => echo.chat());
    const inFlight = () => network.requestStats().services.find((s) => s.name === 'echo')!.inFlight;
    for (const call of calls) call.write(Buffer.from('x'));
    await until(() => inFlight() === 5);
    for (const call of calls) call.end();
    await Promise.all(calls.map(collected));
    await until(() => inFlight() === 0);
  });

  test('what the ingress itself has to say is said in gRPC\'s words', async () => {
    const nowhere = echoClient(address, 'nowhere.localhost');
    await expect(nowhere.unary('x')).rejects.toMatchObject({ code: status.UNIMPLEMENTED, details: 'default backend - 404' });
    nowhere.close();
  });
});

test('HTTP/1.1 clients reach a pod that speaks HTTP/2 only; HTTP/2 clients in clear text one that speaks 1.1 or 2', async () => {
  const server = createHttp2Server((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      if (request.url === '/empty') return response.writeHead(204).end();
      response.setHeader('set-cookie', ['a=1', 'b=2']);
      response.end(`${request.method} ${request.url} ${request.headers['x-forwarded-for']} ${Buffer.concat(parts).length}`);
    });
  });
  await new Promise<void>((resolve) => server.listen(8080, '127.97.61.2', resolve));
  await createService(client, 'two', { clusterIP: '127.96.61.2', ports: [{ port: 8080, appProtocol: 'kubernetes.io/h2c' }] });
  await setPods(client, 'two', 8080, [{ name: 'two-1', ip: '127.97.61.2' }]);
  await ingress('two');
  const headers = { host: 'two.localhost' };
  await until(async () => (await get('127.0.0.1', http, { headers })).status === 200);
  const answer = await get('127.0.0.1', http, { headers, method: 'POST', path: '/a?b=c', body: Buffer.alloc(300_000) });
  expect([answer.body, answer.headers['set-cookie']]).toEqual(['POST /a?b=c 127.0.0.1 300000', ['a=1', 'b=2']]);
  expect((await get('127.0.0.1', http, { headers, method: 'HEAD' })).status).toBe(200);
  expect(await get('127.0.0.1', http, { headers, path: '/empty' })).toMatchObject({ status: 204, body: '' });
  const priorKnowledge = async (host: string) => {
    const session = connect(`http://127.0.0.1:${http}`);
    const stream = session.request({ ':method': 'POST', ':path': '/c', ':authority': host }).end('abc');
    const body = await text(stream);
    session.close();
    return body;
  };
  expect(await priorKnowledge('two.localhost')).toBe('POST /c 127.0.0.1 3');
  const plain = await httpPod('plain', '127.97.61.7', 8080);
  await createService(client, 'plain', { clusterIP: '127.96.61.7', ports: [{ port: 8080 }] });
  await setPods(client, 'plain', 8080, [plain]);
  await ingress('plain');
  await until(async () => (await get('127.0.0.1', http, { headers: { host: 'plain.localhost' } })).status === 200);
  expect(await priorKnowledge('plain.localhost')).toBe('plain');
  await plain.kill();
  server.close();
});

test('HTTPS and GRPCS: TLS to the pod, whoever signed its certificate', async () => {
  const { cert, key } = await selfSigned(['anybody'], clock.now());
  const server = createSecureServer({ cert, key, allowHTTP1: true }, (request, response) => {
    response.setHeader('trailer', 'x-end');
    if (request.httpVersion === '2.0') (response as unknown as Http2ServerResponse).addTrailers({ 'x-end': 'yes' });
    response.end(`${request.httpVersion} ${request.headers['x-forwarded-proto']}`);
  });
  await new Promise<void>((resolve) => server.listen(8443, '127.97.61.8', resolve));
  for (const [name, protocol, expected] of [['tls', 'HTTPS', '1.1 http'], ['tls2', 'GRPCS', '2.0 http']] as const) {
    await createService(client, name, { clusterIP: `127.96.61.${name.length + 5}`, ports: [{ port: 8080 }] });
    await setPods(client, name, 8443, [{ name: 'tls-1', ip: '127.97.61.8' }]);
    await ingress(name, { 'nginx.ingress.kubernetes.io/backend-protocol': protocol });
    const ask = () => get('127.0.0.1', http, { headers: { host: `${name}.localhost` } });
    await until(async () => (await ask()).status === 200);
    expect([(await ask()).body, (await ask()).body]).toEqual([expected, expected]);
    expect(await raw('127.0.0.1', http, `GET / HTTP/1.1\r\nHost: ${name}.localhost\r\nConnection: close\r\n\r\n`)).toMatch(protocol === 'GRPCS' ? /0\r\nx-end: yes\r\n\r\n$/ : /1\.1 http/);
  }
  server.close();
});

describe('pods that go', () => {
  test('one that drains gets no new streams, and its open ones finish', async () => {
    const [old, young] = [await grpcPod('old', '127.97.61.3', 8080), await grpcPod('young', '127.97.61.4', 8080)];
    pods.push(old, young);
    await createService(client, 'roll', { clusterIP: '127.96.61.3', ports: [{ port: 8080 }] });
    await setPods(client, 'roll', 8080, [old]);
    await ingress('roll', { 'nginx.ingress.kubernetes.io/backend-protocol': 'GRPC' });
    await answers('roll.localhost');
    const roll = echoClient(address, 'roll.localhost');
    const call = roll.chat();
    const done = collected(call);
    call.write(Buffer.from('first'));
    await new Promise((resolve) => call.once('data', resolve));
    await setPods(client, 'roll', 8080, [old, young]);
    await until(() => network.provenSince('uid-of-young') !== false && network.provenSince('uid-of-young') !== undefined);
    let drained = false;
    const drain = network.drain.unpublish(podOf('old'), clock.now() + 10_000).then(() => (drained = true));
    for (let i = 0; i < 10; i++) expect(await roll.unary('x')).toBe('young x ');
    call.write(Buffer.from('second'));
    await new Promise((resolve) => call.once('data', resolve));
    expect(drained).toBe(false);
    call.end();
    expect(await done).toMatchObject({ parts: ['old first', 'old second'], code: status.OK });
    await drain;
    await old.stop();
    roll.close();
  });

  test('what a pod did not look at goes to another; what it may have looked at does not', async () => {
    let seen = 0;
    const refusing = createHttp2Server();
    refusing.on('stream', (stream) => stream.on('error', () => {}).close(constants.NGHTTP2_REFUSED_STREAM));
    const dying = createHttp2Server();
    dying.on('stream', (stream) => {
      seen++;
      stream.on('error', () => {}).close(constants.NGHTTP2_INTERNAL_ERROR);
    });
    await new Promise<void>((resolve) => refusing.listen(8080, '127.97.61.5', resolve));
    await new Promise<void>((resolve) => dying.listen(8080, '127.97.61.6', resolve));
    await createService(client, 'bad', { clusterIP: '127.96.61.4', ports: [{ port: 8080, appProtocol: 'grpc' }] });
    await setPods(client, 'bad', 8080, [{ name: 'refusing', ip: '127.97.61.5' }, { name: 'one', ip: '127.97.61.1' }]);
    await ingress('bad');
    await answers('bad.localhost');
    const bad = echoClient(address, 'bad.localhost');
    for (let i = 0; i < 10; i++) expect(await bad.unary('x')).toBe('one x ');
    await setPods(client, 'bad', 8080, [{ name: 'dying', ip: '127.97.61.6' }]);
    await until(() => bad.unary('x').then(() => false, () => true));
    const before = seen;
    await expect(bad.unary('x')).rejects.toMatchObject({ code: status.UNAVAILABLE, details: '502 the pod closed the connection before it answered' });
    expect(seen).toBe(before + 1);
    bad.close();
    refusing.close();
    dying.close();
  });
});
