import { execFile, execFileSync } from 'node:child_process';

export interface Ran {
  readonly out: string;
  readonly code: number;
}

/** A program that an environment variable names, else the one on the PATH, else none. */
export function program(name: string, variable: string): string | undefined {
  const named = process.env[variable];
  if (named) return named;
  try {
    return execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
}

/** Runs a program to its end (at most a minute); output and errors in one text. */
export function runner(env: NodeJS.ProcessEnv) {
  return (path: string, args: readonly string[]): Promise<Ran> => new Promise((resolve) => {
    execFile(path, args, { env, timeout: 60_000, maxBuffer: 16 << 20 }, (error, stdout, stderr) => {
      resolve({ out: stdout + stderr, code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1 });
    });
  });
}
