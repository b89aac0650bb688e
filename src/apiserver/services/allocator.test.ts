import { expect, test } from 'vitest';
import { builtinKinds } from '../../api/kinds/index.ts';
import { Services } from '../../api/kinds/core/service.ts';
import type { Service } from '../../api/types/core.v1.ts';
import { seededRandom } from '../../base/random.ts';
import { virtualClock } from '../../base/clock.ts';
import { memoryStore } from '../../store/index.ts';
import { createApiServer } from '../index.ts';

const service = (name: string, spec: Partial<Service['spec']>): Service => ({ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'default' }, spec: { ports: [{ port: 80 }], ...spec } as Service['spec'] });

async function api() {
  const server = await createApiServer({ store: memoryStore(), clock: virtualClock(), random: seededRandom(1), kinds: builtinKinds, services: { serviceCidr: '10.96.0.0/24' } });
  return server.client();
}

test('a cluster IP and node ports are given, kept, and given back', async () => {
  const client = await api();
  const made = await client.create(Services, service('a', { type: 'NodePort' }));
  expect(made.spec.clusterIP).toMatch(/^10\.96\.0\.\d+$/);
  expect(made.spec.ports?.[0]?.nodePort).toBeGreaterThanOrEqual(30_000);
  await expect(client.create(Services, service('b', { clusterIP: made.spec.clusterIP }))).rejects.toThrow(
    `Service "b" is invalid: spec.clusterIPs: Invalid value: []string{"${made.spec.clusterIP}"}: failed to allocate IP ${made.spec.clusterIP}: provided IP is already allocated`);
  await expect(client.create(Services, service('b', { type: 'NodePort', ports: [{ port: 80, nodePort: made.spec.ports?.[0]?.nodePort }] }))).rejects.toThrow('provided port is already allocated');
  await expect(client.create(Services, service('b', { type: 'NodePort', ports: [{ port: 80, nodePort: 80 }] }))).rejects.toThrow('The range of valid ports is 30000-32767');
  await client.delete(Services, 'a', { namespace: 'default' });
  expect((await client.create(Services, service('b', { clusterIP: made.spec.clusterIP }))).spec.clusterIP).toBe(made.spec.clusterIP);
});

test('two hundred and more creates at once never share an address', async () => {
  const client = await api();
  const made = await Promise.all(Array.from({ length: 200 }, (_, i) => client.create(Services, service(`s${i}`, {}))));
  expect(new Set(made.map((s) => s.spec.clusterIP)).size).toBe(200);
});

test('a headless service gets none', async () => {
  const client = await api();
  expect((await client.create(Services, service('h', { clusterIP: 'None' }))).spec.clusterIP).toBe('None');
});

test('an address stays, and is of the family that the cluster has', async () => {
  const client = await api();
  const made = await client.create(Services, service('a', {}));
  await expect(client.patch(Services, 'a', { type: 'merge', body: { spec: { clusterIP: '10.0.0.1' } } }, { namespace: 'default' })).rejects.toThrow('spec.clusterIPs[0]: Invalid value: []string{"10.0.0.1"}: may not change once set');
  expect((await client.patch(Services, 'a', { type: 'merge', body: { spec: { type: 'NodePort' } } }, { namespace: 'default' })).spec.clusterIP).toBe(made.spec.clusterIP);
  await client.create(Services, service('far', { type: 'ExternalName', externalName: 'a.b', ports: [] }));
  expect((await client.patch(Services, 'far', { type: 'merge', body: { spec: { type: 'ClusterIP', externalName: null, ports: [{ port: 80 }] } } }, { namespace: 'default' })).spec.clusterIP).toMatch(/^10\.96\.0\./);
  await expect(client.create(Services, service('six', { ipFamilies: ['IPv6'] }))).rejects.toThrow('spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster');
  await expect(client.create(Services, service('both', { ipFamilyPolicy: 'RequireDualStack' }))).rejects.toThrow('spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services');
  expect((await client.create(Services, service('prefer', { ipFamilyPolicy: 'PreferDualStack' }))).spec.ipFamilies).toEqual(['IPv4']);
});
