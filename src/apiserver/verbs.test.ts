import { beforeEach, describe, expect, it } from 'vitest';
import { virtualClock, type VirtualClock } from '../base/clock.ts';
import { seededRandom } from '../base/random.ts';
import { ConfigMaps } from '../api/kinds/core/config-map.ts';
import { Nodes } from '../api/kinds/core/node.ts';
import { ReplicationControllers } from '../api/kinds/core/replication-controller.ts';
import { Namespaces } from '../api/kinds/core/namespace.ts';
import { Deployments } from '../api/kinds/apps/deployment.ts';
import type { ConfigMap } from '../api/types/core.v1.ts';
import type { Deployment } from '../api/types/apps.v1.ts';
import type { Client } from '../client/client.ts';
import { memoryStore } from '../store/memory.ts';
import { createApiServer } from './index.ts';

let clock: VirtualClock;
let client: Client;

beforeEach(async () => {
  clock = virtualClock();
  client = (await createApiServer({ store: memoryStore(), clock, random: seededRandom(1) })).client();
});

const configMap = (name: string, extra: object = {}): ConfigMap => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default', ...extra }, data: { a: '1' } });
const deployment = (name: string): Deployment => ({
  apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace: 'default' },
  spec: { replicas: 1, selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image: 'i' }] } } },
}) as Deployment;

