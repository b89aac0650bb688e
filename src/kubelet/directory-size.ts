import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes on disk that the files below hold, following no links; 0 when there is no such directory. */
export async function directorySize(path: string): Promise<number> {
  let total = 0;
  for (const entry of await readdir(path, { withFileTypes: true }).catch(() => [])) {
    const child = join(path, entry.name);
    if (entry.isDirectory()) total += await directorySize(child);
    else if (entry.isFile()) total += await lstat(child).then((s) => s.blocks * 512, () => 0);
  }
  return total;
}
