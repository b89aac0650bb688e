import { inflateRawSync, constants } from 'node:zlib';
import { DICTIONARY_ID, dictionary } from './dictionary.ts';

/** Names in lower case; several values of one name are joined by NUL, as on the wire. */
export type Headers = ReadonlyMap<string, string>;

/** A peer that does not keep to the protocol; the connection ends with it. */
export class SpdyError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SpdyError';
  }
}

const MAX_BLOCK = 64 * 1024;
const MAX_HEADERS = 256;
const WINDOW = 32 * 1024;
/** zlib's own header: deflate with a 32 KiB window, and a dictionary that is named. */
const ZLIB_HEADER = Buffer.from([0x78, 0xbb, DICTIONARY_ID >>> 24, (DICTIONARY_ID >>> 16) & 0xff, (DICTIONARY_ID >>> 8) & 0xff, DICTIONARY_ID & 0xff]);

/** An empty block, as a flush writes it: Go's inflater hands out what it has only when it meets one. */
const FLUSH = Buffer.from([0, 0, 0, 0xff, 0xff]);

/**
 * Reads the header blocks of one direction, in order. They are one zlib stream that is flushed after each block, so all that carries over from one to the next is
 * the last 32 KiB of text. Throws SpdyError.
 */
export function headerReader(): (block: Buffer) => Headers {
  let window: Buffer = dictionary;
  let first = true;
  return (block) => {
    let deflated = block;
    if (first) {
      if (block.length < 2 || (block[0]! & 0x0f) !== 8 || block.readUInt16BE(0) % 31 !== 0) throw new SpdyError('header block is not zlib');
      const named = (block[1]! & 0x20) !== 0;
      if (named && (block.length < 6 || block.readUInt32BE(2) !== DICTIONARY_ID)) throw new SpdyError('header block names another dictionary');
      if (!named) window = Buffer.alloc(0);
      deflated = block.subarray(named ? 6 : 2);
      first = false;
    }
    let text: Buffer;
    try {
      text = inflateRawSync(deflated, { ...(window.length > 0 && { dictionary: window }), finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: MAX_BLOCK });
    } catch (error) {
      throw new SpdyError(`header block cannot be inflated: ${(error as Error).message}`);
    }
    window = Buffer.concat([window, text]);
    if (window.length > WINDOW) window = Buffer.from(window.subarray(window.length - WINDOW));
    return parseHeaders(text);
  };
}

/** Writes the header blocks of one direction, in order: as stored (uncompressed) deflate blocks, for what a server says is a few bytes and every inflater reads it. */
export function headerWriter(): (headers: Headers) => Buffer {
  let first = true;
  return (headers) => {
    const text = encodeHeaders(headers);
    if (text.length > 0xffff) throw new SpdyError('headers are too long');
    const stored = Buffer.alloc(5);
    stored.writeUInt16LE(text.length, 1);
    stored.writeUInt16LE(~text.length & 0xffff, 3);
    const block = Buffer.concat([...(first ? [ZLIB_HEADER] : []), stored, text, FLUSH]);
    first = false;
    return block;
  };
}

/** A count, then names and values with their lengths. */
export function encodeHeaders(headers: Headers): Buffer {
  const number = (value: number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes;
  };
  const parts = [...headers].flatMap(([name, value]) => [Buffer.from(name), Buffer.from(value)]);
  return Buffer.concat([number(headers.size), ...parts.flatMap((part) => [number(part.length), part])]);
}

/** Throws SpdyError when it is not well formed. */
export function parseHeaders(text: Buffer): Headers {
  let at = 0;
  const number = () => {
    if (at + 4 > text.length) throw new SpdyError('header block ends early');
    at += 4;
    return text.readUInt32BE(at - 4);
  };
  const string = () => {
    const length = number();
    if (length > text.length - at) throw new SpdyError('header block ends early');
    at += length;
    return text.toString('utf8', at - length, at);
  };
  const count = number();
  if (count > MAX_HEADERS) throw new SpdyError(`${count} headers are too many`);
  const headers = new Map<string, string>();
  for (let i = 0; i < count; i++) {
    const name = string().toLowerCase();
    if (name === '' || headers.has(name)) throw new SpdyError('a header name is empty or comes twice');
    headers.set(name, string());
  }
  return headers;
}
