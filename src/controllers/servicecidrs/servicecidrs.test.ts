import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Services } from '../../api/kinds/core/service.ts';
import { IPAddresses } from '../../api/kinds/networking/ip-address.ts';
import { ServiceCIDRs } from '../../api/kinds/networking/service-cidr.ts';
import type { ServiceSpec } from '../../api/types/core.v1.ts';
import type { IPAddress, ServiceCIDR } from '../../api/types/networking.v1.ts';
import { ipAddressController } from '../ipaddresses/controller.ts';
import { testbed, type Testbed } from '../testbed.suite.ts';
import { serviceCidrController } from './controller.ts';
import { mayGo } from './decide.ts';

let bed: Testbed;
beforeEach(async () => {
  bed = await testbed();
  await bed.start(serviceCidrController(bed.context), ipAddressController(bed.context));
});
afterEach(async () => {
  expect(bed.errors).toEqual([]);
  await bed.stop();
});

const cidr = (name: string, ...cidrs: string[]): ServiceCIDR => ({ apiVersion: 'networking.k8s.io/v1', kind: 'ServiceCIDR', metadata: { name }, spec: { cidrs } });
const createService = async (name: string, spec: Partial<ServiceSpec> = {}) => {
  const made = await bed.client.create(Services, { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'default' }, spec: { ports: [{ port: 80 }], ...spec } });
  await bed.clock.settle();
  return made;
};
const addresses = () => bed.client.objects(IPAddresses).map(({ metadata, spec }) => `${metadata.name} ${spec.parentRef.namespace}/${spec.parentRef.name}`);
const ready = (name: string) => bed.client.objects(ServiceCIDRs).find((c) => c.metadata.name === name)?.status?.conditions?.map(({ type, status, reason, message }) => `${type} ${status} ${reason} ${message}`)[0];

test('the cluster\'s own range is a ServiceCIDR that is ready', () => {
  expect(bed.client.objects(ServiceCIDRs)).toMatchObject([{ metadata: { name: 'kubernetes', finalizers: ['networking.k8s.io/service-cidr-finalizer'] }, spec: { cidrs: ['10.96.0.0/12'] } }]);
  expect(ready('kubernetes')).toBe('Ready True  Kubernetes Service CIDR is ready');
});

test('every cluster IP has an IPAddress, as long as its Service has it', async () => {
  const made = await createService('a');
  expect(addresses()).toEqual([`${made.spec.clusterIP} default/a`]);
  expect(bed.client.objects(IPAddresses)[0]!.metadata.labels).toEqual({ 'ipaddress.kubernetes.io/ip-family': 'IPv4', 'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io' });
  await bed.client.delete(IPAddresses, made.spec.clusterIP!);
  await bed.clock.settle();
  expect(addresses()).toEqual([`${made.spec.clusterIP} default/a`]);
  await bed.client.delete(Services, 'a', { namespace: 'default' });
  await createService('b', { clusterIP: made.spec.clusterIP! });
  expect(addresses()).toEqual([`${made.spec.clusterIP} default/b`]);
  await bed.client.patch(Services, 'b', { type: 'merge', body: { spec: { type: 'ExternalName', externalName: 'x.test', clusterIP: '', clusterIPs: null } } }, { namespace: 'default' });
  await bed.clock.settle();
  expect(addresses()).toEqual([]);
});

test('an address that somebody else has is not given to a Service', async () => {
  await bed.client.create(IPAddresses, { apiVersion: 'networking.k8s.io/v1', kind: 'IPAddress', metadata: { name: '10.96.0.77' }, spec: { parentRef: { group: 'example.com', resource: 'gateways', namespace: 'x', name: 'y' } } });
  await expect(createService('a', { clusterIP: '10.96.0.77' })).rejects.toThrow('failed to allocate IP 10.96.0.77: provided IP is already allocated');
});

test('an added range gives addresses once it is ready, and stays while Services have some of them', async () => {
  await expect(createService('a', { clusterIP: '203.0.113.10' })).rejects.toThrow('failed to allocate IP 203.0.113.10: the provided network does not match the current range');
  await bed.client.create(ServiceCIDRs, cidr('more', '203.0.113.0/24'));
  await bed.clock.settle();
  await createService('a', { clusterIP: '203.0.113.10' });
  await expect(createService('broadcast', { clusterIP: '203.0.113.255' })).rejects.toThrow('does not match the current range');
  await bed.client.delete(ServiceCIDRs, 'more');
  await bed.clock.advance(60_000);
  expect(ready('more')).toBe('Ready False Terminating There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR');
  await expect(createService('b', { clusterIP: '203.0.113.11' })).rejects.toThrow('does not match the current range');
  await bed.client.delete(Services, 'a', { namespace: 'default' });
  await bed.clock.advance(60_000);
  expect(ready('more')).toBeUndefined();
});

test('when the cluster\'s own range is full, others are used', async () => {
  const small = await testbed({ serviceCidr: '10.96.0.0/29' });
  await small.start(serviceCidrController(small.context));
  await small.client.create(ServiceCIDRs, cidr('more', '203.0.113.0/24'));
  await small.clock.settle();
  const ips = [];
  for (let i = 0; i < 8; i++) ips.push((await small.client.create(Services, { apiVersion: 'v1', kind: 'Service', metadata: { name: `s${i}`, namespace: 'default' }, spec: { ports: [{ port: 80 }] } })).spec.clusterIP!);
  expect(ips.map((ip) => ip.replace(/\.\d+$/, ''))).toEqual([...Array(6).fill('10.96.0'), ...Array(2).fill('203.0.113')]);
  await small.stop();
});

describe('a range may go', () => {
  const given = (...ips: string[]): IPAddress[] => ips.map((name) => ({ apiVersion: '', kind: '', metadata: { name, labels: { 'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io' } }, spec: { parentRef: { resource: 'services', name: 'a' } } }));
  test.each<[string, ServiceCIDR[], IPAddress[], boolean]>([
    ['when it gave nothing', [], given('10.1.0.5'), true],
    ['not while it alone has an address', [], given('10.0.0.5'), false],
    ['when another contains it', [cidr('b', '10.0.0.0/8')], given('10.0.0.5'), true],
    ['when another has the same', [cidr('b', '10.0.0.0/24')], given('10.0.0.5'), true],
    ['when others have its addresses', [cidr('b', '10.0.0.0/28')], given('10.0.0.5'), true],
    ['not when others have only some', [cidr('b', '10.0.0.0/28')], given('10.0.0.5', '10.0.0.50'), false],
    ['not when its address is the broadcast of the other', [cidr('b', '10.0.0.0/28')], given('10.0.0.15'), false],
  ])('%s', (_, others, ips, expected) => expect(mayGo(cidr('a', '10.0.0.0/24'), [cidr('a', '10.0.0.0/24'), ...others], ips)).toBe(expected));
});