describe('create', () => {
  it('fills in identity and time', async () => {
    const made = await client.create(ConfigMaps, configMap('a'));
    expect(made.metadata).toMatchObject({ name: 'a', namespace: 'default', creationTimestamp: '2025-01-01T00:00:00Z' });
    expect(made.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
    expect(made.metadata.resourceVersion).toMatch(/^\d+$/);
    await expect(client.create(ConfigMaps, configMap('a'))).rejects.toMatchObject({ code: 409, message: 'configmaps "a" already exists' });
  });

  it('keeps the status of a node, and of nothing else', async () => {
    const status = { capacity: { cpu: '4' }, conditions: [{ type: 'Ready', status: 'True' as const }] };
    expect((await client.create(Nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' }, spec: {}, status })).status).toMatchObject({ capacity: { cpu: '4' }, allocatable: { cpu: '4' }, conditions: [{ type: 'Ready' }] });
    expect((await client.create(Deployments, { ...deployment('d'), status: { replicas: 7 } })).status?.replicas).toBeUndefined();
  });

  it('generates names', async () => {
    const made = await client.create(ConfigMaps, { ...configMap(''), metadata: { generateName: 'x-', namespace: 'default' } });
    expect(made.metadata.name).toMatch(/^x-[a-z0-9]{5}$/);
  });

  it('refuses namespaces that are not there', async () => {
    await expect(client.create(ConfigMaps, configMap('a', { namespace: 'nope' }))).rejects.toMatchObject({ code: 404, message: 'namespaces "nope" not found' });
  });

  it('stores nothing in a dry run', async () => {
    await client.create(ConfigMaps, configMap('a'), { dryRun: true });
    await expect(client.get(ConfigMaps, 'a', { namespace: 'default' })).rejects.toMatchObject({ code: 404, message: 'configmaps "a" not found' });
  });
});

describe('update', () => {
  it('refuses a stale resourceVersion and takes an absent one', async () => {
    const first = await client.create(ConfigMaps, configMap('a'));
    await client.update(ConfigMaps, { ...first, data: { a: '2' } });
    await expect(client.update(ConfigMaps, { ...first, data: { a: '3' } })).rejects.toMatchObject({
      code: 409, message: 'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
    });
    expect((await client.update(ConfigMaps, configMap('a'))).data).toEqual({ a: '1' });
  });

  it('does not write what is the same', async () => {
    const first = await client.create(ConfigMaps, configMap('a'));
    expect((await client.update(ConfigMaps, configMap('a'))).metadata.resourceVersion).toBe(first.metadata.resourceVersion);
  });

  it('keeps spec and status apart and counts generations', async () => {
    const made = await client.create(Deployments, { ...deployment('web'), status: { replicas: 7 } });
    expect(made.metadata.generation).toBe(1);
    expect(made.status?.replicas).toBeUndefined();
    const scaled = await client.update(Deployments, { ...made, spec: { ...made.spec, replicas: 3 }, status: { replicas: 9 } });
    expect(scaled.metadata.generation).toBe(2);
    expect(scaled.status?.replicas).toBeUndefined();
    const observed = await client.update(Deployments, { ...scaled, spec: { ...scaled.spec, replicas: 5 }, status: { replicas: 3 } }, { subresource: 'status' });
    expect(observed.spec?.replicas).toBe(3);
    expect(observed.status?.replicas).toBe(3);
    expect(observed.metadata.generation).toBe(2);
  });
});

describe('delete', () => {
  it('says what is gone', async () => {
    const made = await client.create(ConfigMaps, configMap('a'));
    expect(await client.delete(ConfigMaps, 'a', { namespace: 'default' })).toMatchObject({ kind: 'Status', status: 'Success', details: { name: 'a', kind: 'configmaps', uid: made.metadata.uid } });
    await expect(client.delete(ConfigMaps, 'a', { namespace: 'default' })).rejects.toMatchObject({ code: 404 });
  });

  it('waits for finalizers', async () => {
    await client.create(ConfigMaps, configMap('a', { finalizers: ['example.com/hold'] }));
    const marked = (await client.delete(ConfigMaps, 'a', { namespace: 'default' })) as ConfigMap;
    expect(marked.metadata.deletionTimestamp).toBeDefined();
    await client.patch(ConfigMaps, 'a', { type: 'merge', body: { metadata: { finalizers: null } } }, { namespace: 'default' });
    await expect(client.get(ConfigMaps, 'a', { namespace: 'default' })).rejects.toMatchObject({ code: 404 });
  });

  it('honours preconditions', async () => {
    await client.create(ConfigMaps, configMap('a'));
    await expect(client.delete(ConfigMaps, 'a', { namespace: 'default', preconditions: { uid: 'other' } })).rejects.toMatchObject({ code: 409 });
  });

  it.each([['Foreground', 'foregroundDeletion'], ['Orphan', 'orphan']] as const)('marks %s for the garbage collector', async (propagationPolicy, finalizer) => {
    await client.create(ConfigMaps, configMap('a'));
    const marked = (await client.delete(ConfigMaps, 'a', { namespace: 'default', propagationPolicy })) as ConfigMap;
    expect(marked.metadata.finalizers).toEqual([finalizer]);
  });

  it('leaves what a replication controller made, unless told otherwise', async () => {
    const make = (name: string) => client.create(ReplicationControllers, { apiVersion: 'v1', kind: 'ReplicationController', metadata: { name, namespace: 'default' }, spec: { selector: { a: 'b' }, template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } } } } as never);
    for (const name of ['a', 'b', 'c']) await make(name);
    expect(await client.delete(ReplicationControllers, 'a', { namespace: 'default' })).toMatchObject({ metadata: { finalizers: ['orphan'] } });
    await client.delete(ReplicationControllers, 'b', { namespace: 'default', propagationPolicy: 'Background' });
    expect((await client.list(ReplicationControllers)).items.map((item) => item.metadata.name)).toEqual(['a', 'c']);
  });

  it('keeps the system namespaces', async () => {
    await expect(client.delete(Namespaces, 'default')).rejects.toMatchObject({ code: 403, message: 'namespaces "default" is forbidden: this namespace may not be deleted' });
  });

  it('deletes collections by selector', async () => {
    await client.create(ConfigMaps, configMap('a', { labels: { x: '1' } }));
    await client.create(ConfigMaps, configMap('b'));
    await client.deleteCollection(ConfigMaps, { namespace: 'default', labelSelector: 'x=1' });
    expect((await client.list(ConfigMaps, { namespace: 'default' })).items.map((item) => item.metadata.name)).toEqual(['b']);
  });
});

describe('list', () => {
  it('pages over one snapshot', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) await client.create(ConfigMaps, configMap(name));
    const first = await client.list(ConfigMaps, { namespace: 'default', limit: 2 });
    expect(first.metadata.remainingItemCount).toBe(3);
    await client.delete(ConfigMaps, 'd', { namespace: 'default' });
    const rest = await client.list(ConfigMaps, { namespace: 'default', continue: first.metadata.continue! });
    expect([...first.items, ...rest.items].map((item) => item.metadata.name)).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it.each([
    ['foo=bar', undefined, '"foo" is not a known field selector: only "metadata.name", "metadata.namespace"'],
    [undefined, '==', "found '==', expected: !, identifier, or 'end of string'"],
  ])('refuses bad selectors', async (fieldSelector, labelSelector, message) => {
    await expect(client.list(ConfigMaps, { fieldSelector: fieldSelector!, labelSelector: labelSelector! })).rejects.toMatchObject({ code: 400, message });
  });
});

describe('watch', () => {
  it('shows changes through a selector', async () => {
    const { metadata } = await client.list(ConfigMaps);
    const events: string[] = [];
    const watch = client.watch(ConfigMaps, { labelSelector: 'x=1', resourceVersion: metadata.resourceVersion }, { event: (e) => events.push(`${e.type} ${(e.object as ConfigMap).data?.['a']}`), closed: () => {} });
    await clock.settle();
    await client.create(ConfigMaps, configMap('a'));
    await client.patch(ConfigMaps, 'a', { type: 'merge', body: { metadata: { labels: { x: '1' } } } }, { namespace: 'default' });
    await client.patch(ConfigMaps, 'a', { type: 'merge', body: { data: { a: '2' } } }, { namespace: 'default' });
    await client.patch(ConfigMaps, 'a', { type: 'merge', body: { metadata: { labels: { x: null } } } }, { namespace: 'default' });
    await clock.settle();
    watch.stop();
    expect(events).toEqual(['ADDED 1', 'MODIFIED 2', 'DELETED 2']);
  });

  it('begins with what is there, ended by a bookmark, when asked to', async () => {
    await client.create(ConfigMaps, configMap('a'));
    const events: string[] = [];
    const watch = client.watch(ConfigMaps, { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan', allowWatchBookmarks: true }, {
      event: (e) => events.push(`${e.type} ${JSON.stringify((e.object as ConfigMap).metadata.annotations ?? {})}`), closed: () => {},
    });
    await clock.settle();
    watch.stop();
    expect(events).toEqual(['ADDED {}', 'BOOKMARK {"k8s.io/initial-events-end":"true"}']);
  });

  it('ends at its time limit', async () => {
    let closed = 0;
    client.watch(ConfigMaps, { timeoutSeconds: 5 }, { event: () => {}, closed: () => closed++ });
    await clock.settle();
    await clock.advance(4_999);
    expect(closed).toBe(0);
    await clock.advance(1);
    expect(closed).toBe(1);
  });
});
