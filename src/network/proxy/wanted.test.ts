import { expect, test } from 'vitest';
import type { Service } from '../../api/types/core.v1.ts';
import { Backend } from '../table/backend.ts';
import { portsOf } from '../table/spec.ts';
import { virtualClock } from '../../base/clock.ts';
import { wantedSockets, type WantedOptions } from './wanted.ts';

const options: WantedOptions = { loadBalancerAddresses: ['localhost'], serves: (ip) => ip !== '10.0.0.99', nodeAddresses: ['127.0.0.1', '192.0.2.1'], taken: new Set(['TCP 127.0.0.1:443', 'UDP 10.0.0.10:53']) };
const context = { clock: virtualClock(), hold: { newMs: 1, lostMs: 1, wakeMs: 1 }, originOf: () => ({ node: undefined, zone: undefined }), wake: () => false, mayWake: () => false, changed: () => {} };

function entry(name: string, spec: Service['spec'], open = true, created = '2025-01-01T00:00:00Z', labels: Record<string, string> = {}) {
  const service: Service = { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'default', uid: name, creationTimestamp: created, labels }, spec };
  const backends = portsOf(service, []).map((port) => {
    const backend = new Backend('default', name, port, context);
    backend.open = open;
    return backend;
  });
  return { service, backends };
}
const keys = (...entries: ReturnType<typeof entry>[]) => [...wantedSockets(entries, options).sockets.keys()];

test.each<[string, ReturnType<typeof entry>, string[]]>([
  ['a cluster IP', entry('a', { clusterIP: '10.0.0.1', ports: [{ port: 80 }, { port: 53, protocol: 'UDP' }] }), ['TCP 10.0.0.1:80', 'UDP 10.0.0.1:53']],
  ['a node port, on every address of the machine', entry('a', { type: 'NodePort', clusterIP: '10.0.0.1', ports: [{ port: 80, nodePort: 30_080 }] }), ['TCP 10.0.0.1:80', 'TCP 127.0.0.1:30080', 'TCP 192.0.2.1:30080']],
  ['a load balancer', entry('a', { type: 'LoadBalancer', clusterIP: '10.0.0.1', ports: [{ port: 8081 }] }), ['TCP 10.0.0.1:8081', 'TCP 127.0.0.1:8081']],
  ['external addresses', entry('a', { clusterIP: '10.0.0.1', externalIPs: ['192.0.2.1'], ports: [{ port: 80 }] }), ['TCP 10.0.0.1:80', 'TCP 192.0.2.1:80']],
  ['nothing for headless Services', entry('a', { clusterIP: 'None', ports: [{ port: 80 }] }), []],
  ['nothing for external names', entry('a', { type: 'ExternalName', externalName: 'x.test', ports: [{ port: 80 }] }), []],
  ['nothing for Services of another proxy', entry('a', { clusterIP: '10.0.0.1', ports: [{ port: 80 }] }, true, '', { 'service.kubernetes.io/service-proxy-name': 'mesh' }), []],
  ['nothing for Services that are headless by label', entry('a', { clusterIP: '10.0.0.1', ports: [{ port: 80 }] }, true, '', { 'service.kubernetes.io/headless': '' }), []],
  ['nothing for what has no endpoints', entry('a', { clusterIP: '10.0.0.1', ports: [{ port: 80 }] }, false), []],
  ['nothing where the DNS server is', entry('dns', { clusterIP: '10.0.0.10', ports: [{ port: 53, protocol: 'UDP' }] }), []],
  ['nothing on addresses that cannot be had', entry('a', { clusterIP: '10.0.0.99', ports: [{ port: 80 }] }), []],
])('%s', (_, one, expected) => {
  expect(keys(one)).toEqual(expected);
});

test('the older of two Services has the address; the ingress goes before both', () => {
  const lb = (name: string, ip: string, created: string, port = 8081) => entry(name, { type: 'LoadBalancer', clusterIP: ip, ports: [{ port }] }, true, created);
  const { sockets, conflicts } = wantedSockets([lb('young', '10.0.0.2', '2025-02-01T00:00:00Z'), lb('old', '10.0.0.1', '2025-01-01T00:00:00Z'), lb('tls', '10.0.0.3', '2025-01-01T00:00:00Z', 443)], options);
  expect(sockets.get('TCP 127.0.0.1:8081')!.service.metadata.name).toBe('old');
  expect(conflicts.map((c) => c.service.metadata.name).sort()).toEqual(['tls', 'young']);
});
