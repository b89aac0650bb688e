import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import fc from 'fast-check';
import { realClock, virtualClock } from '../../base/clock.ts';
import type { ContainerStatus } from '../runtime/runtime.ts';
import type { LogOptions } from '../types.ts';
import { parseLine } from './cri.ts';
import { readLog } from './read.ts';
import { logRotation, MAX_LOG_FILES } from './rotation.ts';
import { lastLines } from './tail.ts';

let root: string;
let path: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'coracle-logs-'));
  path = join(root, '0.log');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** A line as the launcher writes it. */
const formatLine = (time: string, stream: 'stdout' | 'stderr', partial: boolean, bytes: Buffer) => Buffer.concat([Buffer.from(`${time} ${stream} ${partial ? 'P' : 'F'} `, 'latin1'), bytes, Buffer.from('\n')]);
const logTime = (ms: number) => `${new Date(ms).toISOString().slice(0, -1)}000000Z`;
const line = (content: string, { at = 0, stream = 'stdout' as 'stdout' | 'stderr', partial = false } = {}) => formatLine(logTime(Date.UTC(2025, 0, 1) + at * 1000), stream, partial, Buffer.from(content));
const write = (...lines: Buffer[]) => appendFileSync(path, Buffer.concat(lines));
const clock = realClock();
const read = (options: LogOptions = {}, running = () => false, ended: Promise<void> = Promise.resolve()) => text(readLog({ path, clock, running, ended: () => ended }, options));

test('a line is read as it was written', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }).filter((b) => !b.includes(10)), fc.boolean(), fc.integer({ min: 0, max: 4e12 }), (bytes, partial, at) => {
    const time = logTime(at);
    const formatted = formatLine(time, 'stderr', partial, Buffer.from(bytes));
    expect(parseLine(formatted.subarray(0, -1))).toEqual({ time, stream: 'stderr', partial, text: Buffer.from(bytes) });
  }));
});

test('whole, tail, since, streams, timestamps, limit, partial lines', async () => {
  write(line('one'), line('two', { at: 10, stream: 'stderr' }), line('thr', { at: 20, partial: true }), line('ee', { at: 20 }), Buffer.from('garbage\n'));
  expect(await read()).toBe('one\ntwo\nthree\n');
  expect(await read({ tailLines: 2 })).toBe('ee\n');
  expect(await read({ tailLines: 0 })).toBe('');
  expect(await read({ tailLines: 99 })).toBe('one\ntwo\nthree\n');
  expect(await read({ sinceTime: Date.UTC(2025, 0, 1) + 15_000 })).toBe('three\n');
  expect(await read({ stream: 'Stderr', timestamps: true })).toBe('2025-01-01T00:00:10.000000000Z two\n');
  expect(await read({ limitBytes: 5 })).toBe('one\nt');
});

test('large logs are tailed from their end', async () => {
  write(...Array.from({ length: 20_000 }, (_, i) => line(`number ${i}`)));
  expect(await read({ tailLines: 2 })).toBe('number 19998\nnumber 19999\n');
  expect((await read()).split('\n')).toHaveLength(20_001);
  expect(await lastLines(path, 2, 2048)).toBe('number 19998\nnumber 19999\n');
  expect(await lastLines(join(root, 'none'), 2, 2048)).toBe('');
});

test('a follower sees what comes, over a rotation, until the container ends', async () => {
  let running = true;
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  write(line('before'));
  const stream = readLog({ path, clock, running: () => running, ended: () => ended }, { follow: true });
  let seen = '';
  stream.on('data', (chunk: Buffer) => void (seen += chunk.toString()));
  await expect.poll(() => seen).toBe('before\n');
  write(line('live'));
  await expect.poll(() => seen).toBe('before\nlive\n');
  renameSync(path, `${path}.1`);
  write(line('rotated'));
  await expect.poll(() => seen).toBe('before\nlive\nrotated\n');
  write(line('last'));
  running = false;
  end();
  await new Promise((resolve) => stream.once('end', resolve));
  expect(seen).toBe('before\nlive\nrotated\nlast\n');
});

test('a follower misses nothing, however often and whenever the log is rotated', async () => {
  let running = true;
  let end = () => {};
  const ended = new Promise<void>((resolve) => void (end = resolve));
  const stream = readLog({ path, clock, running: () => running, ended: () => ended }, { follow: true });
  const seen = text(stream);
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  let lines = 0;
  for (let i = 0; i < 300; i++) {
    // Up to three rotations at a time, and none that the reader is waited for.
    for (let j = 0; j <= i % 4; j++) {
      if (j > 0) renameSync(path, `${path}.${String(lines).padStart(6, '0')}`);
      write(line(String(lines++)));
      write(line(String(lines++)));
    }
    for (let k = 0; k < i % 7; k++) await turn();
  }
  running = false;
  end();
  expect(await seen).toBe(Array.from({ length: lines }, (_, i) => `${i}\n`).join(''));
});

test('logs are rotated by size and the oldest go', async () => {
  const virtual = virtualClock();
  const rotation = logRotation(virtual, 100);
  mkdirSync(join(root, 'c'));
  const status = { state: 'running', logPath: path } as ContainerStatus;
  for (let i = 0; i < 8; i++) {
    writeFileSync(path, Buffer.alloc(200));
    await rotation.check([status]);
    await virtual.advance(1000);
  }
  expect(readdirSync(root).filter((n) => n.startsWith('0.log.'))).toHaveLength(MAX_LOG_FILES - 1);
  writeFileSync(path, Buffer.alloc(50));
  await rotation.check([status, { ...status, logPath: '' }, { ...status, logPath: join(root, 'none') }]);
  expect(readdirSync(root)).toContain('0.log');
});
