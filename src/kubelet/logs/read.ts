/** Reads a container's CRI log as `kubectl logs` shows it (kuberuntime/logs/logs.go). */
import { watch } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import type { Clock } from '../../base/clock.ts';
import type { LogOptions } from '../types.ts';
import { parseLine } from './cri.ts';
import { rotatedFiles } from './rotation.ts';

export interface LogSource {
  readonly path: string;
  readonly clock: Clock;
  /** Whether the container may still write; a follower ends when it does not. */
  running(): boolean;
  /** Resolves when the container ends. */
  ended(): Promise<void>;
}

const CHUNK = 64 * 1024;
const NEWLINE = 0x0a;
/** A watch can miss what happens while it is set up: look again after this long. */
const LOOK_AGAIN_MS = 500;

export function readLog(source: LogSource, options: LogOptions): Readable {
  return Readable.from(limited(texts(source, options), options.limitBytes), { objectMode: false });
}

async function* limited(chunks: AsyncIterable<Buffer>, limit: number | undefined): AsyncGenerator<Buffer> {
  let left = limit ?? Infinity;
  for await (const chunk of chunks) {
    if (left <= 0) return;
    yield chunk.length > left ? chunk.subarray(0, left) : chunk;
    left -= chunk.length;
  }
}

async function* texts(source: LogSource, options: LogOptions): AsyncGenerator<Buffer> {
  const since = options.sinceTime ?? (options.sinceSeconds === undefined ? -Infinity : source.clock.now() - options.sinceSeconds * 1000);
  for await (const lines of chunksOfLines(source, options)) {
    const shown: Buffer[] = [];
    for (const raw of lines) {
      const line = parseLine(raw);
      if (!line) continue;
      if (options.stream === 'Stdout' ? line.stream !== 'stdout' : options.stream === 'Stderr' && line.stream !== 'stderr') continue;
      if (since > -Infinity && Date.parse(line.time) < since) continue;
      if (options.timestamps) shown.push(Buffer.from(`${line.time} `));
      shown.push(line.text);
      if (!line.partial) shown.push(Buffer.from('\n'));
    }
    if (shown.length > 0) yield Buffer.concat(shown);
  }
}

/** Whole lines, as they come; with follow until the container has ended and all is read. */
async function* chunksOfLines(source: LogSource, options: LogOptions): AsyncGenerator<Buffer[]> {
  const wake = options.follow ? watcher(source) : undefined;
  let file = await open(source.path).catch(() => undefined);
  let next: FileHandle | undefined;
  try {
    let position = file && options.tailLines !== undefined ? await tailStart(file, options.tailLines) : 0;
    let rest = Buffer.alloc(0);
    for (;;) {
      const wasRunning = source.running();
      const chunk = Buffer.alloc(CHUNK);
      const bytesRead = file ? (await file.read(chunk, 0, CHUNK, position)).bytesRead : 0;
      if (bytesRead > 0) {
        position += bytesRead;
        const all = Buffer.concat([rest, chunk.subarray(0, bytesRead)]);
        const lines: Buffer[] = [];
        let start = 0;
        for (let end = all.indexOf(NEWLINE); end >= 0; end = all.indexOf(NEWLINE, start)) {
          lines.push(all.subarray(start, end));
          start = end + 1;
        }
        rest = Buffer.from(all.subarray(start));
        if (lines.length > 0) yield lines;
        continue;
      }
      if (!wake) return;
      if (next) {
        await file?.close();
        [file, next, position] = [next, undefined, 0];
        continue;
      }
      // Once the next one is there nothing more is written to this one: what came since the read is read first.
      next = await fileAfter(source.path, file);
      if (next) continue;
      // Ended before the read that found nothing: nothing more will come.
      if (!wasRunning) return;
      await wake.next();
    }
  } finally {
    wake?.stop();
    await next?.close();
    await file?.close();
  }
}

/** What follows the file that is open, when the log was rotated, once or more often; the first one, when none is open. undefined: nothing yet. */
async function fileAfter(path: string, file: FileHandle | undefined): Promise<FileHandle | undefined> {
  const newest = await stat(path).catch(() => undefined);
  const held = await file?.stat();
  if (!newest || newest.ino === held?.ino) return undefined;
  // Listed after the look at the newest, so that the one that is open is among them, or already removed: then all are later ones.
  const all = [...(await rotatedFiles(path)), path];
  const inodes = await Promise.all(all.map((name) => stat(name).then(({ ino }) => ino, () => undefined)));
  return open(all[held === undefined ? 0 : inodes.indexOf(held.ino) + 1] ?? path).catch(() => undefined);
}

function watcher(source: LogSource) {
  let signalled = false;
  let waiting: (() => void) | undefined;
  const wake = () => {
    signalled = true;
    waiting?.();
  };
  let watching: { close(): void } | undefined;
  try {
    watching = watch(dirname(source.path), { persistent: false }, wake);
  } catch {
    // No directory yet, or no watches left: looking again must do.
  }
  void source.ended().then(wake);
  return {
    next: () => new Promise<void>((resolve) => {
      if (signalled) {
        signalled = false;
        return resolve();
      }
      const timer = source.clock.after(LOOK_AGAIN_MS, wake);
      waiting = () => {
        waiting = undefined;
        signalled = false;
        timer.cancel();
        resolve();
      };
    }),
    stop: () => watching?.close(),
  };
}

/** Where the last `lines` lines begin. */
async function tailStart(file: FileHandle, lines: number): Promise<number> {
  const { size } = await file.stat();
  if (lines === 0) return size;
  let found = 0;
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - CHUNK);
    const block = Buffer.alloc(end - start);
    await file.read(block, 0, block.length, start);
    for (let i = block.length - 1; i >= 0; i--) {
      // The newline that ends the file ends its last line, it does not begin another one.
      if (block[i] === NEWLINE && start + i !== size - 1 && ++found === lines) return start + i + 1;
    }
    end = start;
  }
  return 0;
}
