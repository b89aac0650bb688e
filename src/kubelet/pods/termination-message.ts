/** A container's last words (kuberuntime_container.go getTerminationMessage). */
import { open } from 'node:fs/promises';
import type { Container } from '../../api/types/core.v1.ts';
import { lastLines } from '../logs/tail.ts';
import { terminationMessage } from '../paths.ts';
import type { ContainerStatus } from '../runtime/runtime.ts';

const MAX_BYTES = 4096;
const MAX_LOG_BYTES = 2048;
const MAX_LOG_LINES = 80;

/** What it wrote to its termination message file, or with FallbackToLogsOnError the end of its log; undefined = nothing. */
export async function terminationText(status: ContainerStatus, container: Container | undefined, root: string | undefined, podUid: string): Promise<string | undefined> {
  if (root === undefined || !container || status.reason === 'StartError') return undefined;
  const written = await tail(terminationMessage(root, podUid, status.name, status.attempt), MAX_BYTES);
  if (written) return written;
  const fallback = container.terminationMessagePolicy === 'FallbackToLogsOnError' && status.exitCode !== 0;
  const log = fallback ? await lastLines(status.logPath, MAX_LOG_LINES, MAX_LOG_BYTES) : '';
  return log === '' ? undefined : log;
}

async function tail(path: string, bytes: number): Promise<string | undefined> {
  const file = await open(path).catch(() => undefined);
  if (!file) return undefined;
  try {
    const { size } = await file.stat();
    const buffer = Buffer.alloc(Math.min(size, bytes));
    await file.read(buffer, 0, buffer.length, Math.max(0, size - bytes));
    return buffer.toString('utf8');
  } finally {
    await file.close();
  }
}
