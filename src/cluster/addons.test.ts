import { beforeEach, expect, test } from 'vitest';
import { EndpointsList } from '../api/kinds/core/endpoints.ts';
import { Pods } from '../api/kinds/core/pod.ts';
import { Services } from '../api/kinds/core/service.ts';
import { EndpointSlices } from '../api/kinds/discovery/endpoint-slice.ts';
import { StorageClasses } from '../api/kinds/storage/storage-class.ts';
import { createApiServer } from '../apiserver/index.ts';
import { virtualClock } from '../base/clock.ts';
import { seededRandom } from '../base/random.ts';
import type { Client } from '../client/client.ts';
import { memoryStore } from '../store/index.ts';
import { ensureSystemObjects, publishApi } from './addons.ts';
import { loadAddresses } from './addresses.ts';

const addresses = loadAddresses({ directory: undefined, name: 'default', bridge: undefined, machine: { taken: () => new Set(), interfaceWith: () => undefined } });
let client: Client;
beforeEach(async () => {
  client = (await createApiServer({ store: memoryStore(), clock: virtualClock(), random: seededRandom(1), services: { serviceCidr: addresses.serviceCidr } })).client();
  await ensureSystemObjects(client, addresses);
});

test.each([['system-cluster-critical', 2_000_000_000], ['system-node-critical', 2_000_001_000]])('a pod may be created at once, also as %s', async (priorityClassName, priority) => {
  const pod = await client.create(Pods, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'default' }, spec: { priorityClassName, containers: [{ name: 'c', image: 'i' }] } });
  expect(pod.spec).toMatchObject({ priority, preemptionPolicy: 'PreemptLowerPriority', serviceAccountName: 'default' });
});

test('the Services of the API and of DNS have the addresses that pods are told', async () => {
  expect((await client.get(Services, 'kubernetes', { namespace: 'default' })).spec).toMatchObject({ clusterIP: '10.96.0.1', ports: [{ name: 'https', port: 443 }] });
  expect((await client.get(Services, 'kube-dns', { namespace: 'kube-system' })).spec).toMatchObject({ clusterIP: '10.96.0.10', ports: [{ port: 53, protocol: 'UDP' }, { port: 53, protocol: 'TCP' }] });
});

test('at the next start everything stays as it is, changed or not', async () => {
  const changed = await client.patch(StorageClasses, 'standard', { type: 'merge', body: { metadata: { annotations: { 'storageclass.kubernetes.io/is-default-class': 'false' } } } });
  const service = await client.get(Services, 'kubernetes', { namespace: 'default' });
  await ensureSystemObjects(client, addresses);
  expect(await client.get(StorageClasses, 'standard')).toEqual(changed);
  expect(await client.get(Services, 'kubernetes', { namespace: 'default' })).toEqual(service);
});

test('where the API is follows the port of this start', async () => {
  const published = async () => [
    (await client.get(EndpointSlices, 'kubernetes', { namespace: 'default' })).ports?.[0]?.port,
    (await client.get(EndpointsList, 'kubernetes', { namespace: 'default' })).subsets?.[0]?.ports?.[0]?.port,
  ];
  await publishApi(client, '10.244.0.1', 6443);
  expect(await published()).toEqual([6443, 6443]);
  await publishApi(client, '10.244.0.1', 7443);
  expect(await published()).toEqual([7443, 7443]);
});
