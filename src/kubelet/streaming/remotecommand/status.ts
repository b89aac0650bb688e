import { StatusError, internal } from '../../../api/errors.ts';
import type { Status } from '../../../api/types/meta.v1.ts';

/** What a client of exec is told at the end (kubelet pkg/cri/streaming/remotecommand/exec.go ServeExec). */
export function exitStatus(code: number): Status {
  if (code === 0) return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' };
  return {
    kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', reason: 'NonZeroExitCode', message: `command terminated with non-zero exit code: exit status ${code}`,
    details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
  };
}

/** What it is told when the command could not be run, or its streams broke. */
export function failureStatus(error: unknown, what: 'executing command in' | 'attaching to'): Status {
  if (error instanceof StatusError) return error.status;
  return internal(`error ${what} container: ${error instanceof Error ? error.message : String(error)}`).status;
}

/** The error stream's content: v4 and later carry the Status, older ones a text, and nothing when all went well (remotecommand/websocket.go v1WriteStatusFunc). */
export function statusText(status: Status, json: boolean): string {
  if (json) return JSON.stringify(status);
  return status.status === 'Success' ? '' : status.message ?? '';
}
