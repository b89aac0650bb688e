import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

const inOwnMounts = (script: string) => execFileSync('unshare', ['-m', '--propagation', 'private', 'sh', '-ec', script], { encoding: 'utf8', cwd: '/' });
/** The file system of a privileged container: an overlay, and a volume beside it. */
const enter = (place: string) => `
mount -t tmpfs tmpfs ${place}; mkdir ${place}/upper ${place}/work ${place}/root
mount -t overlay overlay -o lowerdir=/,upperdir=${place}/upper,workdir=${place}/work ${place}/root
cd ${place}/root; mkdir -p .old volume
for d in proc sys dev; do mount --rbind /$d $d; done
mount -t tmpfs tmpfs volume; cp -r ${place}-scenario/. volume
pivot_root . .old; umount -l /.old
`;
const possible = process.getuid?.() === 0 && (() => {
  const place = mkdtempSync(join(tmpdir(), 'coracle-overlay-probe-'));
  mkdirSync(`${place}-scenario`);
  try {
    inOwnMounts(enter(place));
    return true;
  } catch {
    return false;
  } finally {
    for (const path of [place, `${place}-scenario`]) rmSync(path, { recursive: true, force: true });
  }
})();

test.skipIf(!possible)('where the root is an overlay itself, as in a privileged container (needs root and such a kernel)', async () => {
  const place = mkdtempSync(join(tmpdir(), 'coracle-overlay-test-'));
  try {
    await build({ entryPoints: [new URL('./overlay-root.scenario.ts', import.meta.url).pathname], outfile: `${place}-scenario/scenario.mjs`, bundle: true, platform: 'node', format: 'esm' });
    writeFileSync(`${place}-scenario/run`, `TMPDIR=/volume exec ${process.execPath} /volume/scenario.mjs\n`);
    expect(JSON.parse(inOwnMounts(`${enter(place)} sh /volume/run`))).toEqual(['writes', '/home:', '', '/root:']);
  } finally {
    for (const path of [place, `${place}-scenario`]) rmSync(path, { recursive: true, force: true });
  }
}, 30_000);
