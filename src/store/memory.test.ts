import { expect, it } from 'vitest';
import { memoryStore } from './memory.ts';
import { configMap, storeSuite } from './store.suite.ts';

storeSuite('memoryStore', async (options) => memoryStore(options));

it('finds a page among 100,000 objects, and one of 1,000 watches, without walking the rest', async () => {
  const store = memoryStore();
  const heard = new Map<number, number>();
  const pad = (n: number, width: number) => String(n).padStart(width, '0');
  for (let i = 0; i < 1_000; i++) store.watch(`cm/n${pad(i, 3)}/`, 0, () => heard.set(i, (heard.get(i) ?? 0) + 1));
  const writes = Array.from({ length: 100_000 }, (_, i) => store.create(`cm/n${pad(i % 1_000, 3)}/${pad(i, 6)}`, configMap('x')));
  await Promise.all(writes);
  expect([heard.size, new Set(heard.values())]).toEqual([1_000, new Set([100])]);
  const page = store.list('cm/', { limit: 500, after: 'cm/n499/~' });
  expect([page.entries.length, page.entries[0]?.key, page.remaining]).toEqual([500, 'cm/n500/000500', 49_500]);
});
