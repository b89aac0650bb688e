import type { Runtime } from '../runtime/runtime.ts';

const MAX_OUTPUT = 10 * 1024;

/** Runs a command to its end and returns its exit code and joined output (at most 10 KiB of it). Kills it when `signal` aborts, and rejects with the signal's reason. */
export async function runInContainer(runtime: Runtime, containerId: string, command: readonly string[], signal: AbortSignal): Promise<{ code: number; output: string }> {
  signal.throwIfAborted();
  const session = await runtime.exec(containerId, command, { tty: false, stdin: false });
  const chunks: Buffer[] = [];
  let size = 0;
  const collect = (chunk: Buffer | string) => {
    const bytes = Buffer.from(chunk);
    if (size < MAX_OUTPUT) chunks.push(bytes.subarray(0, MAX_OUTPUT - size));
    size += bytes.length;
  };
  session.stdout.on('data', collect);
  session.stderr?.on('data', collect);
  session.stdin?.end();
  let onAbort = () => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => {
      session.kill();
      reject(signal.reason);
    };
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    const code = await Promise.race([session.exit, aborted]);
    return { code, output: Buffer.concat(chunks).toString('utf8') };
  } finally {
    signal.removeEventListener('abort', onAbort);
    session.exit.catch(() => {});
  }
}
