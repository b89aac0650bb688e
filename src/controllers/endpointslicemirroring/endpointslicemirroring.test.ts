import { afterEach, beforeEach, expect, test } from 'vitest';
import { EndpointsList } from '../../api/kinds/core/endpoints.ts';
import { Services } from '../../api/kinds/core/service.ts';
import { EndpointSlices } from '../../api/kinds/discovery/endpoint-slice.ts';
import type { EndpointSubset, ServiceSpec } from '../../api/types/core.v1.ts';
import { endpointsController } from '../endpoints/controller.ts';
import { endpointSliceController } from '../endpointslice/controller.ts';
import { testbed, type Testbed } from '../testbed.suite.ts';
import { endpointSliceMirroringController } from './controller.ts';
import { MAX_PER_SUBSET, planMirror } from './decide.ts';

const inDefault = { namespace: 'default' };

let bed: Testbed;
beforeEach(async () => {
  bed = await testbed();
  await bed.start(endpointsController(bed.context), endpointSliceController(bed.context), endpointSliceMirroringController(bed.context));
});
afterEach(async () => {
  expect(bed.errors).toEqual([]);
  await bed.stop();
});

const service = async (spec: Partial<ServiceSpec> = {}) => {
  await bed.client.create(Services, { apiVersion: 'v1', kind: 'Service', metadata: { name: 'db', ...inDefault }, spec: { ports: [{ name: 'sql', port: 5432 }], ...spec } });
  await bed.clock.advance(1000);
};
const addresses = (...ips: string[]): EndpointSubset => ({ addresses: ips.map((ip) => ({ ip })), ports: [{ name: 'sql', port: 5432, protocol: 'TCP' }] });
const endpoints = async (subsets: EndpointSubset[], labels: Record<string, string> = {}, annotations: Record<string, string> = {}) => {
  await bed.client.create(EndpointsList, { apiVersion: 'v1', kind: 'Endpoints', metadata: { name: 'db', ...inDefault, labels, annotations }, subsets });
  await bed.clock.advance(1000);
};
const change = async (body: object) => {
  await bed.client.patch(EndpointsList, 'db', { type: 'merge', body }, inDefault);
  await bed.clock.advance(1000);
};
const mirrored = () => bed.client.objects(EndpointSlices).filter((s) => s.metadata.labels?.['endpointslice.kubernetes.io/managed-by'] === 'endpointslicemirroring-controller.k8s.io');
const shown = () => mirrored().map((s) => `${s.addressType} ${s.endpoints?.map((e) => `${e.addresses[0]}${e.conditions?.ready ? '' : '!'}`).join()}:${s.ports?.map((p) => `${p.name}=${p.port}`).join()}`).sort();

test('Endpoints made by hand are mirrored, and followed, in the same slice', async () => {
  await service();
  await endpoints([{ ...addresses('192.0.2.1', '192.0.2.2'), notReadyAddresses: [{ ip: '192.0.2.3' }] }], { team: 'x' }, { note: 'y', 'kubectl.kubernetes.io/last-applied-configuration': '{}' });
  expect(shown()).toEqual(['IPv4 192.0.2.1,192.0.2.2,192.0.2.3!:sql=5432']);
  const { uid, ...metadata } = mirrored()[0]!.metadata;
  expect(metadata).toMatchObject({ labels: { team: 'x', 'kubernetes.io/service-name': 'db' }, annotations: { note: 'y' }, ownerReferences: [{ kind: 'Endpoints', name: 'db' }] });
  expect(metadata.annotations).not.toHaveProperty('kubectl.kubernetes.io/last-applied-configuration');
  await change({ subsets: [{ addresses: [{ ip: '192.0.2.9' }], ports: [{ name: 'sql', port: 6432, protocol: 'TCP' }] }] });
  expect([shown(), mirrored()[0]?.metadata.uid]).toEqual([['IPv4 192.0.2.9:sql=6432'], uid]);
  await change({ subsets: null });
  expect(shown()).toEqual([]);
});

test('each subset and each address family has its own', async () => {
  await service();
  await endpoints([addresses('192.0.2.1', '2001:db8::1'), { addresses: [{ ip: '192.0.2.7' }], ports: [{ name: 'admin', port: 1, protocol: 'TCP' }] }]);
  expect(shown()).toEqual(['IPv4 192.0.2.1:sql=5432', 'IPv4 192.0.2.7:admin=1', 'IPv6 2001:db8::1:sql=5432']);
});

test('only for a Service that is there and picks no pods, and unless declined', async () => {
  await endpoints([addresses('192.0.2.1')]);
  expect(shown()).toEqual([]);
  await service();
  expect(shown()).toHaveLength(1);
  await change({ metadata: { labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } } });
  expect(shown()).toEqual([]);
  await change({ metadata: { labels: { 'endpointslice.kubernetes.io/skip-mirror': null } } });
  expect(shown()).toHaveLength(1);
  await bed.client.patch(Services, 'db', { type: 'merge', body: { spec: { selector: { app: 'db' } } } }, inDefault);
  await bed.clock.advance(1000);
  expect(shown()).toEqual([]);
});

test('go with the Service; come back when somebody deletes them', async () => {
  await service();
  await endpoints([addresses('192.0.2.1')]);
  await bed.client.delete(EndpointSlices, mirrored()[0]!.metadata.name!, inDefault);
  await bed.clock.advance(1000);
  expect(shown()).toHaveLength(1);
  await bed.client.delete(Services, 'db', inDefault);
  await bed.clock.advance(1000);
  expect([shown(), bed.client.objects(EndpointsList)]).toEqual([[], []]);
});

test('no more than fit, and nothing that is no address', () => {
  const many = Array.from({ length: MAX_PER_SUBSET + 5 }, (_, i) => `10.1.${i >> 8}.${i & 255}`);
  const plan = planMirror({ apiVersion: 'v1', kind: 'Endpoints', metadata: { name: 'db', uid: 'u' }, subsets: [addresses(...many, 'nonsense')] }, []);
  expect([plan.create.map((slice) => slice.endpoints?.length), plan.invalid, plan.skipped]).toEqual([[MAX_PER_SUBSET], 1, 5]);
});
