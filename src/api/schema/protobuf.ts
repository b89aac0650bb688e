import type { KubeObject } from '../object.ts';
import { copyJson, isObject, put } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { formatDuration, parseDuration } from '../../base/duration.ts';
import { messageOf } from './kinds.ts';
import { normalize } from './normalize.ts';
import { message } from './registry.ts';
import type { Field, FieldType, Message, Special } from './table.ts';
import { MAX_DEPTH, ProtobufError, WIRE, WireReader, WireWriter } from './wire.ts';

export { ProtobufError } from './wire.ts';

/** What stands before every protobuf body of Kubernetes (apimachinery pkg/runtime/serializer/protobuf). */
const MAGIC = Buffer.from([0x6b, 0x38, 0x73, 0x00]);

/** Reads a body of `application/vnd.kubernetes.protobuf`. The object is normalised. Throws ProtobufError. */
export function decodeProtobuf(bytes: Uint8Array): KubeObject {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!buffer.subarray(0, 4).equals(MAGIC)) throw new ProtobufError('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]');
  const { apiVersion, kind, raw, contentEncoding } = readUnknown(new WireReader(buffer, 4));
  if (contentEncoding !== '') throw new ProtobufError(`unsupported content encoding ${JSON.stringify(contentEncoding)}`);
  const found = messageOf(apiVersion, kind);
  if (!found) throw new ProtobufError(`no kind "${kind}" is registered for version "${apiVersion}"`);
  const object: JsonObject = { ...readMessage(found, new WireReader(raw), 0), apiVersion, kind };
  normalize(found.id, object);
  return object as unknown as KubeObject;
}

/** Writes a body of `application/vnd.kubernetes.protobuf`; lists of known kinds as well. Throws ProtobufError for a kind that has no protobuf form. */
export function encodeProtobuf(object: object): Buffer {
  const { apiVersion, kind } = object as KubeObject;
  const writer = new WireWriter();
  writer.raw(MAGIC);
  writer.message(1, (type) => {
    type.string(1, apiVersion);
    type.string(2, kind);
  });
  writer.message(2, (raw) => writeTop(apiVersion, kind, object as JsonObject, raw));
  writer.string(3, '');
  writer.string(4, '');
  return writer.finish();
}

function writeTop(apiVersion: string, kind: string, object: JsonObject, writer: WireWriter): void {
  const found = messageOf(apiVersion, kind);
  const item = found ?? (kind.endsWith('List') ? messageOf(apiVersion, kind.slice(0, -4)) : undefined);
  if (!item) throw new ProtobufError(`no kind "${kind}" is registered for version "${apiVersion}"`);
  const normalized = (id: string, value: JsonObject) => {
    const copy = copyJson(value);
    normalize(id, copy);
    return copy;
  };
  if (found) return writeMessage(found, normalized(found.id, object), writer);
  writer.message(1, (meta) => writeMessage(message('meta/v1.ListMeta'), normalized('meta/v1.ListMeta', (object['metadata'] ?? {}) as JsonObject), meta));
  for (const element of (object['items'] ?? []) as JsonObject[]) writer.message(2, (inner) => writeMessage(item, normalized(item.id, element), inner));
}

interface Unknown {
  apiVersion: string;
  kind: string;
  raw: Buffer;
  contentEncoding: string;
}

function readUnknown(reader: WireReader): Unknown {
  const unknown: Unknown = { apiVersion: '', kind: '', raw: Buffer.alloc(0), contentEncoding: '' };
  while (!reader.done) {
    const { number, wire } = reader.tag();
    if (number === 1 && wire === WIRE.bytes) {
      const type = reader.message();
      while (!type.done) {
        const tag = type.tag();
        if (tag.number === 1 && tag.wire === WIRE.bytes) unknown.apiVersion = type.string();
        else if (tag.number === 2 && tag.wire === WIRE.bytes) unknown.kind = type.string();
        else type.skip(tag.wire);
      }
    } else if (number === 2 && wire === WIRE.bytes) unknown.raw = reader.blob();
    else if (number === 3 && wire === WIRE.bytes) unknown.contentEncoding = reader.string();
    else reader.skip(wire);
  }
  return unknown;
}

const numbered = new WeakMap<Message, ReadonlyMap<number, Field>>();

function fieldsByNumber(of: Message): ReadonlyMap<number, Field> {
  let known = numbered.get(of);
  if (!known) numbered.set(of, (known = new Map(of.fields.filter((f) => f.number > 0).map((f) => [f.number, f]))));
  return known;
}

