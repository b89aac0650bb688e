import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { lockDirectory } from '../store/index.ts';
import { removeLeftovers, storeDirectory, temporaryDirectory } from './leftovers.ts';
import { nodePlaces } from './nodes.ts';
import { localPathProvisioner } from './provisioner.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'coracle-test-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true, force: true });
});

/** A cluster's directory as a killed one leaves it, with these nodes' runtimes. */
const killed = (directory: string, ...nodes: string[]) => {
  mkdirSync(join(directory, 'nodes', 'clean'), { recursive: true });
  for (const node of nodes) {
    mkdirSync(nodePlaces(directory, node).runtime, { recursive: true });
    mkdirSync(join(nodePlaces(directory, node).pods, 'uid/volumes'), { recursive: true });
  }
  return directory;
};

describe('leftovers', () => {
  test('there are none where nothing ran', async () => {
    expect(await removeLeftovers(join(root, 'nowhere'))).toEqual([]);
    expect(await removeLeftovers(killed(join(root, 'a')))).toEqual([]);
  });

  test('of each node are removed, and named; once', async () => {
    const directory = killed(root, 'node-1', 'node-2');
    expect((await removeLeftovers(directory)).sort()).toEqual(['node-1', 'node-2']);
    for (const node of ['node-1', 'node-2']) expect(existsSync(nodePlaces(directory, node).runtime)).toBe(false);
    expect(await removeLeftovers(directory)).toEqual([]);
  });

  test('of a cluster that runs are left alone', async () => {
    const directory = killed(root, 'node-1');
    const unlock = await lockDirectory(storeDirectory(directory));
    await expect(removeLeftovers(directory)).rejects.toThrow(/is in use by process \d+; stop that process, or choose another directory$/);
    expect(existsSync(nodePlaces(directory, 'node-1').runtime)).toBe(true);
    await unlock();
    expect(await removeLeftovers(directory)).toEqual(['node-1']);
  });
});

describe('a temporary directory', () => {
  test('goes with its cluster', async () => {
    vi.stubEnv('TMPDIR', root);
    const { directory, release } = await temporaryDirectory();
    expect(directory.startsWith(join(root, 'coracle-run-'))).toBe(true);
    await expect(lockDirectory(storeDirectory(directory))).rejects.toThrow('in use');
    await release();
    expect(readdirSync(root)).toEqual([]);
  });

  test('of a killed cluster goes with the next one; one in use, one that is being made and what is not ours stay', async () => {
    vi.stubEnv('TMPDIR', root);
    killed(join(root, 'coracle-run-dead'), 'node-1');
    killed(join(root, 'coracle-run-alive'), 'node-1');
    mkdirSync(join(root, 'coracle-run-young'));
    killed(join(root, 'else'), 'node-1');
    const unlock = await lockDirectory(storeDirectory(join(root, 'coracle-run-alive')));
    const { directory, release } = await temporaryDirectory();
    expect(readdirSync(root).map((name) => join(root, name)).sort()).toEqual([directory, ...['coracle-run-alive', 'coracle-run-young', 'else'].map((name) => join(root, name))].sort());
    await unlock();
    await release();
  });
});

describe('the local-path provisioner', () => {
  test.each(['volumes', 'volumes/', 'volumes/x/../..', 'volumes-of-others/x', ''])('never removes what is not below its root: %j', async (path) => {
    for (const directory of ['volumes', 'volumes-of-others/x']) mkdirSync(join(root, directory), { recursive: true });
    await expect(localPathProvisioner(join(root, 'volumes')).remove(`${root}/${path}`)).rejects.toThrow(/^refusing to remove .* it is not below /);
    expect(existsSync(join(root, 'volumes')) && existsSync(join(root, 'volumes-of-others/x'))).toBe(true);
  });
});
