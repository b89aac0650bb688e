import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KubeObject } from '../api/object.ts';
import { Compacted, FutureRevision, type Store, type StoreEvent, WriteConflict } from './store.ts';

export const configMap = (name: string, value = ''): KubeObject & { data: Record<string, string> } => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'd' }, data: { value } });
const valueOf = (object: KubeObject) => (object as ReturnType<typeof configMap>).data['value'];

/** What every store must do. `open` gives an empty one; the suite closes it. */
export function storeSuite(name: string, open: (options: { historyLimit?: number }) => Promise<Store>): void {
  describe(`${name}: the store's contract`, () => {
    let store: Store;
    beforeEach(async () => {
      store = await open({});
    });
    afterEach(() => store.close());

    it('is empty at revision 0', () => {
      expect([store.revision, store.oldest, store.get('a/d/x')]).toEqual([0, 0, undefined]);
      expect(store.list('')).toEqual({ entries: [], revision: 0, remaining: 0 });
    });

    it('counts every write, and stamps it on the object', async () => {
      const created = await store.create('cm/d/a', configMap('a', '1'));
      expect([created.revision, created.object.metadata.resourceVersion, store.revision]).toEqual([1, '1', 1]);
      const updated = await store.update('cm/d/a', configMap('a', '2'), 1);
      expect([updated.revision, valueOf(updated.object), store.get('cm/d/a')]).toEqual([2, '2', updated]);
      const deleted = await store.delete('cm/d/a', 2);
      expect([deleted.revision, deleted.object.metadata.resourceVersion, valueOf(deleted.object), store.get('cm/d/a')]).toEqual([3, '3', '2', undefined]);
    });

    it('leaves the object that it is given alone, and encodes once', async () => {
      const given = configMap('a', 'ü');
      const entry = await store.create('cm/d/a', given);
      expect(given.metadata).toEqual({ name: 'a', namespace: 'd' });
      expect(JSON.parse(entry.encoded().toString())).toEqual(entry.object);
      expect(entry.encoded()).toBe(entry.encoded());
    });

    it('refuses what lost: exists, missing, revision', async () => {
      await store.create('cm/d/a', configMap('a'));
      const why = (promise: Promise<unknown>) => promise.then(() => 'ok', (error: unknown) => (error instanceof WriteConflict ? error.why : error));
      expect(await why(store.create('cm/d/a', configMap('a')))).toBe('exists');
      expect(await why(store.update('cm/d/b', configMap('b'), undefined))).toBe('missing');
      expect(await why(store.delete('cm/d/b'))).toBe('missing');
      expect(await why(store.update('cm/d/a', configMap('a'), 7))).toBe('revision');
      expect(await why(store.delete('cm/d/a', 7))).toBe('revision');
      expect(await why(store.update('cm/d/a', configMap('a'), undefined))).toBe('ok');
      expect(store.revision).toBe(2);
    });

    it('lets one of many racing writes from one revision win', async () => {
      await store.create('cm/d/a', configMap('a'));
      const results = await Promise.allSettled(Array.from({ length: 20 }, (_, i) => store.update('cm/d/a', configMap('a', String(i)), 1)));
      expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
      const creates = await Promise.allSettled(Array.from({ length: 20 }, () => store.create('cm/d/b', configMap('b'))));
      expect(creates.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
      expect(store.revision).toBe(3);
    });

    it('lets a loser read the winner: whoever reads and tries again comes through', async () => {
      await store.create('cm/d/a', configMap('a'));
      let tries = 0;
      const bump = async () => {
        for (;;) {
          tries++;
          try {
            return await store.update('cm/d/a', configMap('a'), store.get('cm/d/a')?.revision);
          } catch (error) {
            if (!(error instanceof WriteConflict)) throw error;
          }
        }
      };
      await Promise.all(Array.from({ length: 10 }, bump));
      expect(store.revision).toBe(11);
      expect(tries).toBeLessThanOrEqual(55);
    });

    it('resolves racing writes in revision order, each visible by then', async () => {
      const order: number[] = [];
      await Promise.all(
        Array.from({ length: 50 }, async (_, i) => {
          const entry = await store.create(`cm/d/${i}`, configMap(String(i)));
          expect(store.get(entry.key)).toBe(entry);
          order.push(entry.revision);
        }),
      );
      expect(order).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
    });

    it('creates, changes and deletes one key without waiting in between', async () => {
      const seen: string[] = [];
      store.watch('cm/', 0, (event) => seen.push(`${event.type} ${event.revision}`));
      const writes = [store.create('cm/d/a', configMap('a', '1')), store.update('cm/d/a', configMap('a', '2'), undefined), store.delete('cm/d/a'), store.create('cm/d/a', configMap('a', '3'))];
      expect((await Promise.all(writes)).map((entry) => entry.revision)).toEqual([1, 2, 3, 4]);
      expect(seen).toEqual(['ADDED 1', 'MODIFIED 2', 'DELETED 3', 'ADDED 4']);
    });

    it('lists in key order, by prefix, in pages, with what remains', async () => {
      for (const key of ['cm/b/1', 'cm/a/2', 'cm/a/10', 'pods/a/1', 'cm/a-b/1', 'c/a/1']) await store.create(key, configMap('x'));
      const keys = (prefix: string, options = {}) => store.list(prefix, options).entries.map((entry) => entry.key);
      expect(keys('cm/')).toEqual(['cm/a-b/1', 'cm/a/10', 'cm/a/2', 'cm/b/1']);
      expect(keys('cm/a/')).toEqual(['cm/a/10', 'cm/a/2']);
      expect(keys('')).toHaveLength(6);
      expect(keys('cm/', { limit: 2 })).toEqual(['cm/a-b/1', 'cm/a/10']);
      expect(store.list('cm/', { limit: 1, after: 'cm/a-b/1' })).toMatchObject({ remaining: 2, entries: [{ key: 'cm/a/10' }] });
      expect(keys('cm/', { after: 'cm/b/1' })).toEqual([]);
      expect(() => store.list('cm')).toThrow("a prefix ends in '/'");
    });

    it('lists as of an older revision', async () => {
      await store.create('cm/d/a', configMap('a', '1'));
      await store.create('cm/d/b', configMap('b', '1'));
      await store.update('cm/d/a', configMap('a', '2'), 1);
      await store.delete('cm/d/b');
      await store.create('cm/d/0', configMap('0', '1'));
      const at = (revision: number, options = {}) => store.list('cm/d/', { revision, ...options }).entries.map((entry) => `${entry.key}=${valueOf(entry.object)}@${entry.revision}`);
      expect([0, 1, 2, 3, 4, 5].map((revision) => at(revision))).toEqual([
        [],
        ['cm/d/a=1@1'],
        ['cm/d/a=1@1', 'cm/d/b=1@2'],
        ['cm/d/a=2@3', 'cm/d/b=1@2'],
        ['cm/d/a=2@3'],
        ['cm/d/0=1@5', 'cm/d/a=2@3'],
      ]);
      expect(store.list('cm/d/', { revision: 2, limit: 1 })).toMatchObject({ remaining: 1, revision: 2 });
      expect(at(2, { after: 'cm/d/a' })).toEqual(['cm/d/b=1@2']);
      expect(() => store.list('cm/', { revision: 6 })).toThrow(FutureRevision);
    });

    it('watches from any revision, history first, then what comes, only under its prefix', async () => {
      await store.create('cm/a/1', configMap('1'));
      await store.create('cm/b/1', configMap('1'));
      await store.create('cm/a/2', configMap('2'));
      const seen: string[] = [];
      const stop = store.watch('cm/a/', 1, (event) => seen.push(`${event.type} ${event.entry.key}@${event.revision} was ${event.previous?.revision}`));
      expect(seen).toEqual(['ADDED cm/a/2@3 was undefined']);
      await store.update('cm/a/1', configMap('1'), 1);
      await store.delete('cm/b/1');
      await store.delete('cm/a/1');
      stop();
      await store.delete('cm/a/2');
      expect(seen.slice(1)).toEqual(['MODIFIED cm/a/1@4 was 1', 'DELETED cm/a/1@6 was 4']);
      expect(() => store.watch('cm/', 99, () => {})).toThrow(FutureRevision);
    });

    it('keeps the order for every sink when a sink writes', async () => {
      const first: number[] = [];
      const second: number[] = [];
      const writes: Promise<unknown>[] = [];
      store.watch('', 0, (event) => {
        first.push(event.revision);
        if (event.revision < 5) writes.push(store.create(`cm/d/${event.revision}`, configMap('x')));
        if (event.revision === 3) store.watch('', 1, (late) => second.push(late.revision));
      });
      await store.create('cm/d/first', configMap('x'));
      for (let i = 0; i < 5; i++) await Promise.all(writes);
      expect(first).toEqual([1, 2, 3, 4, 5]);
      expect(second).toEqual([2, 3, 4, 5]);
    });

    it('refuses what was compacted', async () => {
      for (const name of ['a', 'b', 'c']) await store.create(`cm/d/${name}`, configMap(name));
      store.compact(2);
      expect(store.oldest).toBe(2);
      expect(() => store.watch('', 1, () => {})).toThrow(Compacted);
      expect(() => store.list('', { revision: 1 })).toThrow(Compacted);
      expect(store.list('', { revision: 2 }).entries).toHaveLength(2);
      const seen: StoreEvent[] = [];
      store.watch('', 2, (event) => seen.push(event));
      expect(seen.map((event) => event.revision)).toEqual([3]);
      store.compact(1);
      expect(store.oldest).toBe(2);
    });

    it('keeps only so much history', async () => {
      const small = await open({ historyLimit: 20 });
      for (let i = 0; i < 100; i++) await small.create(`cm/d/${i}`, configMap(String(i)));
      expect(small.revision - small.oldest).toBeGreaterThanOrEqual(20);
      expect(small.revision - small.oldest).toBeLessThanOrEqual(25);
      await small.close();
    });

    it('keeps less history of large objects', async () => {
      const large = { ...configMap('large'), data: { a: 'x'.repeat(400_000) } };
      let { revision } = await store.create('cm/d/large', large);
      for (let i = 0; i < 200; i++) ({ revision } = await store.update('cm/d/large', large, revision));
      // 32 MiB and a quarter of them.
      expect(store.revision - store.oldest).toBeGreaterThanOrEqual(80);
      expect(store.revision - store.oldest).toBeLessThanOrEqual(105);
    });

    it('refuses writes after close', async () => {
      const closed = await open({});
      await closed.close();
      await expect(closed.create('cm/d/a', configMap('a'))).rejects.toThrow('the store is closed');
    });

    it('agrees with a plain model, whatever is done to it', async () => {
      const key = fc.constantFrom('a/x/1', 'a/x/2', 'a/y/1', 'b//1');
      const step = fc.record({ verb: fc.constantFrom('create', 'update', 'delete', 'compact', 'update blindly'), key, stale: fc.nat(2), together: fc.boolean() });
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
          const tested = await open({});
          await agree(tested, steps);
          await tested.close();
        }),
        { numRuns: 40 },
      );
    });
  });
}

