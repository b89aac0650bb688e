import type { Readable, Writable } from 'node:stream';
import type { Status } from '../../../api/types/meta.v1.ts';
import type { ExecSession } from '../../runtime/runtime.ts';
import { passOn } from '../pass-on.ts';
import { onResize } from './resize.ts';
import { exitStatus, failureStatus } from './status.ts';

/** A client's streams, whatever carries them. */
export interface ClientStreams {
  readonly stdin: Readable | undefined;
  readonly stdout: Writable | undefined;
  readonly stderr: Writable | undefined;
  readonly resize: Readable | undefined;
  /** The last word; the client may go when it has it. */
  finish(status: Status): void;
  /** Resolves when the client has gone. */
  readonly gone: Promise<void>;
}

/** Joins a command's streams with a client's until the command has ended and all its output is passed on, or the client has gone: then an exec'd command is killed, an attached one left alone. Never rejects. */
export async function run(kind: 'exec' | 'attach', session: ExecSession, client: ClientStreams): Promise<void> {
  let here = true;
  void client.gone.then(() => {
    here = false;
    session.kill();
  });
  if (client.resize) onResize(client.resize, (columns, rows) => session.resize(columns, rows));
  if (client.stdin) void passOn(client.stdin, session.stdin);
  const outputs = Promise.all([passOn(session.stdout, client.stdout), session.stderr ? passOn(session.stderr, client.stderr) : undefined]);
  try {
    const code = await session.exit;
    await outputs;
    if (here) client.finish(kind === 'exec' ? exitStatus(code) : exitStatus(0));
  } catch (error) {
    if (here) client.finish(failureStatus(error, kind === 'exec' ? 'executing command in' : 'attaching to'));
  }
}
