import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { list, remove, save, tag } from './images.ts';

const root = mkdtempSync(join(tmpdir(), 'coracle-images-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

test('what looks for images of a cluster that was never made says so, and makes nothing', async () => {
  const dataDir = join(root, 'typo');
  const options = { name: 'a', dataDir };
  const refusal = `there is no cluster "a" (no ${dataDir}): name the one that is meant with --name or --data-dir, or make it with \`coracle up --name a --data-dir ${dataDir}\``;
  for (const act of [list({ ...options, output: 'table' }), remove(['x'], options), tag('x', 'y', options), save(['x'], options)]) await expect(act).rejects.toThrow(refusal);
  expect(existsSync(dataDir)).toBe(false);
});