function readMessage(of: Message, reader: WireReader, depth: number): JsonObject {
  if (depth > MAX_DEPTH) throw new ProtobufError(`the message is nested deeper than ${MAX_DEPTH} levels`);
  const fields = fieldsByNumber(of);
  const object: JsonObject = {};
  while (!reader.done) {
    const { number, wire } = reader.tag();
    const field = fields.get(number);
    if (!field) reader.skip(wire);
    else if (field.inline && field.type.kind === 'message') Object.assign(object, readMessage(message(field.type.id), child(reader, wire, of, field), depth + 1));
    else readField(of, field, reader, wire, object, depth);
  }
  return object;
}

function child(reader: WireReader, wire: number, of: Message, field: Field): WireReader {
  if (wire !== WIRE.bytes) throw new ProtobufError(`proto: wrong wireType = ${wire} for field ${of.name}.${field.name}`);
  return reader.message();
}

function readField(of: Message, field: Field, reader: WireReader, wire: number, object: JsonObject, depth: number): void {
  const { type, name } = field;
  if (type.kind === 'list') {
    const list = (object[name] ??= []) as unknown[];
    // Scalars may come packed: many in one length-delimited field.
    if (wire === WIRE.bytes && wireOf(type.of) !== WIRE.bytes) {
      const packed = reader.message();
      while (!packed.done) list.push(readValue(type.of, packed, depth));
    } else list.push(readChecked(of, field, type.of, reader, wire, depth));
  } else if (type.kind === 'map') {
    const map = (object[name] ??= {}) as JsonObject;
    const entry = child(reader, wire, of, field);
    let key = '';
    let value: unknown;
    while (!entry.done) {
      const tag = entry.tag();
      if (tag.number === 1 && tag.wire === WIRE.bytes) key = entry.string();
      else if (tag.number === 2) value = readChecked(of, field, type.of, entry, tag.wire, depth);
      else entry.skip(tag.wire);
    }
    put(map, key, value ?? null);
  } else object[name] = readChecked(of, field, type, reader, wire, depth);
}

function readChecked(of: Message, field: Field, type: FieldType, reader: WireReader, wire: number, depth: number): unknown {
  if (wire !== wireOf(type)) throw new ProtobufError(`proto: wrong wireType = ${wire} for field ${of.name}.${field.name}`);
  return readValue(type, reader, depth);
}

function wireOf(type: FieldType): number {
  if (type.kind !== 'scalar') return WIRE.bytes;
  return type.scalar === 'string' || type.scalar === 'bytes' ? WIRE.bytes : type.scalar === 'double' ? WIRE.fixed64 : WIRE.varint;
}

function readValue(type: FieldType, reader: WireReader, depth: number): unknown {
  switch (type.kind) {
    case 'scalar':
      switch (type.scalar) {
        case 'string': return reader.string();
        case 'bytes': return reader.blob().toString('base64');
        case 'bool': return reader.varint() !== 0;
        case 'double': return reader.double();
        case 'int32': return reader.varint() | 0;
        case 'uint32': return reader.varint() >>> 0;
        default: return reader.varint();
      }
    case 'enum': return reader.string();
    case 'message': return readMessage(message(type.id), reader.message(), depth + 1);
    case 'special': return readSpecial(type.special, reader.message(), depth + 1);
    default: throw new ProtobufError('lists of lists have no protobuf form');
  }
}

/** The fields of a special's message, by number; repeated ones as lists. */
function readSpecial(special: Special, reader: WireReader, depth: number): unknown {
  if (depth > MAX_DEPTH) throw new ProtobufError(`the message is nested deeper than ${MAX_DEPTH} levels`);
  const empty = reader.done;
  const numbers: Record<number, number> = {};
  const blobs: Record<number, Buffer[]> = {};
  while (!reader.done) {
    const { number, wire } = reader.tag();
    if (wire === WIRE.varint) numbers[number] = reader.varint();
    else if (wire === WIRE.bytes) (blobs[number] ??= []).push(reader.blob());
    else reader.skip(wire);
  }
  const texts = (number: number) => (blobs[number] ?? []).map((b) => b.toString('utf8'));
  const text = (number: number) => texts(number)[0] ?? '';
  const schemas = (number: number) => (blobs[number] ?? []).map((b) => readMessage(message('apiextensions/v1.JSONSchemaProps'), new WireReader(b), depth));
  switch (special) {
    case 'Quantity': return text(1) || '0';
    case 'IntOrString': return (numbers[1] ?? 0) === 0 ? (numbers[2] ?? 0) | 0 : text(3);
    case 'Time': return empty ? null : timeOf(numbers[1] ?? 0, 0).replace(/\.\d+Z$/, 'Z');
    case 'MicroTime': return empty ? null : timeOf(numbers[1] ?? 0, numbers[2] ?? 0);
    case 'Duration': return formatDuration((numbers[1] ?? 0) / 1e6);
    case 'Raw': case 'JSON': case 'Fields': return blobs[1]?.[0] ? embedded(blobs[1][0]) : null;
    case 'ExtraValue': return texts(1);
    case 'JSONSchemaPropsOrArray': return blobs[2] ? schemas(2) : (schemas(1)[0] ?? {});
    case 'JSONSchemaPropsOrBool': return schemas(2)[0] ?? (numbers[1] ?? 0) !== 0;
    case 'JSONSchemaPropsOrStringArray': return blobs[2] ? texts(2) : (schemas(1)[0] ?? {});
  }
}

