import { expect, it } from 'vitest';
import { virtualClock } from '../base/clock.ts';
import { compactor } from './compactor.ts';
import { memoryStore } from './memory.ts';
import { configMap } from './store.suite.ts';

it('keeps the last interval of history, and what is older no longer than two', async () => {
  const clock = virtualClock();
  const store = memoryStore();
  const stop = compactor(store, clock);
  await store.create('cm/d/a', configMap('a'));
  await clock.advance(300_000);
  expect(store.oldest).toBe(0);
  await store.create('cm/d/b', configMap('b'));
  await clock.advance(300_000);
  expect(store.oldest).toBe(1);
  await clock.advance(300_000);
  expect([store.oldest, store.list('').entries.length]).toEqual([2, 2]);
  stop();
  expect(clock.pending()).toBe(0);
});
