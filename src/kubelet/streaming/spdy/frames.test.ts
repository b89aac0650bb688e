import fc from 'fast-check';
import { constants, createDeflate } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { dictionary } from './dictionary.ts';
import { encodeFrame, frameReader, type Frame } from './frames.ts';
import { SpdyError, encodeHeaders, headerReader, headerWriter, parseHeaders } from './headers.ts';

const id = fc.integer({ min: 1, max: 0x7fffffff });
const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const frame: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({ type: fc.constant('data' as const), id, fin: fc.boolean(), data: bytes }),
  fc.record({ type: fc.constant('syn-stream' as const), id, associated: fc.constant(0), priority: fc.integer({ min: 0, max: 7 }), fin: fc.boolean(), unidirectional: fc.boolean(), block: bytes }),
  fc.record({ type: fc.constant('syn-reply' as const), id, fin: fc.boolean(), block: bytes }),
  fc.record({ type: fc.constant('rst-stream' as const), id, status: fc.integer({ min: 1, max: 11 }) }),
  fc.record({ type: fc.constant('settings' as const), block: bytes }),
  fc.record({ type: fc.constant('ping' as const), id: fc.integer({ min: 0, max: 0xffffffff }) }),
  fc.record({ type: fc.constant('goaway' as const), lastId: id, status: fc.integer({ min: 0, max: 2 }) }),
  fc.record({ type: fc.constant('headers' as const), id, fin: fc.boolean(), block: bytes }),
  fc.record({ type: fc.constant('window-update' as const), id, delta: id }),
);

/** Data comes in pieces: joins those that follow each other on one stream up to its FIN. */
function whole(frames: readonly Frame[]): unknown[] {
  const out: unknown[] = [];
  const data = new Map<number, string>();
  for (const one of frames) {
    if (one.type !== 'data') out.push({ ...one, ...('block' in one && { block: one.block.toString('hex') }) });
    else {
      data.set(one.id, (data.get(one.id) ?? '') + one.data.toString('hex'));
      if (one.fin) out.push({ fin: one.id });
    }
  }
  return [...out, ...data];
}

function decode(chunks: Iterable<Buffer>): Frame[] {
  const frames: Frame[] = [];
  const read = frameReader((one) => frames.push('data' in one ? { ...one, data: Buffer.from(one.data) } : 'block' in one ? { ...one, block: Buffer.from(one.block) } : one));
  for (const chunk of chunks) read(chunk);
  return frames;
}

function* split(all: Buffer, at: readonly number[]): Generator<Buffer> {
  let from = 0;
  for (const end of [...new Set(at.map((cut) => cut % (all.length + 1)))].toSorted((a, b) => a - b)) {
    yield all.subarray(from, end);
    from = end;
  }
  yield all.subarray(from);
}

describe('frames', () => {
  test('are the same, however their bytes are split', () => {
    fc.assert(fc.property(fc.array(frame, { maxLength: 8 }), fc.array(fc.nat(), { maxLength: 40 }), (frames, cuts) => {
      const all = Buffer.concat(frames.map(encodeFrame));
      const sent = frames.filter((one) => one.type !== 'data' || one.fin || one.data.length > 0);
      expect(whole(decode(split(all, cuts)))).toEqual(whole(sent));
    }));
  });

  test('byte by byte too', () => {
    fc.assert(fc.property(fc.array(frame, { maxLength: 4 }), (frames) => {
      const all = Buffer.concat(frames.map(encodeFrame));
      expect(whole(decode([...all].map((byte) => Buffer.from([byte]))))).toEqual(whole(decode([all])));
    }));
  });

  test('noise is frames or a SpdyError, never anything else', () => {
    fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 10 }), (chunks) => {
      try {
        decode(chunks.map((chunk) => Buffer.from(chunk)));
      } catch (error) {
        expect(error).toBeInstanceOf(SpdyError);
      }
    }));
  });

  test.each([
    ['another version', '8002000100000000'],
    ['data on stream 0', '0000000000000001'],
    ['a control frame of 16 MiB', '8003000100ffffff'],
    ['a short RST_STREAM', '800300030000000400000001'],
    ['a short SYN_STREAM', '80030001000000040000000100000000'],
    ['a long PING', '80030006000000080000000100000001'],
  ])('%s is refused', (_what, hex) => {
    expect(() => decode([Buffer.from(hex, 'hex')])).toThrow(SpdyError);
  });

  test('unknown types are passed over', () => {
    expect(decode([Buffer.from('8003000b00000002abcd', 'hex'), encodeFrame({ type: 'ping', id: 1 })])).toEqual([{ type: 'ping', id: 1 }]);
  });
});

describe('headers', () => {
  const headers = fc.uniqueArray(fc.tuple(fc.string({ minLength: 1, maxLength: 20 }).map((name) => name.toLowerCase()), fc.string({ maxLength: 60 })), { selector: ([name]) => name, maxLength: 10 })
    .map((entries) => new Map(entries));

  test('what our writer writes, our reader reads', () => {
    fc.assert(fc.property(fc.array(headers, { maxLength: 6 }), (blocks) => {
      const write = headerWriter();
      const read = headerReader();
      for (const block of blocks) expect(read(write(block))).toEqual(block);
    }));
  });

  test('blocks that zlib compresses, each flushed, over more than a window', async () => {
    const deflate = createDeflate({ dictionary });
    const out: Buffer[] = [];
    deflate.on('data', (chunk: Buffer) => out.push(chunk));
    const read = headerReader();
    for (let i = 0; i < 400; i++) {
      const block = new Map([['streamtype', i % 2 ? 'error' : 'data'], ['port', '8080'], ['requestid', String(i)], ['noise', `${'x'.repeat(i % 200)}${i * 7919}`]]);
      await new Promise<void>((resolve) => {
        deflate.write(encodeHeaders(block));
        deflate.flush(constants.Z_SYNC_FLUSH, () => resolve());
      });
      expect(read(Buffer.concat(out.splice(0)))).toEqual(block);
    }
    deflate.close();
  });

  test("the bytes of Go's spdystream", () => {
    const read = headerReader();
    expect(read(Buffer.from('78f9e3c6a7c26260606004a7b392a2d4c45c6851c29a0a0a6800000000ffff', 'hex'))).toEqual(new Map([['streamtype', 'error']]));
    expect(read(Buffer.from('c22ac5565c92925f5a02000000ffff', 'hex'))).toEqual(new Map([['streamtype', 'stdout']]));
  });

  test('a bomb is refused', async () => {
    const deflate = createDeflate({ dictionary });
    const out: Buffer[] = [];
    deflate.on('data', (chunk: Buffer) => out.push(chunk));
    await new Promise<void>((resolve) => {
      deflate.write(encodeHeaders(new Map([['a', 'x'.repeat(10_000_000)]])));
      deflate.flush(constants.Z_SYNC_FLUSH, () => resolve());
    });
    expect(() => headerReader()(Buffer.concat(out))).toThrow(SpdyError);
    deflate.close();
  });

  test('noise is a SpdyError', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
      for (const read of [headerReader(), parseHeaders]) {
        try {
          read(Buffer.from(noise));
        } catch (error) {
          expect(error).toBeInstanceOf(SpdyError);
        }
      }
    }));
  });
});
