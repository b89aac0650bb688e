import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

const NOBODY = '65534';
const asNobody = (command: string, ...args: string[]) => execFileSync('setpriv', ['--reuid', NOBODY, '--regid', NOBODY, '--clear-groups', command, ...args], { encoding: 'utf8', cwd: '/', env: { ...process.env, HOME: '/nonexistent' } });
const possible = process.getuid?.() === 0 && (() => {
  try {
    asNobody('unshare', '-Urm', 'mount', '-t', 'tmpfs', 'x', '/mnt');
    return true;
  } catch {
    return false;
  }
})();

test.skipIf(!possible)('without root, in user namespaces (needs root to become nobody, and a kernel that lets nobody make them)', async () => {
  const place = mkdtempSync(join(tmpdir(), 'coracle-rootless-test-'));
  try {
    // Nobody may not be allowed to read this checkout, so it gets a bundle.
    execFileSync('chmod', ['755', place]);
    await build({ entryPoints: [new URL('./rootless.scenario.ts', import.meta.url).pathname], outfile: join(place, 'scenario.mjs'), bundle: true, platform: 'node', format: 'esm' });
    const output = JSON.parse(asNobody(process.execPath, join(place, 'scenario.mjs')));
    const pod = { log: ['writes', 'up'], before: ['out\n', 4], filtered: ['Seccomp:\t2\n', 1], unpacked: ['passwd\n', 0], terminal: ['/dev/pts/0\r\n', 0], after: ['again\n', 0], memory: true, states: [['ready', 'running']] };
    expect(output).toMatchObject({ limitations: 3, own: { ...pod, ip: expect.stringMatching(/^127\.\d+\.\d+\.\d+$/) }, shared: pod });
    expect(readdirSync('/proc').filter((pid) => /^\d+$/.test(pid)).map(commandOf).filter((command) => command.startsWith('coracle: ') && command.includes('coracle-rootless-'))).toEqual([]);
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('coracle-rootless-') && join(tmpdir(), name) !== place)).toEqual([]);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}, 30_000);

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
