import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { candidates, inZone, leastLoaded, type Standing } from './choose.ts';
import { nextRetry } from './prove.ts';

const up: Standing = { ready: true, serving: true, terminating: false, proven: true, draining: false, lastResort: false };
const pod = (name: string, standing: Partial<Standing>) => ({ name, ...up, ...standing });

test.each<[string, ReturnType<typeof pod>[], string[]]>([
  ['ready ones', [pod('a', {}), pod('b', {})], ['a', 'b']],
  ['not what is not ready', [pod('a', { ready: false, serving: false }), pod('b', {})], ['b']],
  ['not what does not listen', [pod('a', { proven: false }), pod('b', {})], ['b']],
  ['what terminates and is published although it is not ready', [pod('a', { terminating: true, draining: true }), pod('b', {})], ['a', 'b']],
  ['not what terminates while another is there', [pod('a', { ready: false, terminating: true }), pod('b', {})], ['b']],
  ['what terminates but serves, if that is all', [pod('a', { ready: false, terminating: true })], ['a']],
  ['what terminates but serves, while the new one does not listen', [pod('a', { ready: false, terminating: true }), pod('b', { proven: false })], ['a']],
  ['not what terminates and fails', [pod('a', { ready: false, terminating: true, serving: false })], []],
  ['never what drains', [pod('a', { ready: false, terminating: true, draining: true }), pod('b', { draining: true })], []],
  ['what drains as the last resort', [pod('a', { ready: false, terminating: true, draining: true, lastResort: true }), pod('b', { proven: false })], ['a']],
])('candidates: %s', (_, pods, expected) => {
  expect(candidates(pods, (p) => p).map((p) => p.name)).toEqual(expected);
});

test.each<[string, string[][], string | undefined, number[]]>([
  ['those for it', [['a'], ['b'], ['a', 'b']], 'b', [1, 2]],
  ['all, where one is for no zone', [['a'], ['b'], []], 'b', [0, 1, 2]],
  ['all, where none is for this one', [['a'], ['b']], 'c', [0, 1]],
  ['all, where it is not known', [['a'], ['b']], undefined, [0, 1]],
])('for a zone: %s', (_, zones, zone, expected) => {
  expect(inZone(zones.map((of, at) => ({ of, at })), ({ of }) => of, zone).map(({ at }) => at)).toEqual(expected);
});

describe('least loaded', () => {
  test('takes the least loaded; equals take turns', () => {
    expect(leastLoaded([{ load: 3 }, { load: 1 }, { load: 2 }], 0)).toEqual({ load: 1 });
    const pods = ['a', 'b', 'c'].map((name) => ({ name, load: 0 }));
    expect([0, 1, 2, 3].map((turn) => leastLoaded(pods, turn)!.name)).toEqual(['a', 'b', 'c', 'a']);
  });

  test('never takes what is to be skipped, and finds what is left', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ load: fc.nat(5), bad: fc.boolean() }), { maxLength: 60 }), fc.nat(100), (pods, start) => {
        const found = leastLoaded(pods, start, (p) => p.bad);
        return found === undefined ? pods.every((p) => p.bad) : !found.bad;
      }),
    );
  });
});

test.each([
  [0, 0, 1, 10],
  [10, 10, 1, 20],
  [100, 500, 1, 100],
  [100, 31_000, 1, 1_000],
  [100, 500, 1_000, 2_000],
])('after a wait of %i ms, %i ms in, with %i waiting: %i ms', (last, elapsed, waiting, expected) => {
  expect(nextRetry(last, elapsed, waiting)).toBe(expected);
});
