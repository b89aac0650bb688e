import { Readable } from 'node:stream';
import type { ExecSession } from '../../runtime/runtime.ts';

/** A session of a command that could not be started: no output, and `exit` rejects with the reason. */
export function failedSession(reason: unknown): ExecSession {
  const exit = Promise.reject(reason instanceof Error ? reason : new Error(String(reason)));
  exit.catch(() => {});
  return { stdin: undefined, stdout: Readable.from([]), stderr: Readable.from([]), exit, resize: () => {}, kill: () => {} };
}
