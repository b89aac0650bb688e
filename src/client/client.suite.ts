import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StatusError } from '../api/errors.ts';
import { ConfigMaps } from '../api/kinds/core/config-map.ts';
import type { WatchEvent } from '../api/object.ts';
import type { ConfigMap } from '../api/types/core.v1.ts';
import type { Client } from './client.ts';

const NAMESPACE = 'default';
const configMap = (name: string, value = ''): ConfigMap => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: NAMESPACE }, data: { value } });
const failure = (promise: Promise<unknown>): Promise<StatusError> =>
  promise.then(
    () => expect.fail('it succeeded'),
    (error: unknown) => (error instanceof StatusError ? error : Promise.reject(error)),
  );

/** What every Client must do. `open` gives one of an API whose namespace `default` exists and holds no ConfigMap. */
export function clientSuite(name: string, open: () => Promise<{ client: Client; close(): Promise<void> }>): void {
  describe(`${name}: the client's contract`, () => {
    let client: Client;
    let close: () => Promise<void>;
    beforeEach(async () => {
      ({ client, close } = await open());
    });
    afterEach(() => close());

    /** Watches, and waits until so many events have come. */
    const watching = (resourceVersion: string) => {
      const events: WatchEvent<ConfigMap>[] = [];
      const closed: (Error | undefined)[] = [];
      const watch = client.watch(ConfigMaps, { namespace: NAMESPACE, resourceVersion }, { event: (event) => void events.push(event), closed: (error) => void closed.push(error) });
      const until = (count: number) => expect.poll(() => events.length).toBeGreaterThanOrEqual(count);
      return { events, closed, watch, until, seen: () => events.map((event) => `${event.type} ${(event.object as ConfigMap).metadata.name}`) };
    };

    it('creates, gets, updates and deletes', async () => {
      const created = await client.create(ConfigMaps, configMap('a', '1'));
      expect(created).toMatchObject({ kind: 'ConfigMap', apiVersion: 'v1', data: { value: '1' }, metadata: { name: 'a', namespace: NAMESPACE } });
      expect(created.metadata.uid).toBeTruthy();
      expect(await client.get(ConfigMaps, 'a', { namespace: NAMESPACE })).toEqual(created);
      const updated = await client.update(ConfigMaps, { ...created, data: { value: '2' } });
      expect(updated.data).toEqual({ value: '2' });
      expect(updated.metadata.resourceVersion).not.toBe(created.metadata.resourceVersion);
      expect(await client.delete(ConfigMaps, 'a', { namespace: NAMESPACE })).toMatchObject({ kind: 'Status', status: 'Success' });
      expect(await failure(client.get(ConfigMaps, 'a', { namespace: NAMESPACE }))).toMatchObject({ code: 404, reason: 'NotFound', message: 'configmaps "a" not found' });
    });

    it('rejects with the server\'s status', async () => {
      const created = await client.create(ConfigMaps, configMap('a'));
      expect(await failure(client.create(ConfigMaps, configMap('a')))).toMatchObject({ code: 409, reason: 'AlreadyExists', message: 'configmaps "a" already exists' });
      await client.update(ConfigMaps, { ...created, data: { value: 'x' } });
      expect(await failure(client.update(ConfigMaps, { ...created, data: { value: 'y' } }))).toMatchObject({ code: 409, reason: 'Conflict' });
      expect(await failure(client.delete(ConfigMaps, 'none', { namespace: NAMESPACE }))).toMatchObject({ code: 404, status: { details: { name: 'none', kind: 'configmaps' } } });
    });

    it('rejects, and does not throw, what cannot be addressed', async () => {
      await expect(client.get(ConfigMaps, '', { namespace: NAMESPACE })).rejects.toThrow();
      await expect(client.get(ConfigMaps, 'a')).rejects.toThrow();
    });

    it('patches: merge, json, strategic', async () => {
      await client.create(ConfigMaps, configMap('a', '1'));
      const options = { namespace: NAMESPACE };
      expect((await client.patch(ConfigMaps, 'a', { type: 'merge', body: { data: { more: '2' } } }, options)).data).toEqual({ value: '1', more: '2' });
      expect((await client.patch(ConfigMaps, 'a', { type: 'json', operations: [{ op: 'remove', path: '/data/value' }] }, options)).data).toEqual({ more: '2' });
      expect((await client.patch(ConfigMaps, 'a', { type: 'strategic', body: { data: { more: null, third: '3' } } }, options)).data).toEqual({ third: '3' });
    });

    it('lists, in pages that add up, of one namespace and of all', async () => {
      for (let i = 0; i < 5; i++) await client.create(ConfigMaps, configMap(`c${i}`));
      const first = await client.list(ConfigMaps, { namespace: NAMESPACE, limit: 2 });
      expect([first.kind, first.items.map((item) => item.metadata.name), first.metadata.remainingItemCount]).toEqual(['ConfigMapList', ['c0', 'c1'], 3]);
      // A page belongs to the moment of the first.
      await client.create(ConfigMaps, configMap('c3a'));
      const rest = await client.list(ConfigMaps, { namespace: NAMESPACE, limit: 10, continue: first.metadata.continue });
      expect(rest.items.map((item) => item.metadata.name)).toEqual(['c2', 'c3', 'c4']);
      expect(rest.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
      expect(rest.items[0]).toMatchObject({ kind: 'ConfigMap', apiVersion: 'v1' });
      expect((await client.list(ConfigMaps)).items.filter((item) => item.metadata.namespace === NAMESPACE)).toHaveLength(6);
    });

    it('watches from a version: what was missed, then what comes, in order', async () => {
      const { metadata } = await client.list(ConfigMaps, { namespace: NAMESPACE });
      const a = await client.create(ConfigMaps, configMap('a', '1'));
      const stream = watching(metadata.resourceVersion);
      await stream.until(1);
      await client.update(ConfigMaps, { ...a, data: { value: 'ü'.repeat(100_000) } });
      await client.create(ConfigMaps, configMap('b'));
      await client.delete(ConfigMaps, 'a', { namespace: NAMESPACE });
      await stream.until(4);
      expect(stream.seen()).toEqual(['ADDED a', 'MODIFIED a', 'ADDED b', 'DELETED a']);
      expect((stream.events[1]!.object as ConfigMap).data?.['value']).toHaveLength(100_000);
      stream.watch.stop();
      await client.create(ConfigMaps, configMap('late'));
      expect(stream.seen()).toHaveLength(4);
      expect(stream.closed).toEqual([]);
    });

    it('deletes a collection', async () => {
      for (const name of ['a', 'b']) await client.create(ConfigMaps, configMap(name));
      await client.deleteCollection(ConfigMaps, { namespace: NAMESPACE });
      expect((await client.list(ConfigMaps, { namespace: NAMESPACE })).items).toEqual([]);
    });

    it('asks for anything else, whatever the status', async () => {
      const version = await client.raw({ method: 'GET', path: '/version' });
      expect([version.status, (JSON.parse(version.body.toString()) as { major: string }).major]).toEqual([200, '1']);
      expect(await client.raw({ method: 'GET', path: '/nothing-here' })).toMatchObject({ status: 404 });
    });
  });
}
