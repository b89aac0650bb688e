import fc from 'fast-check';
import { expect, test } from 'vitest';
import { responseReader } from './response.ts';

interface Response {
  readonly status: number;
  readonly bytes: number;
  readonly keepAlive: boolean;
}

/** Reads the pieces through one buffer that is used again for each, and has other bytes behind them. */
const read = (pieces: readonly Buffer[], bodiless = false): { responses: Response[]; ended: boolean } => {
  const responses: Response[] = [];
  const reader = responseReader((status, bytes, keepAlive) => responses.push({ status, bytes, keepAlive }), bodiless);
  const buffer = Buffer.alloc(4096);
  for (const piece of pieces) {
    buffer.fill('\r\n\r\n');
    piece.copy(buffer);
    reader.push(buffer, piece.length);
  }
  return { responses, ended: reader.end() };
};

const MESSAGES = [
  'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello',
  'HTTP/1.1 204 No Content\r\n\r\n',
  'HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n',
  'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel\r\n\r\n1;x=y\r\n!\r\n0\r\nTrailer: x\r\n\r\n',
  'HTTP/1.1 500 Oops\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno',
  'HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\nx',
] as const;
const STATUSES = [200, 204, 304, 201, 200, 500, 200];
const KEPT = [true, true, true, true, true, false, true];

test('responses are told apart, however the bytes are split', () => {
  const order = fc.array(fc.integer({ min: 0, max: MESSAGES.length - 1 }), { minLength: 1, maxLength: 8 });
  fc.assert(fc.property(order, fc.array(fc.nat(600), { maxLength: 20 }), (indices, cuts) => {
    const bytes = Buffer.from(indices.map((i) => MESSAGES[i]).join(''));
    const at = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
    const { responses } = read(at.slice(1).map((end, i) => bytes.subarray(at[i], end)));
    expect(responses.map(({ status }) => status)).toEqual(indices.map((i) => STATUSES[i]));
    expect(responses.map(({ keepAlive }) => keepAlive)).toEqual(indices.map((i) => KEPT[i]));
    expect(responses).toEqual(read([bytes]).responses);
  }));
});

test('a response without a length ends with its connection; half a response does not', () => {
  expect(read([Buffer.from('HTTP/1.1 200 OK\r\n\r\nabc')])).toMatchObject({ responses: [{ status: 200, keepAlive: false }], ended: true });
  expect(read([Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc')])).toEqual({ responses: [], ended: false });
});

test.each(['SSH-2.0-x\r\n\r\n', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'])('%j is no HTTP', (text) => {
  expect(() => read([Buffer.from(text)])).toThrow();
});

test('answers to HEAD end with their head', () => {
  const head = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n';
  expect(read([Buffer.from(head + head)], true).responses).toEqual([{ status: 200, bytes: head.length, keepAlive: true }, { status: 200, bytes: head.length, keepAlive: true }]);
});

test.each([
  ['HTTP/1.1 200 OK\r\nConnection: foo, Close\r\nContent-Length: 0\r\n\r\n', false],
  ['HTTP/1.1 200 OK\r\nX-Connection: close\r\nContent-Length:\t0\r\n\r\n', true],
  ['HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n', false],
  ['HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\n\r\n', false],
])('%j: the connection stays: %s', (text, kept) => {
  expect(read([Buffer.from(text)]).responses).toMatchObject([{ keepAlive: kept }]);
});
