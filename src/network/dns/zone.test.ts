import { describe, expect, test } from 'vitest';
import type { Service } from '../../api/types/core.v1.ts';
import type { EndpointSlice } from '../../api/types/discovery.v1.ts';
import { answer, type ZoneSource } from './zone.ts';

const service = (name: string, namespace: string, spec: Service['spec']): Service => ({ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec });
const services = [
  service('web', 'shop', { clusterIP: '10.96.1.1', ports: [{ name: 'http', port: 80 }, { name: 'dns', port: 53, protocol: 'UDP' }] }),
  service('db', 'shop', { clusterIP: 'None', ports: [{ name: 'pg', port: 5432 }] }),
  service('empty', 'shop', { clusterIP: 'None', ports: [] }),
  service('out', 'shop', { type: 'ExternalName', externalName: 'example.org.' }),
  service('alias', 'shop', { type: 'ExternalName', externalName: 'web.shop.svc.cluster.local' }),
];
const slice: EndpointSlice = {
  apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { name: 'db-1', namespace: 'shop' }, addressType: 'IPv4', ports: [{ name: 'pg', port: 5432, protocol: 'TCP' }],
  endpoints: [
    { addresses: ['10.88.0.5'], hostname: 'db-0', conditions: { ready: true } },
    { addresses: ['10.88.0.6'], conditions: { ready: true } },
    { addresses: ['10.88.0.7'], hostname: 'db-2', conditions: { ready: false } },
  ],
};
const source: ZoneSource = {
  clusterDomain: 'cluster.local',
  service: (namespace, name) => services.find((s) => s.metadata.namespace === namespace && s.metadata.name === name),
  services: () => services,
  slices: (namespace, name) => (namespace === 'shop' && name === 'db' ? [slice] : []),
};
const ask = (name: string, type = 'A') => answer(source, name, type);
const data = (name: string, type = 'A') => {
  const found = ask(name, type);
  return found.kind === 'answer' ? found.records.map((r) => r.data) : found.kind;
};

describe('zone', () => {
  test.each([
    ['web.shop.svc.cluster.local', 'A', ['10.96.1.1']],
    ['WEB.Shop.svc.CLUSTER.local', 'A', ['10.96.1.1']],
    ['web.shop.svc.cluster.local', 'AAAA', 'nodata'],
    ['web.shop.svc.cluster.local', 'MX', 'nodata'],
    ['nope.shop.svc.cluster.local', 'A', 'nxdomain'],
    ['x.web.shop.svc.cluster.local', 'A', 'nxdomain'],
    ['shop.svc.cluster.local', 'A', 'nodata'],
    ['nothing.svc.cluster.local', 'A', 'nxdomain'],
    ['svc.cluster.local', 'A', 'nodata'],
    ['google.com.shop.svc.cluster.local', 'A', 'nxdomain'],
    ['db.shop.svc.cluster.local', 'A', ['10.88.0.5', '10.88.0.6']],
    ['empty.shop.svc.cluster.local', 'A', 'nodata'],
    ['db-0.db.shop.svc.cluster.local', 'A', ['10.88.0.5']],
    ['10-88-0-6.db.shop.svc.cluster.local', 'A', ['10.88.0.6']],
    ['db-2.db.shop.svc.cluster.local', 'A', 'nxdomain'],
    ['db-0.db.shop.svc.cluster.local', 'AAAA', 'nodata'],
    ['10-88-0-9.shop.pod.cluster.local', 'A', ['10.88.0.9']],
    ['10-88-0-999.shop.pod.cluster.local', 'A', 'nxdomain'],
    ['out.shop.svc.cluster.local', 'A', ['example.org']],
    ['dns-version.cluster.local', 'TXT', ['1.1.0']],
    ['example.org', 'A', 'elsewhere'],
    ['singlelabel', 'A', 'nxdomain'],
    ['app.localhost', 'A', ['127.0.0.1']],
    ['1.1.96.10.in-addr.arpa', 'PTR', ['web.shop.svc.cluster.local']],
    ['5.0.88.10.in-addr.arpa', 'PTR', ['db-0.db.shop.svc.cluster.local']],
    ['1.1.1.1.in-addr.arpa', 'PTR', 'elsewhere'],
    ['_nope._tcp.web.shop.svc.cluster.local', 'SRV', 'nxdomain'],
    ['_http._tcp.web.shop.svc.cluster.local', 'A', 'nodata'],
  ] as const)('%s %s', (name, type, expected) => {
    expect(data(name, type)).toEqual(expected);
  });

  test('SRV gives ports and where they are', () => {
    expect(data('_http._tcp.web.shop.svc.cluster.local', 'SRV')).toEqual([{ priority: 0, weight: 100, port: 80, target: 'web.shop.svc.cluster.local' }]);
    expect(data('_dns._udp.web.shop.svc.cluster.local', 'SRV')).toHaveLength(1);
    const headless = ask('_pg._tcp.db.shop.svc.cluster.local', 'SRV');
    expect(headless.kind === 'answer' && headless.records.map((r) => (r.type === 'SRV' ? r.data.target : ''))).toEqual(['db-0.db.shop.svc.cluster.local', '10-88-0-6.db.shop.svc.cluster.local']);
    expect(headless.kind === 'answer' && headless.additionals.map((r) => r.data)).toEqual(['10.88.0.5', '10.88.0.6']);
  });

  test('an alias leads on', () => {
    expect(ask('alias.shop.svc.cluster.local')).toMatchObject({ follow: 'web.shop.svc.cluster.local' });
    expect(ask('alias.shop.svc.cluster.local', 'CNAME')).not.toHaveProperty('follow');
  });
});
