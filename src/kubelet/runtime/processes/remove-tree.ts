import { chmod, rm } from 'node:fs/promises';

/** Removes a directory tree of ours, also what forbids its owner to look inside (overlay's work directory is mode 000; root isn't stopped by that, others are). */
export async function removeTree(path: string): Promise<void> {
  let last: string | undefined;
  for (;;) {
    try {
      return await rm(path, { recursive: true, force: true });
    } catch (error) {
      const { code, path: where } = error as NodeJS.ErrnoException;
      if (code !== 'EACCES' || where === undefined || where === last) throw error;
      last = where;
      await chmod(where, 0o700);
    }
  }
}
