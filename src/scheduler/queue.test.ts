import { expect, test } from 'vitest';
import { virtualClock } from '../base/clock.ts';
import { schedulingQueue } from './queue.ts';

const drain = (queue: ReturnType<typeof schedulingQueue>) => {
  const keys: string[] = [];
  for (let key = queue.pop(); key !== undefined; key = queue.pop()) keys.push(key);
  return keys;
};

test('higher priority first, then the older one', async () => {
  const clock = virtualClock();
  const queue = schedulingQueue(clock, () => {});
  queue.add('a', 0);
  await clock.advance(1);
  queue.add('b', 5);
  queue.add('c', 0);
  expect(drain(queue)).toEqual(['b', 'a', 'c']);
});

test('an unschedulable pod waits for a change, then for its back-off of 1, 2, 4 … 10 s', async () => {
  const clock = virtualClock();
  const queue = schedulingQueue(clock, () => {});
  queue.add('a', 0);
  for (const seconds of [1, 2, 4, 8, 10, 10]) {
    expect(drain(queue)).toEqual(['a']);
    queue.failed('a', 'unschedulable');
    queue.wake();
    await clock.advance(seconds * 1_000 - 1);
    expect(drain(queue)).toEqual([]);
    await clock.advance(1);
  }
});

test('nobody wakes it: again after five minutes', async () => {
  const clock = virtualClock();
  const queue = schedulingQueue(clock, () => {});
  queue.add('a', 0);
  drain(queue);
  queue.failed('a', 'unschedulable');
  await clock.advance(5 * 60_000 - 1);
  expect(drain(queue)).toEqual([]);
  await clock.advance(1);
  expect(drain(queue)).toEqual(['a']);
});

test('a change while it was being looked at is not missed', async () => {
  const clock = virtualClock();
  const queue = schedulingQueue(clock, () => {});
  queue.add('a', 0);
  drain(queue);
  queue.wake();
  queue.failed('a', 'unschedulable');
  await clock.advance(1_000);
  expect(drain(queue)).toEqual(['a']);
});

test('one that waits for others is not made to wait longer for it', async () => {
  const clock = virtualClock();
  const queue = schedulingQueue(clock, () => {});
  queue.add('a', 0);
  for (let i = 0; i < 3; i++) {
    expect(drain(queue)).toEqual(['a']);
    queue.failed('a', 'waiting');
    expect(drain(queue)).toEqual([]);
    queue.wake();
  }
});

test('a change wakes only those it concerns', async () => {
  const clock = virtualClock();
  const queue = schedulingQueue(clock, () => {});
  for (const key of ['a', 'b']) queue.add(key, 0);
  drain(queue);
  for (const key of ['a', 'b']) queue.failed(key, 'unschedulable');
  await clock.advance(1_000);
  queue.wake(['b', 'c']);
  expect(drain(queue)).toEqual(['b']);
});

test('while nothing else is to be done, the next back-off is not waited for; those that end in the same second go by priority', async () => {
  const clock = virtualClock();
  let told = 0;
  const queue = schedulingQueue(clock, () => told++);
  queue.add('often', 9);
  drain(queue);
  queue.failed('often', 'unschedulable');
  await clock.advance(1_000);
  queue.wake();
  for (const [key, priority] of [['a', 0], ['b', 5]] as const) queue.add(key, priority);
  expect(drain(queue)).toEqual(['often', 'b', 'a']);
  for (const key of ['often', 'a', 'b']) queue.failed(key, 'unschedulable');
  expect(queue.popEarly()).toBeUndefined();
  told = 0;
  queue.wake();
  expect(told).toBe(3);
  queue.add('new', 0);
  expect([queue.popEarly(), queue.pop()]).toEqual([undefined, 'new']);
  expect([queue.popEarly(), queue.popEarly(), queue.popEarly(), queue.popEarly()]).toEqual(['b', 'a', 'often', undefined]);
  await clock.advance(60_000);
  expect(drain(queue)).toEqual([]);
});

test('one that could not be written, or is gone, is not taken early', async () => {
  const clock = virtualClock();
  const queue = schedulingQueue(clock, () => {});
  for (const key of ['a', 'b']) queue.add(key, 0);
  drain(queue);
  queue.failed('a', 'error');
  queue.failed('b', 'unschedulable');
  queue.wake();
  queue.remove('b');
  expect(queue.popEarly()).toBeUndefined();
  await clock.advance(1_000);
  expect(drain(queue)).toEqual(['a']);
});

test('a pod that is changed goes through its back-off', async () => {
  const clock = virtualClock();
  const queue = schedulingQueue(clock, () => {});
  queue.add('a', 0);
  drain(queue);
  queue.failed('a', 'unschedulable');
  queue.add('a', 0);
  expect(drain(queue)).toEqual([]);
  await clock.advance(1_000);
  expect(drain(queue)).toEqual(['a']);
});