function timeOf(seconds: number, nanos: number): string {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) throw new ProtobufError(`no time is ${seconds} seconds after 1970`);
  return `${date.toISOString().slice(0, 19)}.${String(Math.floor(nanos / 1000)).padStart(6, '0')}Z`;
}

function embedded(bytes: Buffer): unknown {
  if (bytes.subarray(0, 4).equals(MAGIC)) return decodeProtobuf(bytes);
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown;
  } catch (error) {
    throw new ProtobufError(`an embedded object is not JSON: ${(error as Error).message}`);
  }
}

/** Fields in the order of their numbers; scalars that are not pointers are written even when zero, as gogo's proto2 code does. */
function writeMessage(of: Message, object: JsonObject, writer: WireWriter): void {
  for (const field of [...fieldsByNumber(of).values()].sort((a, b) => a.number - b.number)) {
    if (field.inline && field.type.kind === 'message') {
      const inner = message(field.type.id);
      writer.message(field.number, (w) => writeMessage(inner, object, w));
      continue;
    }
    const value = Object.hasOwn(object, field.name) ? object[field.name] : undefined;
    const { type, number } = field;
    if (type.kind === 'list') for (const item of (value ?? []) as unknown[]) writeValue(number, type.of, item, writer);
    else if (type.kind === 'map') {
      const map = (value ?? {}) as JsonObject;
      for (const key of Object.keys(map).sort()) {
        writer.message(number, (entry) => {
          entry.string(1, key);
          writeValue(2, type.of, map[key], entry);
        });
      }
    } else if (value !== undefined || !(field.pointer || (type.kind === 'scalar' && type.scalar === 'bytes'))) writeValue(number, type, value, writer);
  }
}

function writeValue(number: number, type: FieldType, value: unknown, writer: WireWriter): void {
  switch (type.kind) {
    case 'scalar':
      switch (type.scalar) {
        case 'string': return writer.string(number, (value as string | undefined) ?? '');
        case 'bytes': return writer.blob(number, Buffer.from((value as string | undefined) ?? '', 'base64'));
        case 'double': return writer.double(number, (value as number | undefined) ?? 0);
        default: return writer.varint(number, Number(value ?? 0));
      }
    case 'enum': return writer.string(number, (value as string | undefined) ?? '');
    case 'message': return writer.message(number, (w) => writeMessage(message(type.id), (value as JsonObject | undefined) ?? {}, w));
    case 'special': return writer.message(number, (w) => writeSpecial(type.special, value, w));
    default: throw new ProtobufError('lists of lists have no protobuf form');
  }
}

function writeSpecial(special: Special, value: unknown, writer: WireWriter): void {
  const schema = (number: number, of: unknown) => writeValue(number, { kind: 'message', id: 'apiextensions/v1.JSONSchemaProps' }, of, writer);
  switch (special) {
    case 'Quantity': return writer.string(1, String(value ?? '0'));
    case 'IntOrString':
      writer.varint(1, typeof value === 'string' ? 1 : 0);
      writer.varint(2, typeof value === 'number' ? value : 0);
      return writer.string(3, typeof value === 'string' ? value : '');
    case 'Time': case 'MicroTime': {
      if (typeof value !== 'string') return;
      const ms = Date.parse(value);
      writer.varint(1, Math.floor(ms / 1000));
      return writer.varint(2, special === 'Time' ? 0 : Number((/\.(\d+)Z$/.exec(value)?.[1] ?? '').padEnd(9, '0').slice(0, 9)));
    }
    case 'Duration': return writer.varint(1, Math.round(parseDuration(String(value ?? '0')) * 1e6));
    case 'Raw': case 'JSON': case 'Fields': return value === undefined || value === null ? undefined : writer.blob(1, Buffer.from(JSON.stringify(value)));
    case 'ExtraValue': return ((value ?? []) as string[]).forEach((item) => writer.string(1, item));
    case 'JSONSchemaPropsOrArray': return Array.isArray(value) ? value.forEach((item) => schema(2, item)) : schema(1, value);
    case 'JSONSchemaPropsOrBool':
      writer.varint(1, value === false ? 0 : 1);
      return isObject(value) ? schema(2, value) : undefined;
    case 'JSONSchemaPropsOrStringArray': return Array.isArray(value) ? value.forEach((item) => writer.string(2, String(item))) : schema(1, value);
  }
}
