import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BodyScanner } from './body.ts';
import { RequestHead, ResponseHead } from './head.ts';

const read = (text: string) => new RequestHead().read(Buffer.from(text, 'latin1'), 0);
const get = (fields: string) => `GET / HTTP/1.1\r\nHost: a\r\n${fields}\r\n`;

describe('request heads', () => {
  test.each([
    ['GET / HTTP/1.1\r\nHost: a\r\n\r\n', 'done'],
    ['\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n', 'done'],
    ['GET / HTTP/1.0\r\n\r\n', 'done'],
    ['GET / HTTP/1.1\r\nHost: a\r\n', 'more'],
    ['GE', 'more'],
    ['GET / HTTP/1.1\r\n\r\n', 400],
    [get('Host: b\r\n'), 400],
    [get('Content-Length: 1\r\nContent-Length: 1\r\n'), 400],
    [get('Content-Length: 1\r\nTransfer-Encoding: chunked\r\n'), 400],
    [get('Transfer-Encoding: chunked\r\nContent-Length: 1\r\n'), 400],
    [get('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n'), 400],
    [get('Transfer-Encoding: xchunked\r\n'), 501],
    [get('Transfer-Encoding: gzip, chunked\r\n'), 501],
    [get('Content-Length: +1\r\n'), 400],
    [get('Content-Length: 0x1\r\n'), 400],
    [get('Content-Length: 1, 1\r\n'), 400],
    [get('Content-Length:\r\n'), 400],
    [get('Content-Length : 1\r\n'), 400],
    [get(' Content-Length: 1\r\n'), 400],
    [get('X: a\r\n folded\r\n'), 400],
    [get('X: a\nTransfer-Encoding: chunked\r\n'), 400],
    [get('X: a\rb\r\n'), 400],
    [get('X: a\0b\r\n'), 400],
    ['GET / HTTP/1.1\nHost: a\n\n', 400],
    ['GET /a b HTTP/1.1\r\nHost: a\r\n\r\n', 400],
    ['GET / HTTP/2.0\r\nHost: a\r\n\r\n', 505],
    ['GET / http/1.1\r\nHost: a\r\n\r\n', 400],
    ['POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n', 400],
    [`GET /${'a'.repeat(70_000)} HTTP/1.1\r\nHost: a\r\n\r\n`, 431],
    [get(`X: ${'a'.repeat(70_000)}\r\n`), 431],
  ] as const)('%j → %s', (text, expected) => {
    expect(read(text)).toBe(expected);
  });

  test('what it says is understood', () => {
    const head = new RequestHead();
    expect(head.read(Buffer.from('POST /a?b=c HTTP/1.1\r\nhOST:  example.org:80 \r\nConnection: Upgrade, keep-alive\r\nUpgrade: websocket\r\nX-Forwarded-For: 1.2.3.4\r\nAccept: */*\r\nContent-Length: 12\r\n\r\n'), 0)).toBe('done');
    expect(head).toMatchObject({ method: 'POST', target: '/a?b=c', host: 'example.org:80', upgrade: true, contentLength: 12, keepAlive: true, idempotent: false });
    expect(head.header('accept')).toBe('*/*');
    expect(head.fieldText(false)).toBe('hOST:  example.org:80 \r\nAccept: */*\r\nContent-Length: 12\r\n');
  });

  test('however the bytes arrive, the result is the same', () => {
    const text = get('Accept: text/html\r\nContent-Length: 5\r\n');
    fc.assert(
      fc.property(fc.nat(text.length - 1), (cut) => {
        expect(read(text.slice(0, cut))).toBe('more');
      }),
    );
  });

  test('no bytes whatever make it throw', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void new RequestHead().read(Buffer.from(bytes), 0)));
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void new ResponseHead().read(Buffer.from(bytes), 0)));
  });
});

describe('bodies', () => {
  const chunkedBody = fc.array(fc.uint8Array({ minLength: 1, maxLength: 50 }), { maxLength: 8 });

  test('chunked bodies end where they end, cut anyhow, and give their content', () => {
    fc.assert(
      fc.property(chunkedBody, fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 }), fc.boolean(), (parts, cuts, trailer) => {
        const body = Buffer.concat([...parts.flatMap((p) => [Buffer.from(`${p.length.toString(16)};x=y\r\n`), Buffer.from(p), Buffer.from('\r\n')]), Buffer.from(trailer ? '0\r\nT: v\r\n\r\n' : '0\r\n\r\n')]);
        const whole = Buffer.concat([body, Buffer.from('GET next')]);
        const scanner = new BodyScanner();
        const content: Buffer[] = [];
        scanner.content = (bytes) => content.push(Buffer.from(bytes));
        scanner.begin(-1, true, false);
        let at = 0;
        for (let i = 0; !scanner.done; i++) {
          const piece = whole.subarray(at, at + cuts[i % cuts.length]!);
          at += scanner.feed(piece, 0);
        }
        expect(scanner.broken).toBe(false);
        expect(at).toBe(body.length);
        expect(Buffer.concat(content)).toEqual(Buffer.concat(parts.map((p) => Buffer.from(p))));
      }),
    );
  });

  test.each(['g\r\n', '\r\n', '5\n', '1\r\nab', '-1\r\n', '1 \r\na\r\n', 'fffffffffffff\r\n', '0\r\n\n'])('%j is malformed', (text) => {
    const scanner = new BodyScanner();
    scanner.begin(-1, true, false);
    scanner.feed(Buffer.from(text), 0);
    expect(scanner.broken).toBe(true);
  });
});

test('what Connection names goes no further, but for what ends the message', () => {
  const head = new RequestHead();
  expect(head.read(Buffer.from(get('Connection: X-Secret, Upgrade, content-length\r\nx-secret: 1\r\nX-Kept: 2\r\nContent-Length: 3\r\nConnection: X-Other\r\nX-Other: 4\r\n')), 0)).toBe('done');
  expect(head.fieldText(false)).toBe('Host: a\r\nX-Kept: 2\r\nContent-Length: 3\r\n');
  expect(head.fieldText(true)).toContain('x-secret');
  expect(head.read(Buffer.from(get('X-Secret: 1\r\nConnection: close\r\n')), 0)).toBe('done');
  expect(head.fieldText(false)).toBe('Host: a\r\nX-Secret: 1\r\n');
});
