import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** What the cluster wrote down in this file; undefined when it never did. `loss` says in the error what removing the file would cost. */
export function readKept<T>(file: string, loss: string): T | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch (error) {
    throw new Error(`${file} cannot be read (${(error as Error).message}): restore it, or remove it; ${loss}`, { cause: error });
  }
}

/** Writes it down for its owner alone, whole or not at all, also when the process is killed or the disk is full. */
export function writeKept(file: string, value: unknown): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(`${file}.new`, JSON.stringify(value), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
