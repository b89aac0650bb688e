import { chmod, lchown, lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

const SETGID = 0o2000;

/** Gives a volume to the pod's fsGroup: group id, group rights, and setgid on directories (volume/volume_linux.go). `onMismatch`: only when its root is not that group's yet. */
export async function giveToGroup(path: string, group: number | undefined, onMismatch: boolean): Promise<void> {
  if (group === undefined) return;
  const root = await lstat(path);
  const fits = root.gid === group && (root.mode & SETGID) !== 0 && (root.mode & 0o070) === 0o070;
  if (onMismatch && fits) return;
  await give(path, group);
}

async function give(path: string, group: number): Promise<void> {
  const info = await lstat(path);
  await lchown(path, info.uid, group);
  if (info.isSymbolicLink()) return;
  const mode = info.mode & 0o7777;
  await chmod(path, mode | (info.isDirectory() ? SETGID | 0o770 : 0o660));
  if (!info.isDirectory()) return;
  for (const name of await readdir(path)) await give(join(path, name), group);
}
