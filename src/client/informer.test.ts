import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expired } from '../api/errors.ts';
import { ConfigMaps } from '../api/kinds/core/config-map.ts';
import type { ConfigMap } from '../api/types/core.v1.ts';
import { virtualClock } from '../base/clock.ts';
import { seededRandom } from '../base/random.ts';
import { memoryStore } from '../store/memory.ts';
import type { Client, WatchHandler } from './client.ts';
import { createInformer } from './create-informer.ts';
import type { InformerOptions } from './informer.ts';
import { tinyApi } from './tiny-api.suite.ts';

const configMap = (name: string, value = '', namespace = 'd'): ConfigMap => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data: { value } });

/** An API whose watches can be cut and that can be away altogether. */
function shakyApi() {
  const store = memoryStore();
  const inner = tinyApi(store);
  const open = new Set<{ cut(error?: Error): void }>();
  const state = { away: false, lists: 0, watches: 0 };
  const client: Client = {
    ...inner,
    async list(type, options) {
      state.lists++;
      if (state.away) throw new Error('connection refused');
      return inner.list(type, options);
    },
    watch(type, options, handler) {
      state.watches++;
      if (state.away) {
        queueMicrotask(() => handler.closed(new Error('connection refused')));
        return { stop() {} };
      }
      const watch = inner.watch(type, options, handler);
      const line = {
        cut(error?: Error) {
          open.delete(line);
          watch.stop();
          (handler as WatchHandler<ConfigMap>).closed(error);
        },
      };
      open.add(line);
      return {
        stop() {
          open.delete(line);
          watch.stop();
        },
      };
    },
  };
  return { store, client, state, cutAll: (error?: Error) => [...open].forEach((line) => line.cut(error)) };
}

function started(options: InformerOptions<ConfigMap> = {}) {
  const clock = virtualClock();
  const api = shakyApi();
  const informer = createInformer(api.client, clock, seededRandom(1), ConfigMaps, { onError: () => {}, ...options });
  const log: string[] = [];
  const handler = {
    added: (object: ConfigMap) => void log.push(`+${object.metadata.name}=${object.data?.['value']}`),
    updated: (old: ConfigMap, next: ConfigMap) => void log.push(`~${next.metadata.name}=${old.data?.['value']}>${next.data?.['value']}`),
    deleted: (last: ConfigMap) => void log.push(`-${last.metadata.name}=${last.data?.['value']}`),
  };
  informer.onChange(handler);
  return { clock, informer, log, handler, ...api };
}

