import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Where a subPath of a volume really is; made as a directory when it is not there. Never outside the volume: links are followed first (volume/util/subpath/subpath_linux.go).
 */
export async function resolveSubPath(volume: string, subPath: string, name: string): Promise<string> {
  const parts = subPath.split('/').filter((part) => part !== '' && part !== '.');
  if (subPath.startsWith('/') || parts.includes('..')) throw new Error(`failed to prepare subPath for volumeMount "${name}": "${subPath}" must be a relative path without '..'`);
  const root = await realpath(volume);
  let at = root;
  for (const part of parts) {
    const next = join(at, part);
    const found = await realpath(next).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      return undefined;
    });
    if (found === undefined) await mkdir(next, { mode: 0o755 });
    at = found ?? (await realpath(next));
    if (at !== root && !at.startsWith(`${root}/`)) throw new Error(`failed to prepare subPath for volumeMount "${name}": "${subPath}" leads out of the volume`);
  }
  return at;
}
