import { afterAll, beforeAll, expect, test } from 'vitest';
import { Services } from '../../api/kinds/core/service.ts';
import type { Network } from '../index.ts';
import { testClient } from '../testing/api.ts';
import { createService, setPods } from '../testing/cluster.ts';
import { get, startNetwork } from '../testing/network.ts';
import { until } from '../testing/pods.ts';

const client = testClient();
let network: Network;
beforeAll(async () => { network = await startNetwork(client); });
afterAll(() => network.stop());

test('a load balancer is told whether there are ready pods that stay, and only with externalTrafficPolicy Local', async () => {
  const port = 38_471;
  const ask = () => get('127.0.0.1', port).then(({ status, headers, body }) => [status, headers['x-load-balancing-endpoint-weight'], (JSON.parse(body) as { localEndpoints: number }).localEndpoints], () => 'refused');
  const is = (expected: unknown) => until(async () => JSON.stringify(await ask()) === JSON.stringify(expected));
  await createService(client, 'lb', { clusterIP: '127.96.71.1', type: 'LoadBalancer', externalTrafficPolicy: 'Local', healthCheckNodePort: port, ports: [{ port: 38_472 }] });
  await is([503, '0', 0]);
  await setPods(client, 'lb', 8080, [{ name: 'a', ip: '127.97.71.1' }, { name: 'b', ip: '127.97.71.2' }, { name: 'c', ip: '127.97.71.3', ready: false }]);
  await is([200, '2', 2]);
  expect(JSON.parse((await get('127.0.0.1', port)).body)).toEqual({ service: { namespace: 'default', name: 'lb' }, localEndpoints: 2, serviceProxyHealthy: true });
  await setPods(client, 'lb', 8080, [{ name: 'a', ip: '127.97.71.1', terminating: true, serving: true }]);
  await is([503, '0', 0]);
  await client.patch(Services, 'lb', { type: 'merge', body: { spec: { externalTrafficPolicy: 'Cluster' } } }, { namespace: 'default' });
  await is('refused');
});