describe('createInformer', () => {
  it('shows what is there, then every change, in order', async () => {
    const { client, informer, log, handler, clock } = started();
    const a = await client.create(ConfigMaps, configMap('a', '1'));
    await informer.start();
    expect([informer.synced, log]).toEqual([true, ['+a=1']]);
    await clock.settle();
    await client.update(ConfigMaps, { ...a, data: { value: '2' } });
    await client.create(ConfigMaps, configMap('b', '1'));
    await client.delete(ConfigMaps, 'a', { namespace: 'd' });
    expect(log).toEqual(['+a=1', '~a=1>2', '+b=1', '-a=2']);
    expect(informer.get('d', 'b')?.data).toEqual({ value: '1' });
    const late: string[] = [];
    const remove = informer.onChange({ ...handler, added: (object) => void late.push(object.metadata.name ?? '') });
    expect(late).toEqual(['b']);
    remove();
    await client.create(ConfigMaps, configMap('c'));
    expect(late).toEqual(['b']);
    informer.stop();
    await client.create(ConfigMaps, configMap('d'));
    expect(informer.get('d', 'd')).toBeUndefined();
    await clock.settle();
    expect(clock.pending()).toBe(0);
  });

  it('fills itself from many pages', async () => {
    const { client, informer, state } = started();
    for (let i = 0; i < 1_234; i++) await client.create(ConfigMaps, configMap(`c${i}`));
    await informer.start();
    expect([informer.list().length, state.lists]).toEqual([1_234, 3]);
    informer.stop();
  });

  it('keeps namespaces and indices', async () => {
    const { client, informer, clock } = started({ indices: { value: (object) => [object.data?.['value'] ?? ''] } });
    await informer.start();
    await clock.settle();
    const a = await client.create(ConfigMaps, configMap('a', 'red', 'x'));
    await client.create(ConfigMaps, configMap('b', 'red', 'y'));
    const names = (objects: readonly ConfigMap[]) => objects.map((object) => object.metadata.name);
    expect([names(informer.byIndex('value', 'red')), names(informer.list('x')), names(informer.list())]).toEqual([['a', 'b'], ['a'], ['a', 'b']]);
    await client.update(ConfigMaps, { ...a, data: { value: 'blue' } });
    expect([names(informer.byIndex('value', 'red')), names(informer.byIndex('value', 'blue'))]).toEqual([['b'], ['a']]);
    await client.delete(ConfigMaps, 'a', { namespace: 'x' });
    expect([names(informer.byIndex('value', 'blue')), names(informer.list('x'))]).toEqual([[], []]);
    expect(() => informer.byIndex('node', 'n')).toThrow('no index "node"; there are: value');
    informer.addIndex('name', (object) => [object.metadata.name ?? '']);
    expect(names(informer.byIndex('name', 'b'))).toEqual(['b']);
    informer.stop();
  });

  it('goes on where a broken watch ended', async () => {
    const { client, informer, log, clock, state, cutAll } = started();
    await informer.start();
    await clock.settle();
    await client.create(ConfigMaps, configMap('a'));
    cutAll(new Error('reset'));
    await client.create(ConfigMaps, configMap('b'));
    await clock.settle();
    expect([log, state.lists, state.watches]).toEqual([['+a=', '+b='], 1, 2]);
    informer.stop();
  });

  it('lists again when its version is too old, and tells the difference only', async () => {
    const { client, store, informer, log, clock, state, cutAll } = started();
    for (const name of ['a', 'b', 'c']) await client.create(ConfigMaps, configMap(name, '1'));
    await informer.start();
    await clock.settle();
    log.length = 0;
    cutAll();
    await client.delete(ConfigMaps, 'a', { namespace: 'd' });
    await client.patch(ConfigMaps, 'b', { type: 'merge', body: { data: { value: '2' } } }, { namespace: 'd' });
    await client.create(ConfigMaps, configMap('z', '1'));
    store.compact(store.revision);
    await clock.advance(60_000);
    expect([log, state.lists]).toEqual([['-a=1', '~b=1>2', '+z=1'], 2]);
    informer.stop();
  });

  it('waits longer and longer for an API that is away, says so, and comes back', async () => {
    const errors: string[] = [];
    const { client, informer, clock, state } = started({ onError: (error) => void errors.push(error.message) });
    state.away = true;
    const ready = informer.start();
    await clock.advance(120_000);
    // 0.8, 1.6, 3.2 … 30 s, each up to doubled.
    expect(state.lists).toBeGreaterThanOrEqual(5);
    expect(state.lists).toBeLessThanOrEqual(10);
    expect(errors).toHaveLength(state.lists);
    state.away = false;
    await client.create(ConfigMaps, configMap('a'));
    await clock.advance(30_000);
    await ready;
    expect(informer.list()).toHaveLength(1);
    informer.stop();
  });

  it('resyncs at its interval', async () => {
    const { client, informer, log, clock } = started({ resyncMs: 1_000 });
    await client.create(ConfigMaps, configMap('a', '1'));
    await informer.start();
    await clock.advance(2_500);
    expect(log).toEqual(['+a=1', '~a=1>1', '~a=1>1']);
    informer.stop();
    await clock.settle();
    expect(clock.pending()).toBe(0);
  });

  it('rejects a start that is stopped before the first list', async () => {
    const { informer, state } = started();
    state.away = true;
    const ready = informer.start();
    informer.stop();
    await expect(ready).rejects.toThrow('was stopped before its first list was complete');
  });

  it('loses, doubles and reorders nothing, whatever breaks', async () => {
    const step = fc.record({ what: fc.constantFrom('write', 'write', 'write', 'delete', 'cut', 'cut cleanly', 'away', 'back', 'compact', 'expire', 'wait'), name: fc.constantFrom('a', 'b', 'c') });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const { client, store, informer, clock, state, cutAll } = started();
        // A handler's own picture, held to the rule that each change fits onto what it was told before.
        const picture = new Map<string, ConfigMap>();
        const id = (object: ConfigMap) => object.metadata.name ?? '';
        const version = (object: ConfigMap) => Number(object.metadata.resourceVersion);
        informer.onChange({
          added(object) {
            expect(picture.has(id(object))).toBe(false);
            picture.set(id(object), object);
          },
          updated(old, next) {
            expect(picture.get(id(old))).toBe(old);
            expect(version(next)).toBeGreaterThan(version(old));
            picture.set(id(next), next);
          },
          deleted(last) {
            expect(version(last)).toBeGreaterThanOrEqual(version(picture.get(id(last))!));
            picture.delete(id(last));
          },
        });
        void informer.start();
        for (const { what, name } of steps) {
          if (what === 'write') await client.create(ConfigMaps, configMap(name)).catch(() => client.patch(ConfigMaps, name, { type: 'merge', body: { data: { value: String(store.revision) } } }, { namespace: 'd' }));
          if (what === 'delete') await client.delete(ConfigMaps, name, { namespace: 'd' }).catch(() => undefined);
          if (what === 'cut') cutAll(new Error('reset'));
          if (what === 'cut cleanly') cutAll();
          if (what === 'expire') cutAll(expired('too old'));
          if (what === 'away' || what === 'back') state.away = what === 'away';
          if (what === 'compact') store.compact(store.revision);
          if (what === 'wait') await clock.advance(5_000);
        }
        state.away = false;
        await clock.advance(120_000);
        const truth = store.list('configmaps/').entries.map((entry) => entry.object);
        const sorted = (objects: Iterable<ConfigMap>) => [...objects].sort((a, b) => (id(a) < id(b) ? -1 : 1));
        expect(sorted(picture.values())).toEqual(truth);
        expect(sorted(informer.list())).toEqual(truth);
        informer.stop();
      }),
      { numRuns: 60 },
    );
  });
});