interface Step {
  readonly verb: string;
  readonly key: string;
  readonly stale: number;
  readonly together: boolean;
}

/** Runs the steps on the store and on a Map; every answer, every list of every revision and every watch must come out the same. */
async function agree(store: Store, steps: readonly Step[]): Promise<void> {
  const model = new Map<string, number>();
  const versions: string[][] = [[]];
  const events: string[] = [];
  const live: string[] = [];
  const describeEvent = (event: StoreEvent) => `${event.type} ${event.entry.key}@${event.revision}<${event.previous?.revision ?? ''}`;
  store.watch('', 0, (event) => live.push(describeEvent(event)));
  let revision = 0;
  let oldest = 0;
  const pending: Promise<void>[] = [];

  for (const { verb, key, stale, together } of steps) {
    if (verb === 'compact') {
      await Promise.all(pending);
      oldest = Math.max(oldest, revision - stale);
      store.compact(revision - stale);
      continue;
    }
    const current = model.get(key);
    const expected = verb === 'update blindly' || current === undefined ? undefined : current - (stale > 1 ? 1 : 0);
    const legal = verb === 'create' ? current === undefined : current !== undefined && (expected === undefined || expected === current);
    const call = verb === 'create' ? store.create(key, configMap(key)) : verb === 'delete' ? store.delete(key, expected) : store.update(key, configMap(key), expected);
    const wanted = legal ? ++revision : undefined;
    if (legal) {
      events.push(`${verb === 'create' ? 'ADDED' : verb === 'delete' ? 'DELETED' : 'MODIFIED'} ${key}@${revision}<${current ?? ''}`);
      if (verb === 'delete') model.delete(key);
      else model.set(key, revision);
      versions.push([...model].map(([key, at]) => `${key}@${at}`).sort());
    }
    pending.push(call.then((entry) => expect(entry.revision).toBe(wanted), () => expect(wanted).toBeUndefined()));
    if (!together) await Promise.all(pending.splice(0));
  }
  await Promise.all(pending);

  expect(store.revision).toBe(revision);
  expect(live).toEqual(events);
  for (let at = oldest; at <= revision; at++) {
    expect(store.list('', { revision: at }).entries.map((entry) => `${entry.key}@${entry.revision}`)).toEqual(versions[at]);
    const replayed: string[] = [];
    store.watch('', at, (event) => replayed.push(describeEvent(event)))();
    expect(replayed).toEqual(events.slice(at));
  }
}
