import { dirname } from 'node:path';
import { mkdirSync, statSync } from 'node:fs';

export interface Wanted {
  readonly directory: string;
  readonly port: number;
  readonly httpPort: number;
  readonly httpsPort: number;
}

/** Why a cluster did not start, and the way out, from what the system said. Errors that already say so stay as they are. */
export function explainStart(error: unknown, wanted: Wanted): Error {
  const { code, message } = error as NodeJS.ErrnoException;
  if (message.startsWith('the ingress cannot listen')) {
    const option = message.includes(`:${wanted.httpsPort}:`) ? '--https-port' : '--http-port';
    return new Error(`${message}; choose another with ${option}, or ${option} 0 for any free one`, { cause: error });
  }
  switch (code) {
    case 'EACCES':
      if (/listen/.test(message)) return new Error(`this user may not listen on port ${wanted.port}; choose one above 1023 with --port`, { cause: error });
      return notWritable(wanted.directory, message, error);
    case 'EPERM': case 'EROFS': case 'ENOTDIR': case 'EEXIST': case 'ENOENT':
      return notWritable(wanted.directory, message, error);
    case 'ENOSPC': case 'EDQUOT':
      return new Error(`there is no space left for ${wanted.directory}; free some, or choose another place with --data-dir`, { cause: error });
    default:
      return error as Error;
  }
}

/**
 * Makes the directory of a cluster, for its owner alone, with those above it. Step by step: Node's own recursive mkdir never returns for a path under /proc
 * on Node 20. Throws, with the way out, when it can't be had.
 */
export function makeDirectory(directory: string): void {
  try {
    make(directory);
  } catch (error) {
    throw notWritable(directory, (error as Error).message, error);
  }
}

function make(directory: string): void {
  const found = statSync(directory, { throwIfNoEntry: false });
  if (found?.isDirectory()) return;
  if (!found && dirname(directory) !== directory) make(dirname(directory));
  mkdirSync(directory, { mode: 0o700 });
}

function notWritable(directory: string, message: string, cause: unknown): Error {
  return new Error(`the cluster cannot keep its state in ${directory} (${message}); choose a directory that this user can write with --data-dir`, { cause });
}
