import { afterEach, beforeEach, expect, it } from 'vitest';
import { virtualClock } from '../../base/clock.ts';
import { seededRandom } from '../../base/random.ts';
import { APIServices } from '../../api/kinds/apiregistration/api-service.ts';
import type { APIService } from '../../api/types/apiregistration.v1.ts';
import type { Client } from '../../client/client.ts';
import { memoryStore } from '../../store/index.ts';
import { createApiServer, type ApiServer } from '../index.ts';

let server: ApiServer;
let client: Client;
const defects: unknown[] = [];
beforeEach(async () => {
  defects.length = 0;
  server = await createApiServer({ store: memoryStore(), clock: virtualClock(), random: seededRandom(1), admission: [], report: (error) => void defects.push(error) });
  client = server.client();
});
afterEach(async () => {
  expect(defects).toEqual([]);
  await server.close();
});

const available = async (name: string) => (await client.get(APIServices, name)).status?.conditions?.find((c) => c.type === 'Available');
const remote = (group: string): APIService => ({
  apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', metadata: { name: `v1beta1.${group}` },
  spec: { group, version: 'v1beta1', groupPriorityMinimum: 100, versionPriority: 100, insecureSkipTLSVerify: true, service: { namespace: 'kube-system', name: 'far' } },
});
const until = async <T>(read: () => Promise<T | undefined>): Promise<T> => {
  for (let turn = 0; turn < 100; turn++) {
    const found = await read();
    if (found) return found;
    await new Promise(setImmediate);
  }
  throw new Error('it did not come');
};

it('has one for each built-in group-version, available at once', async () => {
  const names = (await client.list(APIServices)).items.map((item) => item.metadata.name);
  expect(names).toEqual(expect.arrayContaining(['v1.', 'v1.apps', 'v2.autoscaling', 'v1.rbac.authorization.k8s.io', 'v1.apiextensions.k8s.io']));
  expect(names).not.toContain('v1.apiregistration.k8s.io');
  expect(await available('v1.apps')).toMatchObject({ status: 'True', reason: 'Local', message: 'Local APIServices are always available' });
  expect((await client.get(APIServices, 'v1.apps')).spec).toMatchObject({ groupPriorityMinimum: 17_800, versionPriority: 15 });
});

it('says what hinders those of others', async () => {
  await client.create(APIServices, remote('far.e.com'));
  expect(await until(() => available('v1beta1.far.e.com'))).toMatchObject({ status: 'False', reason: 'ServiceNotFound', message: 'service/far in "kube-system" is not present' });
});

it('does not ask others for what it serves itself', async () => {
  await client.patch(APIServices, 'v1beta1.metrics.k8s.io', { type: 'merge', body: { spec: remote('metrics.k8s.io').spec } });
  await until(async () => ((await available('v1beta1.metrics.k8s.io'))?.message?.includes('is served by this API server itself') ? true : undefined));
  expect(await available('v1beta1.metrics.k8s.io')).toMatchObject({ status: 'True', reason: 'Local' });
});
