import { readdirSync, rmSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { compactedRecord, type ReadRecord, snapshotRecord, type StoredEvent } from './record.ts';
import { createSegment, type End, readSegment, reopenSegment, type Segment, syncDirectory } from './segment.ts';
import type { State } from './state.ts';
import type { Entry } from './store.ts';

/**
 * A store on disk: events in the order of their revisions, in segments (`REVISION.log`, named after their first event), and the objects as they were before the oldest of them
 * (`REVISION.checkpoint`). A write is one append. Segments that history no longer needs are removed once a newer checkpoint stands in for them.
 */
export interface Log {
  /** Fills an empty state with what is on disk. */
  load(newState: (start: number) => State): Promise<State>;
  /** Writes events, and how far history is forgotten; resolves once that is on disk. After a failure it is as if nothing had been written; a crash may keep the first of them. */
  append(events: readonly StoredEvent[], oldest: number): Promise<void>;
  /** Whether a checkpoint at `oldest` would free more than it takes. */
  wantsCheckpoint(oldest: number): boolean;
  /** Writes the objects of `revision` and removes the segments before it. Appends go on meanwhile. */
  checkpoint(revision: number, entries: readonly Entry[]): Promise<void>;
  close(): Promise<void>;
}

/** A segment that is longer is followed by a new one. */
const SEGMENT_BYTES = 4 << 20;
/** What a checkpoint writes in one go. */
const CHUNK_BYTES = 1 << 20;

/** A segment that is no longer written to. */
interface Closed {
  readonly first: number;
  readonly bytes: number;
}

export function openLog(directory: string): Log {
  const path = (revision: number, kind: 'log' | 'checkpoint') => join(directory, `${String(revision).padStart(16, '0')}.${kind}`);
  const remove = (revision: number, kind: 'log' | 'checkpoint') => rmSync(path(revision, kind), { force: true });
  const closed: Closed[] = [];
  let active: Segment | undefined;
  let activeFirst = 0;
  let last = 0;
  let compacted = 0;
  let checkpointed = { revision: 0, bytes: 0 };
  /** How many segments were closed when a checkpoint failed; it is tried again when there are more. */
  let failedAt = 0;

  const endOf = (index: number) => (closed[index + 1]?.first ?? activeFirst) - 1;
  /** How many of the closed segments a checkpoint at `revision` stands in for. */
  const covered = (revision: number) => {
    let count = 0;
    while (count < closed.length && endOf(count) <= revision) count++;
    return count;
  };
  const removeBefore = (revision: number) => {
    for (const { first } of closed.splice(0, covered(revision))) remove(first, 'log');
  };
  const nextSegment = async (first: number) => {
    const next = await createSegment(path(first, 'log'));
    if (active) {
      closed.push({ first: activeFirst, bytes: active.bytes });
      await active.close();
    }
    [active, activeFirst] = [next, first];
    return next;
  };

  return {
    async load(newState) {
      const { logs, checkpoints } = filesOf(directory);
      const base = checkpoints.at(-1) ?? 0;
      for (const older of checkpoints.slice(0, -1)) remove(older, 'checkpoint');
      const objects = new Map<string, ReadRecord>();
      const events: ReadRecord[] = [];
      if (base > 0) {
        const { bytes } = readWhole(path(base, 'checkpoint'), (record) => objects.set(record.key, record));
        checkpointed = { revision: base, bytes };
      }
      last = compacted = base;
      const take = (record: ReadRecord) => {
        if (record.type === 'COMPACTED') compacted = Math.max(compacted, record.revision);
        else if (record.revision > base) {
          if (record.revision !== last + 1) throw new Error(`the store in ${directory} is damaged: revision ${record.revision} follows ${last}`);
          last = record.revision;
          events.push(record);
        }
      };
      for (const first of logs.slice(0, -1)) closed.push({ first, bytes: readWhole(path(first, 'log'), take).bytes });
      const newest = logs.at(-1);
      if (newest !== undefined) {
        const end = readTo(path(newest, 'log'), take);
        [active, activeFirst] = [await reopenSegment(path(newest, 'log'), end), newest];
      }
      removeBefore(base);
      return restored(newState, objects, events, compacted);
    },
    async append(events, oldest) {
      const records = events.map(({ record }) => record);
      if (oldest > compacted) records.push(compactedRecord(oldest));
      if (records.length === 0) return;
      const first = events[0]?.event.revision ?? last + 1;
      try {
        const full = active === undefined || (active.bytes > SEGMENT_BYTES && first > activeFirst);
        await (full ? await nextSegment(first) : active!).append(records);
      } catch (error) {
        throw (error as NodeJS.ErrnoException).code === 'ENOSPC' ? new Error(`no space left on device: make room for ${directory} and try again`, { cause: error }) : error;
      }
      last = events.at(-1)?.event.revision ?? last;
      compacted = Math.max(compacted, oldest);
    },
    wantsCheckpoint(oldest) {
      const freed = closed.slice(0, covered(oldest)).reduce((sum, { bytes }) => sum + bytes, 0);
      return closed.length > failedAt && freed > Math.max(SEGMENT_BYTES, checkpointed.bytes);
    },
    async checkpoint(revision, entries) {
      const unfinished = `${path(revision, 'checkpoint')}.new`;
      failedAt = closed.length;
      const file = await createSegment(unfinished);
      try {
        for (const chunk of chunks(entries)) await file.append(chunk);
        await rename(unfinished, path(revision, 'checkpoint'));
        await syncDirectory(directory);
      } catch (error) {
        await rm(unfinished, { force: true });
        throw error;
      } finally {
        await file.close();
      }
      if (checkpointed.revision > 0) remove(checkpointed.revision, 'checkpoint');
      checkpointed = { revision, bytes: file.bytes };
      removeBefore(revision);
      failedAt = 0;
    },
    async close() {
      await active?.close();
      active = undefined;
    },
  };
}

/** The state that records tell of: `objects` from before the events, of which those up to `compacted` are history that nobody asks for any more. */
function restored(newState: (start: number) => State, objects: Map<string, ReadRecord>, events: readonly ReadRecord[], compacted: number): State {
  const state = newState(compacted);
  const history = events.filter(({ revision }) => revision > compacted);
  for (const event of events.slice(0, events.length - history.length)) {
    if (event.type === 'DELETED') objects.delete(event.key);
    else objects.set(event.key, event);
  }
  for (const record of objects.values()) state.restore(record.entry());
  for (const { type, revision, key, bytes, entry } of history) {
    if (type !== 'COMPACTED') state.apply({ type, revision, entry: entry(), ...(type !== 'ADDED' && { previous: state.get(key) }) }, bytes);
  }
  return state;
}

/** The revisions that a directory's files are named after, in order. Removes what a checkpoint that was cut short left. */
function filesOf(directory: string): { readonly logs: readonly number[]; readonly checkpoints: readonly number[] } {
  const names = readdirSync(directory).sort();
  if (names.includes('data.mdb')) throw new Error(`the store in ${directory} was written by an early version of Coracle (LMDB), which this one does not read; choose another directory, or remove this one`);
  for (const name of names) if (name.endsWith('.new')) rmSync(join(directory, name));
  const revisions = (suffix: string) => names.filter((name) => name.endsWith(suffix)).map((name) => Number(name.slice(0, -suffix.length)));
  return { logs: revisions('.log'), checkpoints: revisions('.checkpoint') };
}

/** Reads a file up to its last whole record. */
function readTo(path: string, take: (record: ReadRecord) => void): End & { readonly whole: boolean } {
  const records = readSegment(path);
  for (;;) {
    const { done, value } = records.next();
    if (done) return value;
    take(value);
  }
}

/** Reads a file that was finished, which a crash cannot have cut short. */
function readWhole(path: string, take: (record: ReadRecord) => void): { readonly bytes: number } {
  const { end, whole } = readTo(path, take);
  if (!whole) throw new Error(`${path} is damaged at byte ${end}; put back a copy of its directory, or choose another directory`);
  return { bytes: end };
}

function* chunks(entries: readonly Entry[]): Generator<Buffer[]> {
  let chunk: Buffer[] = [];
  let bytes = 0;
  for (const entry of entries) {
    const record = snapshotRecord(entry);
    chunk.push(record);
    bytes += record.length;
    // writev takes 1,024 buffers at most (IOV_MAX).
    if (bytes < CHUNK_BYTES && chunk.length < 1000) continue;
    yield chunk;
    [chunk, bytes] = [[], 0];
  }
  if (chunk.length > 0) yield chunk;
}
