/** Keeps container logs small: 10 MiB a file, five files (pkg/kubelet/logs/container_log_manager.go). The writer notices that its file was moved and opens a new one. */
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import type { ContainerStatus } from '../runtime/runtime.ts';

const MAX_LOG_SIZE = 10 * 2 ** 20;
export const MAX_LOG_FILES = 5;

export interface LogRotation {
  check(containers: readonly ContainerStatus[]): Promise<void>;
}

export function logRotation(clock: Clock, maxSize = MAX_LOG_SIZE): LogRotation {
  return {
    async check(containers) {
      for (const { logPath, state } of containers) {
        if (state !== 'running' || logPath === '') continue;
        const info = await stat(logPath).catch(() => undefined);
        if (!info || info.size < maxSize) continue;
        await rename(logPath, `${logPath}.${stamp(clock.now())}`);
        await prune(logPath);
      }
    },
  };
}

/** Rotated files of a log, oldest first. */
export async function rotatedFiles(logPath: string): Promise<string[]> {
  const directory = dirname(logPath);
  const prefix = `${basename(logPath)}.`;
  const names = await readdir(directory).catch(() => []);
  return names.filter((name) => name.startsWith(prefix)).sort().map((name) => join(directory, name));
}

async function prune(logPath: string): Promise<void> {
  const rotated = await rotatedFiles(logPath);
  for (const path of rotated.slice(0, Math.max(0, rotated.length - (MAX_LOG_FILES - 1)))) await rm(path, { force: true });
}

/** `20250131-235959` with milliseconds, so that two rotations in a second differ. */
function stamp(ms: number): string {
  return new Date(ms).toISOString().replace(/[-:Z]/g, '').replace('T', '-').replace('.', '');
}
