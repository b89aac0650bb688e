import { statfsSync } from 'node:fs';
import { open } from 'lmdb';
import type { KubeObject } from '../api/object.ts';
import { entryOf } from './entry.ts';
import type { State } from './state.ts';
import type { Entry, StoreEvent } from './store.ts';

/**
 * Events on disk, by revision: the whole store. The newest record of a key is its object; a record is removed once it is neither that nor history. So one write is one record, and
 * everything is read back in one pass.
 */
export interface Log {
  /** Fills an empty state with what is on disk. */
  load(newState: (start: number) => State): State;
  /** Writes events and removes others, all or nothing; resolves once that is on disk. */
  commit(change: { readonly events: readonly StoredEvent[]; readonly removed: readonly number[]; readonly oldest: number }): Promise<void>;
  close(): Promise<void>;
}

/** What a change of the record format must raise. */
const FORMAT = 1;
const TYPES = ['ADDED', 'MODIFIED', 'DELETED'] as const;
const HEADER = 11;

/** What must be free beyond the records themselves: the pages of the tree above them, and some for others who write at the same time. */
const SPARE = 4 << 20;

export function openLog(directory: string): Log {
  // overlappingSync: a commit resolves after the disk has it, not before. noMemInit would leave old memory in the file.
  const root = open({ path: directory, overlappingSync: false, maxDbs: 4, commitDelay: 0, eventTurnBatching: false, noMemInit: true });
  const log = root.openDB<Buffer, number>('log', { encoding: 'binary' });
  const meta = root.openDB<number, string>('meta', { encoding: 'json' });
  const format = meta.get('format');
  if (format !== undefined && format !== FORMAT) throw new Error(`the store in ${directory} has format ${format}; this version reads format ${FORMAT}`);

  return {
    load(newState) {
      const oldest = meta.get('oldest') ?? 0;
      const state = newState(oldest);
      const byRevision = new Map<number, Entry>();
      for (const { key: revision, value } of log.getRange({})) {
        const { type, previous, entry } = decode(revision, Buffer.from(value));
        byRevision.set(revision, entry);
        if (revision <= oldest) state.restore(entry);
        else state.apply({ type, revision, entry, ...(type !== 'ADDED' && { previous: byRevision.get(previous) }) }, value.length);
      }
      return state;
    },
    async commit({ events, removed, oldest }) {
      // LMDB corrupts its memory where a page finds no room, and takes the process with it; so room is made sure of before.
      refuseFullDisk(directory, 2 * events.reduce((sum, { record }) => sum + record.length, 0) + SPARE);
      try {
        await log.batch(() => {
          for (const { event, record } of events) void log.put(event.revision, record);
          for (const revision of removed) void log.remove(revision);
          if (removed.length > 0) void meta.put('oldest', oldest);
          if (events[0]?.event.revision === 1) void meta.put('format', FORMAT);
        });
      } catch (error) {
        throw await rootCause(error as Error);
      }
    },
    close: () => root.close(),
  };
}

function refuseFullDisk(directory: string, needed: number): void {
  const { bavail, bsize } = statfsSync(directory);
  const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  if (bavail * bsize < needed) throw new Error(`no space left on device: ${directory} has ${mebibytes(bavail * bsize)} free and ${mebibytes(needed)} are needed; make room and try again`);
}

/** lmdb-js rejects with "see commitError for details", a promise that rejects with the system's error within the same turn. */
async function rootCause(error: Error & { readonly commitError?: Promise<never> }): Promise<Error> {
  const nextTurn = new Promise<Error>((resolve) => setImmediate(() => resolve(error)));
  return error.commitError ? Promise.race([error.commitError.catch((cause: Error) => cause), nextTurn]) : error;
}

/** An event as it lies on disk. */
export interface StoredEvent {
  readonly event: StoreEvent;
  /** type (1 byte), revision of the previous entry (6), length of the key (4), key, JSON. */
  readonly record: Buffer;
}

/** Encodes an event; the entry's bytes are a part of the record, so there is one copy of them. Throws when the object cannot be encoded. */
export function storedEvent(event: StoreEvent): StoredEvent {
  const { type, revision, previous, entry } = event;
  const json = JSON.stringify(entry.object);
  const end = HEADER + Buffer.byteLength(entry.key);
  const record = Buffer.allocUnsafe(end + Buffer.byteLength(json));
  record.writeUInt8(TYPES.indexOf(type), 0);
  record.writeUIntBE(previous?.revision ?? 0, 1, 6);
  record.writeUInt32BE(end - HEADER, 7);
  record.write(entry.key, HEADER);
  record.write(json, end);
  return { event: { ...event, entry: entryOf(entry.key, revision, entry.object, record.subarray(end)) }, record };
}

function decode(revision: number, record: Buffer): { type: StoreEvent['type']; previous: number; entry: Entry } {
  const end = HEADER + record.readUInt32BE(7);
  const bytes = record.subarray(end);
  const object = JSON.parse(bytes.toString()) as KubeObject;
  return { type: TYPES[record.readUInt8(0)]!, previous: record.readUIntBE(1, 6), entry: entryOf(record.toString('utf8', HEADER, end), revision, object, bytes) };
}
