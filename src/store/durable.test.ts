import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { durableStore } from './durable.ts';
import type { StoreEvent } from './store.ts';
import { configMap, storeSuite } from './store.suite.ts';

const root = mkdtempSync(join(tmpdir(), 'coracle-store-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let next = 0;
const directory = () => join(root, String(next++));

storeSuite('durableStore', (options) => durableStore(directory(), options));

describe('durableStore after a restart', () => {
  it('has every object, the revision and the history', async () => {
    const where = directory();
    const before = await durableStore(where);
    await before.create('cm/d/a', configMap('a', '1'));
    await before.create('cm/d/b', configMap('b', '1'));
    await before.update('cm/d/a', configMap('a', '2'), 1);
    await before.delete('cm/d/b');
    const events = (store: typeof before, from: number) => {
      const seen: StoreEvent[] = [];
      store.watch('', from, (event) => seen.push(event))();
      return seen.map(({ type, revision, entry, previous }) => ({ type, revision, object: entry.object, bytes: entry.encoded().toString(), previous: previous?.object }));
    };
    const [history, listed] = [events(before, 0), before.list('').entries.map((entry) => entry.object)];
    await before.close();

    const after = await durableStore(where);
    expect([after.revision, after.oldest]).toEqual([4, 0]);
    expect(after.list('').entries.map((entry) => entry.object)).toEqual(listed);
    expect(events(after, 0)).toEqual(history);
    expect((await after.create('cm/d/b', configMap('b'))).revision).toBe(5);
    await after.close();
  });

  it('keeps what is alive and forgets what was compacted, but never the revision', async () => {
    const where = directory();
    const before = await durableStore(where);
    for (let i = 0; i < 10; i++) await before.create(`cm/d/${i}`, configMap(String(i)));
    for (let i = 0; i < 9; i++) await before.delete(`cm/d/${i}`);
    before.compact(19);
    await before.close();
    const after = await durableStore(where);
    expect([after.revision, after.oldest, after.list('').entries.map((entry) => entry.key)]).toEqual([19, 19, ['cm/d/9']]);
    await after.close();
  });

  it('comes back from bounded history as it was', async () => {
    const where = directory();
    const before = await durableStore(where, { historyLimit: 20 });
    for (let i = 0; i < 200; i++) {
      if (i < 7) await before.create(`cm/d/${i}`, configMap(String(i)));
      else await before.update(`cm/d/${i % 7}`, configMap(String(i % 7), String(i)), undefined);
    }
    const [revision, listed] = [before.revision, before.list('').entries.map((entry) => entry.object)];
    await before.close();
    const after = await durableStore(where, { historyLimit: 20 });
    expect([after.revision, after.list('').entries.map((entry) => entry.object)]).toEqual([revision, listed]);
    for (let at = after.oldest; at <= revision; at++) expect(after.list('', { revision: at }).entries).toHaveLength(7);
    await after.close();
  });

  it('is opened by one process at a time, and the refusal says by whom it is held', async () => {
    const where = directory();
    const first = await durableStore(where);
    await expect(durableStore(where)).rejects.toThrow(`the store in ${where} is in use by process ${process.pid}; stop that process, or choose another directory`);
    await first.close();
    await (await durableStore(where)).close();
  });

  it('refuses what cannot be encoded, and goes on', async () => {
    const store = await durableStore(directory());
    const loop: Record<string, unknown> = {};
    loop['self'] = loop;
    await expect(store.create('cm/d/a', Object.assign(configMap('a'), { loop }))).rejects.toThrow('circular');
    expect((await store.create('cm/d/a', configMap('a'))).revision).toBe(1);
    await store.close();
  });
});
