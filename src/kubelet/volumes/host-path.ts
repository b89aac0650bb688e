import { chmod, mkdir, open, stat } from 'node:fs/promises';
import type { Stats } from 'node:fs';

type Check = readonly [is: (info: Stats) => boolean, what: string];

const CHECKS: Readonly<Record<string, Check>> = {
  Directory: [(i) => i.isDirectory(), 'directory'],
  DirectoryOrCreate: [(i) => i.isDirectory(), 'directory'],
  File: [(i) => i.isFile(), 'file'],
  FileOrCreate: [(i) => i.isFile(), 'file'],
  Socket: [(i) => i.isSocket(), 'socket file'],
  CharDevice: [(i) => i.isCharacterDevice(), 'character device'],
  BlockDevice: [(i) => i.isBlockDevice(), 'block device'],
};

/** Checks a hostPath against its type, creating it where the type says so. Rejects with upstream's text (volume/hostpath/host_path.go). */
export async function checkHostPath(path: string, type: string): Promise<void> {
  const info = await stat(path).catch(() => undefined);
  const check = CHECKS[type];
  if (!check) {
    // Without a type nothing is checked, and what is not there becomes a directory, as container runtimes do.
    if (!info) await mkdir(path, { recursive: true });
    return;
  }
  if (!info && type === 'DirectoryOrCreate') {
    await mkdir(path, { recursive: true });
    return chmod(path, 0o755);
  }
  if (!info && type === 'FileOrCreate') return (await open(path, 'a', 0o644)).close();
  if (!info || !check[0](info)) throw new Error(`hostPath type check failed: ${path} is not a ${check[1]}`);
}

/** A local volume is there before its pods are. Rejects with upstream's texts (volume/local/local.go getGlobalLocalPath). */
export async function checkLocalPath(path: string): Promise<void> {
  const info = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT' ? new Error(`path ${JSON.stringify(path)} does not exist`) : error;
  });
  if (info.isBlockDevice()) throw new Error(`${path} is a block device, and this node makes and mounts no file systems: mount it yourself, and give the directory`);
  if (!info.isDirectory()) throw new Error('only directory and block device are supported');
}
