import { crc32 } from 'node:zlib';
import type { KubeObject } from '../api/object.ts';
import { entryOf } from './entry.ts';
import type { Entry, StoreEvent } from './store.ts';

/**
 * What the files of a store are made of. A record: checksum (4 bytes), length of what follows (4), type (1), revision (6), length of the key (4), key, JSON.
 * The checksum covers all that follows it and begins with the checksum of the record before, so that what an earlier, failed write left behind never passes for the next record.
 */
const TYPES = ['ADDED', 'MODIFIED', 'DELETED', 'COMPACTED'] as const;
const BODY = 8;
const HEADER = 19;

/** An event, encoded. The entry's bytes are a part of the record, so there is one copy of them. */
export interface StoredEvent {
  readonly event: StoreEvent;
  readonly record: Buffer;
}

/** Throws when the object cannot be encoded. */
export function storedEvent(event: StoreEvent): StoredEvent {
  const { key, revision, object } = event.entry;
  const json = JSON.stringify(object);
  const start = HEADER + Buffer.byteLength(key);
  const record = header(event.type, revision, key, Buffer.byteLength(json));
  record.write(json, start);
  return { event: { ...event, entry: entryOf(key, revision, object, record.subarray(start)) }, record };
}

/** An object as it was before the first revision of history. */
export function snapshotRecord({ key, revision, encoded }: Entry): Buffer {
  const json = encoded();
  const record = header('ADDED', revision, key, json.length);
  json.copy(record, HEADER + Buffer.byteLength(key));
  return record;
}

/** Says that history up to and including `revision` is forgotten. */
export const compactedRecord = (revision: number): Buffer => header('COMPACTED', revision, '', 0);

function header(type: (typeof TYPES)[number], revision: number, key: string, jsonLength: number): Buffer {
  const keyLength = Buffer.byteLength(key);
  const record = Buffer.allocUnsafe(HEADER + keyLength + jsonLength);
  record.writeUInt32LE(record.length - BODY, 4);
  record.writeUInt8(TYPES.indexOf(type), 8);
  record.writeUIntLE(revision, 9, 6);
  record.writeUInt32LE(keyLength, 15);
  record.write(key, HEADER);
  return record;
}

/** Writes a record's checksum, as the one after `previous`, and returns it. */
export function seal(record: Buffer, previous: number): number {
  const sum = crc32(record.subarray(4), previous);
  record.writeUInt32LE(sum, 0);
  return sum;
}

/** A record as it is read back; the object is decoded only when it is asked for. */
export interface ReadRecord {
  readonly type: (typeof TYPES)[number];
  readonly revision: number;
  readonly key: string;
  readonly bytes: number;
  entry(): Entry;
}

/** The records of a file from `offset` on, up to the first that is not whole. Returns where that is, and the checksum that the next record goes on from. */
export function* readRecords(file: Buffer, offset: number, sum: number): Generator<ReadRecord, { readonly end: number; readonly sum: number }> {
  for (;;) {
    const length = offset + BODY <= file.length ? file.readUInt32LE(offset + 4) : Infinity;
    const end = offset + BODY + length;
    if (length < HEADER - BODY || end > file.length) return { end: offset, sum };
    const record = file.subarray(offset, end);
    const found = crc32(record.subarray(4), sum);
    if (found !== record.readUInt32LE(0)) return { end: offset, sum };
    [offset, sum] = [end, found];
    const start = HEADER + record.readUInt32LE(15);
    const [type, revision, key] = [TYPES[record.readUInt8(8)]!, record.readUIntLE(9, 6), record.toString('utf8', HEADER, start)];
    // A copy: an entry that lives for long must not hold on to a whole file.
    yield { type, revision, key, bytes: record.length, entry: () => entryOf(key, revision, JSON.parse(record.toString('utf8', start)) as KubeObject, Buffer.from(record.subarray(start))) };
  }
}
