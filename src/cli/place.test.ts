import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { connect } from './connect.ts';
import { kubeconfig } from './kubeconfig.ts';
import { place, startTimeOf } from './place.ts';
import { status } from './status.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'coracle-test-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  process.exitCode = undefined;
  rmSync(root, { recursive: true, force: true });
});
const self = (pid = process.pid) => ({ pid, startTime: startTimeOf(pid) ?? '', url: 'https://127.0.0.1:1', startedAt: '2025-01-01T00:00:00Z' });

describe('where a cluster is', () => {
  test('below the home directory, by its name', () => {
    expect(place({ name: 'default' })).toMatchObject({ directory: join(homedir(), '.coracle/default'), kubeconfig: join(homedir(), '.coracle/default/kubeconfig'), log: join(homedir(), '.coracle/default/coracle.log') });
    vi.stubEnv('HOME', root);
    expect(place({ name: 'two' }).directory).toBe(join(root, '.coracle/two'));
  });

  test('where --data-dir says, seen from here', () => {
    expect(place({ name: 'a', dataDir: 'here/x' }).directory).toBe(join(process.cwd(), 'here/x'));
    expect(place({ name: 'a', dataDir: '/data' }).kubeconfig).toBe('/data/kubeconfig');
    expect(place({ name: 'default' }).start).toBe('coracle up');
    expect(place({ name: 'two' }).start).toBe('coracle up --name two');
  });

  test.each(['', 'A', 'a/b', '../a', '-a', 'a-', 'a b'])('no cluster is named %j', (name) => {
    expect(() => place({ name })).toThrow(`--name ${name}: use lower-case letters, digits and '-'`);
  });
});

describe('whether it runs', () => {
  test('only between claim and release, and while the process lives', async () => {
    const where = place({ name: 'a', dataDir: join(root, 'data') });
    expect(where.running()).toBeUndefined();
    where.claim(self());
    expect(where.running()).toEqual(self());
    expect(statSync(where.directory).mode & 0o777).toBe(0o700);
    where.release();
    expect(where.running()).toBeUndefined();
    // Twice is once.
    where.release();

    const child = spawn('sleep', ['60']);
    where.claim(self(child.pid!));
    expect(where.running()?.pid).toBe(child.pid);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(where.running()).toBeUndefined();
  });

  test('a pid that somebody else has by now is not ours', () => {
    const where = place({ name: 'a', dataDir: root });
    where.claim({ ...self(), startTime: '1' });
    expect(where.running()).toBeUndefined();
    expect(existsSync(join(root, 'running.json'))).toBe(true);
  });

  test('a process is told by its start, no process by nothing', () => {
    expect(startTimeOf(process.pid)).toMatch(/^\d+$/);
    expect(startTimeOf(2 ** 30)).toBeUndefined();
  });
});

describe('a cluster that does not run', () => {
  const options = () => ({ name: 'a', dataDir: root });
  const printed = () => {
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    return () => write.mock.calls.map(([text]) => String(text)).join('');
  };

  test('status says so, to people and to programs, and ends with 3', async () => {
    const text = printed();
    await status({ ...options(), output: 'table' });
    expect(text()).toBe(`Cluster "a" does not run. Start it with \`coracle up --name a --data-dir ${root}\`.\n`);
    expect(process.exitCode).toBe(3);
    vi.restoreAllMocks();
    const json = printed();
    await status({ ...options(), output: 'json' });
    expect(JSON.parse(json())).toEqual({ name: 'a', running: false });
  });

  test('other commands name the way out', () => {
    expect(() => connect(place(options()))).toThrow(`cluster "a" does not run: start it with \`coracle up --name a --data-dir ${root}\`, or name the one that is meant with --name or --data-dir`);
    expect(() => kubeconfig(options())).toThrow(`cluster "a" has no kubeconfig yet: start it with \`coracle up --name a --data-dir ${root}\``);
  });

  test('a format that there is not', async () => {
    await expect(status({ ...options(), output: 'yaml' })).rejects.toThrow('-o yaml: it is table or json');
  });
});
