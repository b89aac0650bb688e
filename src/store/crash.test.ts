import { spawn, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { buildSync } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { durableStore } from './durable.ts';
import { configMap } from './store.suite.ts';

const root = mkdtempSync(join(tmpdir(), 'coracle-crash-'));
const rounds = Number(process.env['CORACLE_CRASH_ROUNDS'] ?? 20);
const writer = join(root, 'writer.cjs');

/** A process that writes without end, and prints each write that was acknowledged. */
const WRITER = `
import { durableStore } from ${JSON.stringify(resolve('src/store/durable.ts'))};
const opened = durableStore(process.argv[2], { historyLimit: 200 });
const say = (entry) => process.stdout.write(entry.key + ' ' + entry.revision + '\\n');
const loop = async (worker) => {
  const store = await opened;
  for (let i = 0; ; i++) {
    const key = 'cm/d/' + process.pid + '-' + worker + '-' + i;
    say(await store.create(key, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' }, data: { value: 'x'.repeat(i % 5000) } }));
    const counter = 'cm/d/counter-' + worker;
    const change = store.get(counter) ? store.update(counter, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' } }, undefined) : store.create(counter, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' } });
    say(await change);
  }
};
for (let worker = 0; worker < 16; worker++) void loop(worker);
`;

beforeAll(() => {
  buildSync({ stdin: { contents: WRITER, resolveDir: resolve('.'), loader: 'ts' }, bundle: true, platform: 'node', format: 'cjs', outfile: writer, logLevel: 'error' });
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Runs the writer until it has acknowledged `count` writes, kills it at once, and returns all that it acknowledged. */
function killedAfter(directory: string, count: number): Promise<Map<string, number>> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [writer, directory], { env: { ...process.env, NODE_PATH: resolve('node_modules') }, stdio: ['ignore', 'pipe', 'pipe'] });
    const acknowledged = new Map<string, number>();
    let errors = '';
    child.stderr.on('data', (chunk) => (errors += String(chunk)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const [key, revision] = line.split(' ');
      // The last line may be cut short.
      if (key && revision) acknowledged.set(key, Number(revision));
      if (acknowledged.size >= count) child.kill('SIGKILL');
    });
    child.on('close', (_, signal) => (signal === 'SIGKILL' ? done(acknowledged) : fail(new Error(`the writer ended by itself: ${errors}`))));
  });
}

describe('durableStore', () => {
  it(`has every acknowledged write after a SIGKILL, ${rounds} times`, { timeout: 10_000 + rounds * 2_000 }, async () => {
    const directory = join(root, 'killed');
    let total = 0;
    for (let round = 0; round < rounds; round++) {
      const acknowledged = await killedAfter(directory, 20 + Math.floor(Math.random() * 600));
      const store = await durableStore(directory);
      for (const [key, revision] of acknowledged) {
        const found = store.get(key)?.revision ?? 0;
        // A counter may have moved on before the kill; nothing may have gone back.
        expect(found, key).toBeGreaterThanOrEqual(revision);
      }
      expect(store.revision).toBeGreaterThanOrEqual(Math.max(...acknowledged.values()));
      for (const at of [Math.max(1, store.oldest), store.revision]) expect(store.list('', { revision: at }).entries.length).toBeGreaterThan(0);
      total += acknowledged.size;
      await store.close();
    }
    expect(total).toBeGreaterThan(rounds * 20);
  });

  it('rejects writes on a full disk, keeps what it had, and goes on when there is room again', async ({ skip }) => {
    const disk = join(root, 'disk');
    mkdirSync(disk);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', disk], { stdio: 'ignore' });
    } catch {
      skip('needs the right to mount a small file system');
    }
    try {
      const ballast = join(disk, 'ballast');
      writeFileSync(ballast, Buffer.alloc(3_000_000));
      const store = await durableStore(join(disk, 'store'));
      const large = 'x'.repeat(20_000);
      const kept: string[] = [];
      const fill = async () => {
        for (let i = 0; ; i++) kept.push((await store.create(`cm/d/${i}`, configMap('a', large))).key);
      };
      await expect(fill()).rejects.toThrow(/^the write could not be stored: /);
      expect([store.revision, store.list('').entries.length]).toEqual([kept.length, kept.length]);
      unlinkSync(ballast);
      const after = await store.create('cm/d/after', configMap('a'));
      expect(after.revision).toBe(kept.length + 1);
      await store.close();
      const again = await durableStore(join(disk, 'store'));
      expect(again.list('').entries.map((entry) => entry.key).sort()).toEqual([...kept, 'cm/d/after'].sort());
      await again.close();
    } finally {
      execFileSync('umount', [disk]);
    }
  });
});
