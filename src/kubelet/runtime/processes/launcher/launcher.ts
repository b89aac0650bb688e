import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { launcherProgram } from './main.ts';

/** The helper that forks sandboxes, containers and execs (see `base.ts`). */
export interface Launcher {
  readonly pid: number;
  isAlive(): boolean;
  /** Runs one operation; rejects with the helper's own words. */
  request(op: string, fields: Readonly<Record<string, Field>>): Promise<readonly string[]>;
  /** Calls back when a process that the helper forked has ended. */
  onGone(handler: (pid: number) => void): void;
  /** Ends the helper; what it forked lives on. */
  close(): Promise<void>;
}

/** Text, or a list (of lists). */
export type Field = string | number | boolean | undefined | readonly Field[];

/** A helper that is started again when it has died; `onRestart` is told, for what the dead one forked is not the new one's child. */
export async function superviseLauncher(directory: string, procs: readonly string[], onRestart: () => void): Promise<Launcher> {
  const handlers: ((pid: number) => void)[] = [];
  let closed = false;
  const start = async () => {
    const launcher = await startLauncher(directory, procs);
    launcher.onGone((pid) => {
      for (const handler of handlers) handler(pid);
    });
    return launcher;
  };
  let current = await start();
  let restarting: Promise<void> | undefined;
  const alive = async (): Promise<Launcher> => {
    if (current.isAlive() || closed) return current;
    restarting ??= start()
      .then((launcher) => {
        current = launcher;
        onRestart();
      })
      .finally(() => (restarting = undefined));
    await restarting;
    return current;
  };
  return {
    get pid() {
      return current.pid;
    },
    isAlive: () => current.isAlive(),
    onGone: (handler) => void handlers.push(handler),
    request: async (op, fields) => (await alive()).request(op, fields),
    close: () => {
      closed = true;
      return current.close();
    },
  };
}

/** Starts the helper. `directory` gets its program, its log and `run/`, where its sockets are; `procs` are the cgroup.procs files that it moves itself to. */
export async function startLauncher(directory: string, procs: readonly string[]): Promise<Launcher> {
  const run = join(directory, 'run');
  mkdirSync(run, { recursive: true, mode: 0o700 });
  const program = join(directory, 'launcher.pl');
  writeFileSync(program, launcherProgram, { mode: 0o600 });
  const log = openSync(join(directory, 'launcher.log'), 'a', 0o600);
  const child = spawn('perl', [program, run, ...(procs.length > 0 ? [procs.join(':')] : [])], { stdio: ['pipe', 'pipe', log], env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' }, cwd: '/' });
  closeSync(log);
  const { stdin, stdout } = child;
  if (!stdin || !stdout) throw new Error('the pod launcher has no pipes');

  const waiting = new Map<number, { resolve: (fields: readonly string[]) => void; reject: (error: Error) => void }>();
  const handlers: ((pid: number) => void)[] = [];
  let next = 1;
  let failure: Error | undefined;
  let greet: (pid: number) => void = () => {};
  const greeted = new Promise<number>((resolve, reject) => {
    greet = resolve;
    waiting.set(0, { resolve: () => {}, reject });
  });
  greeted.catch(() => {});
  const fail = (error: Error) => {
    failure ??= error;
    for (const { reject } of waiting.values()) reject(failure);
    waiting.clear();
  };
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  child.once('error', (error) => fail(new Error(`pods need perl (perl-base, a part of every Debian and Ubuntu): ${error.message}`)));
  child.once('close', (code, signal) => fail(new Error(`the pod launcher ended (${signal ?? `exit ${code}`}); see ${join(directory, 'launcher.log')}`)));
  stdin.on('error', () => {});

  let buffer: Buffer = Buffer.alloc(0);
  stdout.on('data', (chunk: Buffer) => {
    buffer = buffer.length === 0 ? chunk : Buffer.concat([buffer, chunk]);
    while (buffer.length >= 4) {
      const length = buffer.readUInt32BE(0);
      if (buffer.length < 4 + length) break;
      const [id = '', status = '', ...fields] = decode(buffer.subarray(4, 4 + length));
      buffer = buffer.subarray(4 + length);
      if (status === 'hello') greet(Number(fields[0]));
      else if (status === 'gone') for (const handler of handlers) handler(Number(fields[0]));
      else {
        const request = waiting.get(Number(id));
        waiting.delete(Number(id));
        if (status === 'ok') request?.resolve(fields);
        else request?.reject(new Error(fields[0]));
      }
    }
  });

  const pid = await greeted;
  waiting.delete(0);
  return {
    pid,
    isAlive: () => failure === undefined,
    onGone: (handler) => void handlers.push(handler),
    request: (op, fields) =>
      new Promise((resolve, reject) => {
        if (failure) return reject(failure);
        const id = next++;
        waiting.set(id, { resolve, reject });
        const message = encode([id, op, ...Object.entries(fields).flat()]);
        const head = Buffer.alloc(4);
        head.writeUInt32BE(message.length);
        stdin.write(Buffer.concat([head, message]));
      }),
    close: async () => {
      stdin.end();
      await ended;
    },
  };
}

/** Perl's `pack "(N/a*)*"`. */
export function encode(fields: readonly Field[]): Buffer {
  return Buffer.concat(
    fields.flatMap((field) => {
      const bytes = Array.isArray(field) ? encode(field) : Buffer.from(field === undefined || field === false ? '' : field === true ? '1' : String(field));
      const head = Buffer.alloc(4);
      head.writeUInt32BE(bytes.length);
      return [head, bytes];
    }),
  );
}

/** The strings of Perl's `pack "(N/a*)*"`. */
export function decode(bytes: Buffer): string[] {
  const fields: string[] = [];
  for (let at = 0; at + 4 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    fields.push(bytes.toString('utf8', at + 4, at + 4 + length));
    at += 4 + length;
  }
  return fields;
}
