import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { durableStore } from './durable.ts';
import { openLog } from './log.ts';
import { storedEvent } from './record.ts';
import { newState } from './state.ts';
import { configMap } from './store.suite.ts';

const root = mkdtempSync(join(tmpdir(), 'coracle-log-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let next = 0;
const directory = () => mkdtempSync(join(root, String(next++)));
const filesOf = (where: string, suffix: string) => readdirSync(where).filter((name) => name.endsWith(suffix)).sort();
const only = (where: string) => join(where, filesOf(where, '.log')[0]!);

/** Three objects, one segment. */
async function written(): Promise<string> {
  const where = directory();
  const store = await durableStore(where);
  for (const name of ['a', 'b', 'c']) await store.create(`cm/d/${name}`, configMap(name));
  await store.close();
  return where;
}

const keysAfter = async (where: string) => {
  const store = await durableStore(where);
  const keys = store.list('').entries.map(({ key }) => key);
  await store.close();
  return keys;
};

describe('a log that a crash cut short', () => {
  it.each([
    ['in the last record', (file: string) => truncateSync(file, statSync(file).size - 5), ['cm/d/a', 'cm/d/b']],
    ['in a length', (file: string) => appendFileSync(file, Buffer.from([1, 2, 3, 4, 5])), ['cm/d/a', 'cm/d/b', 'cm/d/c']],
    ['with a page of zeros behind it', (file: string) => appendFileSync(file, Buffer.alloc(4096)), ['cm/d/a', 'cm/d/b', 'cm/d/c']],
    ['in its first line', (file: string) => truncateSync(file, 7), []],
    ['before its first byte', (file: string) => truncateSync(file, 0), []],
    ['with a record that fell over in the middle', (file: string) => {
      const bytes = readFileSync(file);
      bytes[bytes.length - 3]! ^= 1;
      writeFileSync(file, bytes);
    }, ['cm/d/a', 'cm/d/b']],
  ])('%s: what was whole is there, and it goes on', async (_, cut, kept) => {
    const where = await written();
    cut(only(where));
    const store = await durableStore(where);
    expect(store.list('').entries.map(({ key }) => key)).toEqual(kept);
    expect((await store.create('cm/d/z', configMap('z'))).revision).toBe(kept.length + 1);
    await store.close();
    expect(await keysAfter(where)).toEqual([...kept, 'cm/d/z']);
  });

  it('does not take the rest of an earlier write for the next record', async () => {
    const where = directory();
    const event = (revision: number, key: string) => storedEvent({ type: 'ADDED', revision, entry: { key, revision, object: configMap(key), encoded: () => Buffer.alloc(0) } });
    const log = openLog(where);
    await log.load(newState);
    await log.append([event(1, 'cm/d/a'), event(2, 'cm/d/b')], 0);
    await log.close();
    const stale = readFileSync(only(where));
    // As after a failed write of two records and a good one of the same length over the first: the second is whole by itself.
    const again = directory();
    const other = openLog(again);
    await other.load(newState);
    await other.append([event(1, 'cm/d/x')], 0);
    await other.close();
    const good = readFileSync(only(again));
    writeFileSync(only(again), Buffer.concat([good, stale.subarray(good.length)]));
    expect(await keysAfter(again)).toEqual(['cm/d/x']);
  });
});

describe('a log of several segments', () => {
  const large = 'x'.repeat(100_000);
  /** Some 20 MB of changes of three objects. */
  async function changed(where: string, historyLimit: number) {
    const store = await durableStore(where, { historyLimit });
    for (let i = 0; i < 200; i++) {
      const key = `cm/d/${i % 3}`;
      await (i < 3 ? store.create(key, configMap(key, large)) : store.update(key, configMap(key, `${i}${large}`), undefined));
    }
    return store;
  }

  it('removes what a checkpoint stands in for, and comes back the same', async () => {
    const where = directory();
    const store = await changed(where, 10);
    const [revision, oldest, listed] = [store.revision, store.oldest, store.list('').entries.map(({ object }) => object)];
    await store.close();
    expect(filesOf(where, '.checkpoint')).toHaveLength(1);
    expect(filesOf(where, '.log').reduce((sum, name) => sum + statSync(join(where, name)).size, 0)).toBeLessThan(13 << 20);
    const again = await durableStore(where);
    expect([again.revision, again.oldest, again.list('').entries.map(({ object }) => object)]).toEqual([revision, oldest, listed]);
    expect(again.list('', { revision: oldest }).entries).toHaveLength(3);
    await again.close();
  });

  it('comes back the same from a checkpoint that was written and not yet cleaned up behind, or was cut short', async () => {
    const where = directory();
    const store = await changed(where, 1000);
    await store.close();
    const log = openLog(where);
    const state = await log.load(newState);
    await log.checkpoint(100, state.list('', { revision: 100 }).entries);
    await log.close();
    const checkpoint = filesOf(where, '.checkpoint')[0]!;
    const bytes = readFileSync(join(where, checkpoint));
    rmSync(join(where, checkpoint));
    const expected = { revision: 200, keys: 3, oldest: 100 };
    const found = async () => {
      const opened = await durableStore(where);
      const result = { revision: opened.revision, keys: opened.list('').entries.length, oldest: opened.oldest };
      await opened.close();
      return result;
    };
    // Its segments are gone, so without the checkpoint the log has a hole, and says so.
    await expect(found()).rejects.toThrow(/the store in .* is damaged: revision \d+ follows 0/);
    writeFileSync(join(where, checkpoint), bytes);
    writeFileSync(join(where, '0000000000000150.checkpoint.new'), bytes.subarray(0, 1000));
    expect(await found()).toEqual(expected);
    expect(existsSync(join(where, '0000000000000150.checkpoint.new'))).toBe(false);
    // An older checkpoint that the crash left is removed.
    writeFileSync(join(where, '0000000000000003.checkpoint'), bytes);
    expect(await found()).toEqual(expected);
    expect(filesOf(where, '.checkpoint')).toEqual([checkpoint]);
  });

  it('says which file is damaged, and where', async () => {
    const where = directory();
    await (await changed(where, 1000)).close();
    const [first] = filesOf(where, '.log');
    const bytes = readFileSync(join(where, first!));
    bytes[1_000_000]! ^= 1;
    writeFileSync(join(where, first!), bytes);
    await expect(durableStore(where)).rejects.toThrow(new RegExp(`${first} is damaged at byte \\d+; put back a copy`));
  });
});

describe('a directory of something else', () => {
  it('is refused by name', async () => {
    const where = directory();
    writeFileSync(join(where, 'data.mdb'), '');
    await expect(durableStore(where)).rejects.toThrow(`the store in ${where} was written by an early version of Coracle (LMDB), which this one does not read; choose another directory, or remove this one`);
    rmSync(join(where, 'data.mdb'));
    writeFileSync(join(where, '0000000000000001.log'), 'coracle store 9\nand so on');
    await expect(durableStore(where)).rejects.toThrow(/0000000000000001\.log is not of the format that this version reads \(coracle store 2\)/);
  });
});
