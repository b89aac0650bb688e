import { expect, test } from 'vitest';
import { virtualClock } from '../../base/clock.ts';
import { notFound } from '../../api/errors.ts';
import type { Client, RawRequest, RawResponse } from '../../client/client.ts';
import { apiMetrics } from './api-metrics.ts';
import { restMapper } from './rest-mapping.ts';
import { scaleClient } from './scale-client.ts';

const answer = (body: unknown, status = 200): RawResponse => ({ status, headers: {}, body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)) });

/** A client whose paths answer from a table; what was asked is kept. */
function tableClient(table: Readonly<Record<string, (request: RawRequest) => RawResponse>>) {
  const asked: string[] = [];
  const client = {
    raw: async (request: RawRequest) => {
      asked.push(`${request.method} ${request.path}`);
      return table[request.path.split('?')[0]!]?.(request) ?? answer('404 page not found', 404);
    },
    list: async () => {
      throw notFound({ group: 'metrics.k8s.io', plural: 'pods' }, '');
    },
  } as unknown as Client;
  return { client, asked, metrics: apiMetrics(client, restMapper(client)) };
}

const discovery = {
  '/apis/apps': () => answer({ versions: [{ groupVersion: 'apps/v1beta1' }, { groupVersion: 'apps/v1' }], preferredVersion: { groupVersion: 'apps/v1' } }),
  '/apis/apps/v1': () => answer({ resources: [{ name: 'deployments/scale', kind: 'Scale' }, { name: 'deployments', kind: 'Deployment' }] }),
  '/apis/apps/v1beta1': () => answer({ resources: [] }),
};

test('custom metrics of pods and objects, external ones', async () => {
  const { metrics, asked } = tableClient({
    ...discovery,
    '/apis/custom.metrics.k8s.io/v1beta2/namespaces/shop/pods/*/rps': () => answer({ items: [{ describedObject: { name: 'web-1' }, value: '1500m', timestamp: '2025-01-01T00:00:00Z' }] }),
    '/apis/custom.metrics.k8s.io/v1beta2/namespaces/shop/deployments.apps/web/queue': () => answer({ items: [{ describedObject: { name: 'web' }, value: '7' }] }),
    '/apis/external.metrics.k8s.io/v1beta1/namespaces/shop/jobs': () => answer({ items: [{ value: '3' }, { value: '4500m' }] }),
  });
  expect(await metrics.pods('rps', 'shop', 'app=web', { matchLabels: { code: '200' } })).toEqual(new Map([['web-1', { value: 1500, timestamp: Date.UTC(2025, 0, 1), windowMs: 60_000 }]]));
  expect(asked[0]).toBe('GET /apis/custom.metrics.k8s.io/v1beta2/namespaces/shop/pods/*/rps?labelSelector=app%3Dweb&metricLabelSelector=code%3D200');
  expect(await metrics.object('queue', 'shop', { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, undefined)).toBe(7000);
  expect(await metrics.external('jobs', 'shop', undefined)).toEqual([3000, 4500]);
});

test('what is not there is said as client-go says it', async () => {
  const { metrics, client } = tableClient(discovery);
  await expect(metrics.resource('cpu', 'shop', 'app=web', '')).rejects.toThrow('unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)');
  await expect(metrics.external('jobs', 'shop', undefined)).rejects.toThrow('unable to fetch metrics from external metrics API: the server could not find the requested resource (get jobs.external.metrics.k8s.io)');
  await expect(restMapper(client).mappings('apps/v1', 'Thing')).rejects.toThrow('no matches for kind "Thing" in group "apps"');
  await expect(restMapper(client).mappings('a/b/c', 'Thing')).rejects.toThrow('unexpected GroupVersion string: a/b/c');
});

test('a scale that was changed meanwhile is read and written again', async () => {
  let tries = 0;
  const clock = virtualClock();
  const { client, asked } = tableClient({
    ...discovery,
    '/apis/apps/v1/namespaces/shop/deployments/web/scale': (request) => {
      if (request.method === 'GET') return answer({ metadata: { resourceVersion: String(tries) }, spec: { replicas: 2 }, status: { replicas: 1, selector: 'app=web' } });
      return ++tries < 3 ? answer({ kind: 'Status', reason: 'Conflict', message: 'modified', code: 409 }, 409) : answer({});
    },
  });
  const scales = scaleClient(client, restMapper(client), clock);
  const web = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
  expect(await scales.get(web, 'shop')).toEqual({ specReplicas: 2, statusReplicas: 1, selector: 'app=web' });
  const set = scales.set(web, 'shop', 5);
  await clock.advance(100);
  await set;
  expect(asked.filter((path) => path.startsWith('PUT'))).toHaveLength(3);
});
