import { constants, readFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type ReadRecord, readRecords, seal } from './record.ts';

/** Every file of a store begins with it. What a change of the format must raise. */
const FORMAT = Buffer.from('coracle store 2\n');

/** A file that records are written to, one after the other. */
export interface Segment {
  readonly bytes: number;
  /** Writes records behind those that are there; resolves once they are on disk. After a failure it is as if they had never been written. */
  append(records: readonly Buffer[]): Promise<void>;
  close(): Promise<void>;
}

/** Where the next record goes, and the checksum that it goes on from. */
export interface End {
  readonly end: number;
  readonly sum: number;
}

/** A new segment, in place of whatever has that name. It is on disk, and so is its name. */
export async function createSegment(path: string): Promise<Segment> {
  const file = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC | constants.O_DSYNC, 0o600);
  try {
    await file.writev([FORMAT], 0);
    await syncDirectory(dirname(path));
  } catch (error) {
    await file.close();
    throw error;
  }
  return segment(file, { end: FORMAT.length, sum: 0 });
}

/** Opens a segment to go on with it behind its last whole record: what follows was cut short by a crash, and never acknowledged. */
export async function reopenSegment(path: string, at: End): Promise<Segment> {
  if (at.end < FORMAT.length) return createSegment(path);
  const file = await open(path, constants.O_RDWR | constants.O_DSYNC);
  await file.truncate(at.end);
  return segment(file, at);
}

function segment(file: FileHandle, at: End): Segment {
  const write = async (records: readonly Buffer[]): Promise<End> => {
    let [{ end, sum }, rest] = [at, records];
    for (const record of records) sum = seal(record, sum);
    while (rest.length > 0) {
      const { bytesWritten } = await file.writev(rest, end);
      end += bytesWritten;
      rest = after(rest, bytesWritten);
    }
    return { end, sum };
  };
  return {
    get bytes() {
      return at.end;
    },
    async append(records) {
      try {
        at = await write(records);
      } catch (error) {
        // What stays in the file if this fails, too, is not read back: the next record's checksum goes on from the last that was written whole.
        await file.truncate(at.end).catch(() => {});
        throw error;
      }
    },
    close: () => file.close(),
  };
}

/** What is left of buffers once their first `count` bytes are written. */
function after(buffers: readonly Buffer[], count: number): readonly Buffer[] {
  let index = 0;
  while (index < buffers.length && count >= buffers[index]!.length) count -= buffers[index++]!.length;
  const [first, ...others] = buffers.slice(index);
  return first ? [first.subarray(count), ...others] : [];
}

/** Reads the records of a file. `end` is where the last whole one ends: the file's length, if nothing is wrong with it. */
export function* readSegment(path: string): Generator<ReadRecord, End & { readonly whole: boolean }> {
  const file = readFileSync(path);
  if (file.length < FORMAT.length && FORMAT.subarray(0, file.length).equals(file)) return { end: 0, sum: 0, whole: false };
  if (!file.subarray(0, FORMAT.length).equals(FORMAT)) throw new Error(`${path} is not of the format that this version reads (${FORMAT.toString().trim()})`);
  const at = yield* readRecords(file, FORMAT.length, 0);
  return { ...at, whole: at.end === file.length };
}

/** Makes sure that the names in a directory are on disk. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
