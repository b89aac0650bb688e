import { beforeEach, describe, expect, it } from 'vitest';
import { virtualClock } from '../base/clock.ts';
import { seededRandom } from '../base/random.ts';
import { ConfigMaps } from '../api/kinds/core/config-map.ts';
import { Deployments } from '../api/kinds/apps/deployment.ts';
import type { ConfigMap } from '../api/types/core.v1.ts';
import type { Client } from '../client/client.ts';
import { memoryStore } from '../store/index.ts';
import { createApiServer } from './index.ts';

let client: Client;
beforeEach(async () => {
  client = (await createApiServer({ store: memoryStore(), clock: virtualClock(), random: seededRandom(1), admission: [] })).client();
});

const at = { namespace: 'default' };
const apply = (manager: string, data: Record<string, string>, force = false) =>
  client.patch(ConfigMaps, 'a', { type: 'apply', body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data } }, { ...at, fieldManager: manager, force });

describe('server-side apply', () => {
  it('creates, owns, refuses and gives way', async () => {
    const made = await apply('m1', { a: '1' });
    expect(made.metadata.managedFields).toMatchObject([{ manager: 'm1', operation: 'Apply', apiVersion: 'v1', fieldsV1: { 'f:data': { 'f:a': {} } } }]);
    await expect(apply('m2', { a: '2' })).rejects.toMatchObject({ code: 409, message: 'Apply failed with 1 conflict: conflict with "m1": .data.a', status: { details: { causes: [{ reason: 'FieldManagerConflict', field: '.data.a' }] } } });
    expect((await apply('m2', { a: '2' }, true)).data).toEqual({ a: '2' });
    expect((await apply('m2', { b: '3' })).data).toEqual({ b: '3' });
  });

  it('writes nothing when nothing changes', async () => {
    const made = await apply('m1', { a: '1' });
    expect((await apply('m1', { a: '1' })).metadata.resourceVersion).toBe(made.metadata.resourceVersion);
  });

  it('is strict about misspelt fields when asked', async () => {
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, dat: {} };
    await expect(client.patch(ConfigMaps, 'a', { type: 'apply', body }, { ...at, fieldManager: 'm', fieldValidation: 'Strict' })).rejects.toMatchObject({ code: 400 });
  });
});

describe('managedFields', () => {
  it('follow writes of every kind', async () => {
    const made = await client.create(ConfigMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', ...at }, data: { a: '1' } }, { fieldManager: 'maker' });
    expect(made.metadata.managedFields?.map(({ manager, operation }) => [manager, operation])).toEqual([['maker', 'Update']]);
    const patched = await client.patch(ConfigMaps, 'a', { type: 'merge', body: { data: { b: '2' } } }, { ...at, fieldManager: 'patcher' });
    expect(patched.metadata.managedFields?.map(({ manager, fieldsV1 }) => [manager, fieldsV1])).toEqual([['maker', { 'f:data': { '.': {}, 'f:a': {} } }], ['patcher', { 'f:data': { 'f:b': {} } }]]);
  });

  it('are kept apart for status', async () => {
    const labels = { app: 'w' };
    const made = await client.create(Deployments, {
      apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'w', ...at }, spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } } },
    } as never, { fieldManager: 'maker' });
    const observed = await client.update(Deployments, { ...(made as object), status: { replicas: 1 } } as never, { subresource: 'status', fieldManager: 'controller' });
    const entries = (observed as ConfigMap).metadata.managedFields!;
    expect(entries.map(({ manager, subresource }) => [manager, subresource])).toEqual([['controller', 'status'], ['maker', undefined]]);
    expect(JSON.stringify(entries[1]!.fieldsV1)).not.toContain('f:status');
  });

  it('do not go stale in another version', async () => {
    await client.raw({ method: 'POST', path: '/apis/extensions/v1beta1/namespaces/default/deployments', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ metadata: { name: 'old' }, spec: { template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } } } }) });
    const read = JSON.parse((await client.raw({ method: 'GET', path: '/apis/extensions/v1beta1/namespaces/default/deployments/old' })).body.toString()) as ConfigMap;
    expect(read.metadata.uid).toBeDefined();
    expect(read.metadata.managedFields?.[0]?.apiVersion).toBe('extensions/v1beta1');
  });
});
