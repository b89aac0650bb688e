import { chmod, mkdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expand } from '../pods/expansion.ts';

/** What a subPathExpr says. Throws unless every variable that it names has a value (container/helpers.go ExpandContainerVolumeMounts). */
export function expandSubPath(expression: string, lookup: (name: string) => string | undefined): string {
  const missing = new Set<string>();
  const text = expand(expression, (name) => {
    const value = lookup(name);
    if (!value) missing.add(name);
    return value;
  });
  if (missing.size > 0) throw new Error(`missing value for ${[...missing].sort().join(', ')}`);
  return text;
}

/**
 * Where a subPath of a volume really is; made as a directory with the volume's own rights when it is not there, so that whoever writes to the volume writes to it. Never outside the volume: links are followed first (volume/util/subpath/subpath_linux.go).
 */
export async function resolveSubPath(volume: string, subPath: string, name: string): Promise<string> {
  const parts = subPath.split('/').filter((part) => part !== '' && part !== '.');
  if (subPath.startsWith('/') || parts.includes('..')) throw new Error(`failed to prepare subPath for volumeMount "${name}": "${subPath}" must be a relative path without '..'`);
  const root = await realpath(volume);
  const rights = async () => (await stat(root)).mode & 0o7777;
  let at = root;
  for (const part of parts) {
    const next = join(at, part);
    const found = await realpath(next).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      return undefined;
    });
    if (found === undefined) {
      await mkdir(next);
      await chmod(next, await rights());
    }
    at = found ?? (await realpath(next));
    if (at !== root && !at.startsWith(`${root}/`)) throw new Error(`failed to prepare subPath for volumeMount "${name}": "${subPath}" leads out of the volume`);
  }
  return at;
}
