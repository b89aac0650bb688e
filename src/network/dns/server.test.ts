import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import * as dns from 'dns-packet';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { realClock } from '../../base/clock.ts';
import { seededRandom } from '../../base/random.ts';
import type { Service } from '../../api/types/core.v1.ts';
import { createForwarder } from './forward.ts';
import { createDnsServer, respond, type DnsOptions } from './server.ts';

const clock = realClock();
const service = (name: string, spec: Service['spec']): Service => ({ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'default' }, spec });
const services = [service('web', { clusterIP: '10.96.0.7', ports: [{ name: 'http', port: 80 }] }), service('many', { clusterIP: 'None', ports: [] }), service('out', { type: 'ExternalName', externalName: 'host.example' })];
const endpoints = Array.from({ length: 100 }, (_, i) => ({ addresses: [`10.88.1.${i}`], conditions: { ready: true } }));
const upstream = createSocket('udp4');
const resolver = new Resolver({ timeout: 2_000, tries: 1 });
let server: ReturnType<typeof createDnsServer>;
let options: DnsOptions;

beforeAll(async () => {
  upstream.on('message', (bytes, client) => {
    const query = dns.decode(bytes);
    upstream.send(dns.encode({ type: 'response', id: query.id, questions: query.questions, answers: [{ type: 'A', name: query.questions![0]!.name, ttl: 9, data: '192.0.2.9' }] }), client.port, client.address);
  });
  await new Promise<void>((resolve) => void upstream.bind(0, '127.0.0.1', resolve));
  options = {
    address: '127.0.0.1', port: 0, clock, random: seededRandom(1), forwarder: createForwarder([`127.0.0.1:${upstream.address().port}`], clock),
    source: {
      clusterDomain: 'cluster.local',
      service: (namespace, name) => services.find((s) => s.metadata.namespace === namespace && s.metadata.name === name),
      services: () => services,
      slices: (_, name) => (name === 'many' ? [{ apiVersion: '', kind: '', metadata: {}, addressType: 'IPv4', endpoints }] : []),
    },
  };
  server = createDnsServer(options);
  await server.start();
  resolver.setServers([`127.0.0.1:${server.port}`]);
});
afterAll(async () => {
  await server.stop();
  upstream.close();
});

test('a resolver is answered: service, absent name, absent type, elsewhere, alias', async () => {
  expect(await resolver.resolve4('web.default.svc.cluster.local', { ttl: true })).toEqual([{ address: '10.96.0.7', ttl: 5 }]);
  await expect(resolver.resolve4('nope.default.svc.cluster.local')).rejects.toMatchObject({ code: 'ENOTFOUND' });
  await expect(resolver.resolve6('web.default.svc.cluster.local')).rejects.toMatchObject({ code: 'ENODATA' });
  expect(await resolver.resolveSrv('_http._tcp.web.default.svc.cluster.local')).toMatchObject([{ name: 'web.default.svc.cluster.local', port: 80 }]);
  expect(await resolver.reverse('10.96.0.7')).toEqual(['web.default.svc.cluster.local']);
  expect(await resolver.resolve4('host.example')).toEqual(['192.0.2.9']);
  expect(await resolver.resolve4('out.default.svc.cluster.local')).toEqual(['192.0.2.9']);
});

test('an answer too long for a datagram is marked, and comes whole over TCP', async () => {
  const query = dns.encode({ type: 'query', id: 7, flags: dns.RECURSION_DESIRED, questions: [{ type: 'A', name: 'many.default.svc.cluster.local' }] });
  const short = dns.decode((await respond(query, false, options))!);
  expect(short.flag_tc).toBe(true);
  expect(dns.decode((await respond(query, true, options))!).answers).toHaveLength(100);
  expect(await resolver.resolve4('many.default.svc.cluster.local')).toHaveLength(100);
});

test('what is no query gets no answer, and breaks nothing', async () => {
  for (const bytes of [Buffer.alloc(0), Buffer.from('junk'), Buffer.alloc(40, 255)]) expect(await respond(bytes, false, options)).toBeUndefined();
});
