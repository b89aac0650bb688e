import { SpdyError } from './headers.ts';

/** SPDY/3.1 frames (draft-mbelshe-httpbis-spdy-00, 2.2 and 2.6). Header blocks stay compressed here: they must be read in the order they came. */
export type Frame =
  | { readonly type: 'data'; readonly id: number; readonly fin: boolean; readonly data: Buffer }
  | { readonly type: 'syn-stream'; readonly id: number; readonly associated: number; readonly priority: number; readonly fin: boolean; readonly unidirectional: boolean; readonly block: Buffer }
  | { readonly type: 'syn-reply'; readonly id: number; readonly fin: boolean; readonly block: Buffer }
  | { readonly type: 'rst-stream'; readonly id: number; readonly status: number }
  | { readonly type: 'settings'; readonly block: Buffer }
  | { readonly type: 'ping'; readonly id: number }
  | { readonly type: 'goaway'; readonly lastId: number; readonly status: number }
  | { readonly type: 'headers'; readonly id: number; readonly fin: boolean; readonly block: Buffer }
  | { readonly type: 'window-update'; readonly id: number; readonly delta: number };

export const RST = { protocolError: 1, invalidStream: 2, refusedStream: 3, cancel: 5, internalError: 6 } as const;
export const GOAWAY = { ok: 0, protocolError: 1 } as const;

const VERSION = 3;
const FIN = 1;
const UNIDIRECTIONAL = 2;
const TYPES = { 'syn-stream': 1, 'syn-reply': 2, 'rst-stream': 3, settings: 4, ping: 6, goaway: 7, headers: 8, 'window-update': 9 } as const;
/** No control frame that means something to us is near it. */
const MAX_CONTROL = 32 * 1024;
const MAX_DATA = 0xffffff;

/** Takes bytes as they come and hands on frames. A data frame comes in as many pieces as its bytes do, the last one with its `fin`. Throws SpdyError; nothing must be given to it after that. */
export function frameReader(onFrame: (frame: Frame) => void): (chunk: Buffer) => void {
  let held: Buffer = Buffer.alloc(0);
  let data: { id: number; fin: boolean; left: number } | undefined;
  return (chunk) => {
    let bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    for (;;) {
      if (data) {
        const piece = bytes.subarray(0, data.left);
        data.left -= piece.length;
        bytes = bytes.subarray(piece.length);
        const done = data.left === 0;
        const fin = done && data.fin;
        const { id } = data;
        if (done) data = undefined;
        if (piece.length > 0 || fin) onFrame({ type: 'data', id, fin, data: piece });
        if (!done) break;
      }
      if (bytes.length < 8) break;
      const first = bytes.readUInt32BE(0);
      const flags = bytes.readUInt8(4);
      const length = bytes.readUIntBE(5, 3);
      if (first < 0x80000000) {
        if (first === 0) throw new SpdyError('data on stream 0');
        data = { id: first, fin: (flags & FIN) !== 0, left: length };
        bytes = bytes.subarray(8);
        continue;
      }
      if (length > MAX_CONTROL) throw new SpdyError(`a control frame of ${length} bytes is too long`);
      if (((first >>> 16) & 0x7fff) !== VERSION) throw new SpdyError(`SPDY version ${(first >>> 16) & 0x7fff} is not spoken`);
      if (bytes.length < 8 + length) break;
      const frame = control(first & 0xffff, flags, bytes.subarray(8, 8 + length));
      bytes = bytes.subarray(8 + length);
      if (frame) onFrame(frame);
    }
    // What is kept must not hold on to the whole chunk.
    held = Buffer.from(bytes);
  };
}

/** undefined: a type that we do not know, to be passed over (2.6). */
function control(type: number, flags: number, body: Buffer): Frame | undefined {
  const exactly = (length: number) => {
    if (body.length !== length) throw new SpdyError(`a control frame of type ${type} has ${body.length} bytes instead of ${length}`);
  };
  const atLeast = (length: number) => {
    if (body.length < length) throw new SpdyError(`a control frame of type ${type} has only ${body.length} bytes`);
  };
  const id = (at: number) => body.readUInt32BE(at) & 0x7fffffff;
  const fin = (flags & FIN) !== 0;
  switch (type) {
    case TYPES['syn-stream']:
      atLeast(10);
      return { type: 'syn-stream', id: id(0), associated: id(4), priority: body.readUInt8(8) >>> 5, fin, unidirectional: (flags & UNIDIRECTIONAL) !== 0, block: body.subarray(10) };
    case TYPES['syn-reply']:
      atLeast(4);
      return { type: 'syn-reply', id: id(0), fin, block: body.subarray(4) };
    case TYPES['rst-stream']:
      exactly(8);
      return { type: 'rst-stream', id: id(0), status: body.readUInt32BE(4) };
    case TYPES.settings:
      return { type: 'settings', block: body };
    case TYPES.ping:
      exactly(4);
      return { type: 'ping', id: body.readUInt32BE(0) };
    case TYPES.goaway:
      exactly(8);
      return { type: 'goaway', lastId: id(0), status: body.readUInt32BE(4) };
    case TYPES.headers:
      atLeast(4);
      return { type: 'headers', id: id(0), fin, block: body.subarray(4) };
    case TYPES['window-update']:
      exactly(8);
      return { type: 'window-update', id: id(0), delta: id(4) };
    default:
      return undefined;
  }
}

/** The bytes of a frame; of data, at most 16 MiB. */
export function encodeFrame(frame: Frame): Buffer {
  switch (frame.type) {
    case 'data':
      return Buffer.concat([dataHead(frame.id, frame.data.length, frame.fin), frame.data]);
    case 'syn-stream':
      return controlFrame(frame.type, (frame.fin ? FIN : 0) | (frame.unidirectional ? UNIDIRECTIONAL : 0), [frame.id, frame.associated], Buffer.concat([Buffer.from([frame.priority << 5, 0]), frame.block]));
    case 'syn-reply':
    case 'headers':
      return controlFrame(frame.type, frame.fin ? FIN : 0, [frame.id], frame.block);
    case 'rst-stream':
      return controlFrame(frame.type, 0, [frame.id, frame.status]);
    case 'settings':
      return controlFrame(frame.type, 0, [], frame.block);
    case 'ping':
      return controlFrame(frame.type, 0, [frame.id]);
    case 'goaway':
      return controlFrame(frame.type, 0, [frame.lastId, frame.status]);
    case 'window-update':
      return controlFrame(frame.type, 0, [frame.id, frame.delta]);
  }
}

function dataHead(id: number, length: number, fin: boolean): Buffer {
  if (length > MAX_DATA) throw new RangeError('a data frame holds 16 MiB at most');
  const head = Buffer.alloc(8);
  head.writeUInt32BE(id, 0);
  head.writeUInt8(fin ? FIN : 0, 4);
  head.writeUIntBE(length, 5, 3);
  return head;
}

function controlFrame(type: keyof typeof TYPES, flags: number, numbers: readonly number[], block: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(8 + numbers.length * 4);
  head.writeUInt16BE(0x8000 | VERSION, 0);
  head.writeUInt16BE(TYPES[type], 2);
  head.writeUInt8(flags, 4);
  head.writeUIntBE(numbers.length * 4 + block.length, 5, 3);
  numbers.forEach((value, index) => head.writeUInt32BE(value, 8 + index * 4));
  return Buffer.concat([head, block]);
}
