import { describe, expect, it } from 'vitest';
import { virtualClock } from '../base/clock.ts';
import { workQueue } from './queue.ts';

describe('workQueue', () => {
  it('hands out a key once, however often it was added, in order of arrival', async () => {
    const queue = workQueue(virtualClock());
    for (const key of ['a', 'b', 'a', 'c', 'b']) queue.add(key);
    expect(queue.length).toBe(3);
    expect([await queue.get(), await queue.get(), await queue.get()]).toEqual(['a', 'b', 'c']);
  });

  it('hands out a key that was added during its work again, after done, and not before', async () => {
    const queue = workQueue(virtualClock());
    queue.add('a');
    expect(await queue.get()).toBe('a');
    queue.add('a');
    queue.add('a');
    expect(queue.length).toBe(0);
    queue.done('a');
    expect(queue.length).toBe(1);
    expect(await queue.get()).toBe('a');
    queue.done('a');
    expect(queue.length).toBe(0);
  });

  it('wakes a waiting worker', async () => {
    const queue = workQueue(virtualClock());
    const next = queue.get();
    queue.add('a');
    expect(await next).toBe('a');
  });

  it('adds later, at the earliest of the times asked for', async () => {
    const clock = virtualClock();
    const queue = workQueue(clock);
    queue.addAfter('a', 50);
    queue.addAfter('a', 30);
    queue.addAfter('a', 70);
    await clock.advance(29);
    expect(queue.length).toBe(0);
    await clock.advance(1);
    expect(await queue.get()).toBe('a');
    queue.done('a');
    await clock.advance(100);
    expect(queue.length).toBe(0);
    expect(clock.pending()).toBe(0);
  });

  it('backs off from 5 ms, doubling to 1,000 s, each key for itself', async () => {
    const clock = virtualClock();
    const queue = workQueue(clock);
    for (const ms of [5, 10, 20, 40]) {
      queue.addRateLimited('a');
      await clock.advance(ms - 1);
      expect(queue.length).toBe(0);
      await clock.advance(1);
      expect(await queue.get()).toBe('a');
      queue.done('a');
    }
    expect(queue.failures('a')).toBe(4);
    expect(queue.failures('b')).toBe(0);
    for (let i = 0; i < 60; i++) queue.addRateLimited('b');
    queue.forget('a');
    expect(queue.failures('a')).toBe(0);
    for (let i = 0; i < 60; i++) queue.addRateLimited('c');
    queue.shutDown();
    const late = workQueue(clock);
    for (let i = 0; i < 1000; i++) late.addRateLimited('d');
    await clock.advance(5);
    expect(await late.get()).toBe('d');
    late.addRateLimited('d');
    late.done('d');
    await clock.advance(999_999);
    expect(late.length).toBe(0);
    await clock.advance(1);
    expect(late.length).toBe(1);
  });

  it('gives out what is queued and then undefined after shut-down, and takes nothing more', async () => {
    const clock = virtualClock();
    const queue = workQueue(clock);
    queue.add('a');
    queue.addAfter('b', 10);
    queue.shutDown();
    queue.add('c');
    expect([await queue.get(), await queue.get()]).toEqual(['a', undefined]);
    expect(clock.pending()).toBe(0);
  });

  it('sends waiting workers home at shut-down', async () => {
    const queue = workQueue(virtualClock());
    const waiting = [queue.get(), queue.get()];
    queue.shutDown();
    expect(await Promise.all(waiting)).toEqual([undefined, undefined]);
  });
});
