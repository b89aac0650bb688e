import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { EmptyDirVolumeSource } from '../../api/types/core.v1.ts';
import { isPrivileged } from '../../base/privileges.ts';
import { whole } from '../quantity.ts';
import { giveToGroup } from './ownership.ts';

const run = promisify(execFile);

/** A directory for the pod's life; `medium: Memory` is a tmpfs of at most sizeLimit (pkg/volume/emptydir), or without root on disk as well. Found as it is after a restart of the kubelet. */
export async function makeEmptyDir(path: string, source: EmptyDirVolumeSource, fsGroup: number | undefined): Promise<void> {
  if (source.medium !== undefined && source.medium !== '' && source.medium !== 'Memory') throw new Error(`unknown storage medium "${source.medium}"`);
  await mkdir(path, { recursive: true });
  if (source.medium === 'Memory' && isPrivileged && !(await mountedBelow(path)).includes(path)) {
    const size = source.sizeLimit === undefined ? 0 : whole(source.sizeLimit);
    // With the rights of a tmpfs, 1777: whoever writes there cannot remove what others wrote.
    await run('mount', ['-t', 'tmpfs', ...(size > 0 ? ['-o', `size=${size}`] : []), 'tmpfs', path]).catch((error: Error) => {
      throw new Error(`emptyDir of medium Memory needs the right to mount a tmpfs: ${error.message.split('\n')[1] ?? error.message}`);
    });
  }
  // mkdir is subject to the umask; whoever the containers run as writes here.
  if (((await stat(path)).mode & 0o777) !== 0o777) await chmod(path, 0o777);
  await giveToGroup(path, fsGroup, false);
}

/** Undoes every mount at or below `root`, deepest first. */
export async function unmountBelow(root: string): Promise<void> {
  for (const path of (await mountedBelow(root)).sort((a, b) => b.length - a.length)) await run('umount', [path]);
}

async function mountedBelow(root: string): Promise<string[]> {
  const table = await readFile('/proc/self/mountinfo', 'utf8').catch(() => '');
  return table.split('\n')
    .map((line) => (line.split(' ')[4] ?? '').replace(/\\(\d{3})/g, (_m, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))))
    .filter((path) => path === root || path.startsWith(`${root}/`));
}
