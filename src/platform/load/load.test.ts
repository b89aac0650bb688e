import fc from 'fast-check';
import { build } from 'hdr-histogram-js';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { realClock } from '../../base/clock.ts';
import { summarize } from './report.ts';
import { responseReader, type Response } from './response.ts';
import { dueAt, runLoad, type LoadResult } from './run.ts';
import { reach, target } from './target.ts';

const read = (pieces: readonly Buffer[]): { responses: Response[]; ended: boolean } => {
  const responses: Response[] = [];
  const reader = responseReader((response) => responses.push(response));
  for (const piece of pieces) reader.push(piece);
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

test('requests are due at an even pace, which is reached at the end of the ramp', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 10_000 }), fc.integer({ min: 0, max: 60_000 }), fc.integer({ min: 0, max: 100_000 }), (rate, ramp, n) => {
    expect(dueAt(n + 1, rate, ramp)).toBeGreaterThan(dueAt(n, rate, ramp));
    const after = Math.ceil((rate * ramp) / 2000) + n;
    expect(dueAt(after + rate, rate, ramp) - dueAt(after, rate, ramp)).toBeCloseTo(1000, 3);
  }));
  expect(dueAt(0, 100, 5_000)).toBe(0);
  // Half of the full rate over the ramp: 250 requests in 5 s of ramp to 100/s.
  expect(dueAt(250, 100, 5_000)).toBeCloseTo(5_000, 6);
});

const result = (changes: Partial<LoadResult> = {}): LoadResult => {
  const latency = build({ lowestDiscernibleValue: 1, highestTrackableValue: 600_000_000, numberOfSignificantValueDigits: 3 });
  for (let i = 1; i <= 100; i++) latency.recordValue(i * 1000);
  return { elapsedMs: 2_000, completed: 100, bytes: 10, codes: new Map([[200, 95], [404, 2], [503, 3]]), errors: new Map([['timeout', 4]]), latency, timeline: [], ...changes };
};

test('failures are requests without an answer, and answers of 400 and above; percentiles are in milliseconds', () => {
  const summary = summarize(result());
  expect(summary).toMatchObject({ requests: 100, requestsPerSecond: 50, failed: 9, codes: { 200: 95, 404: 2, 503: 3 }, errors: { timeout: 4 }, broken: [] });
  expect(summary.latency.p50).toBeCloseTo(50, 0);
  expect(summary.latency.p99).toBeCloseTo(99, 0);
});

test('thresholds that are not kept are said', () => {
  expect(summarize(result(), { maxFailed: 8, p99: 10, minRate: 51 }).broken).toHaveLength(3);
  expect(summarize(result(), { maxFailed: 9, p99: 200, minRate: 50 }).broken).toEqual([]);
});

test('a run without an answer has no latency, and is broken when anything was asked', () => {
  const none = { completed: 0, codes: new Map(), latency: build() };
  expect(summarize(result(none)).latency).toEqual({ mean: 0, p50: 0, p75: 0, p90: 0, p99: 0, p999: 0, max: 0 });
  expect(summarize(result(none)).broken).toEqual(['no request was answered']);
  expect(summarize(result({ ...none, errors: new Map() })).broken).toEqual([]);
});

let server: Server | undefined;
afterEach(() => void server?.close());
async function serve(answer: RequestListener): Promise<string> {
  const made = server = createServer(answer);
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(made.address() as AddressInfo).port}/`;
}

test('so many requests are made as were asked for, each once, also by servers that close', async () => {
  let seen = 0;
  const url = await serve((_, response) => {
    seen++;
    if (seen % 7 === 0) response.setHeader('connection', 'close');
    response.end('ok');
  });
  const run = await runLoad({ target: target(url), clock: realClock(), connections: 5, requests: 200 });
  expect(seen).toBe(200);
  expect(summarize(run)).toMatchObject({ requests: 200, failed: 0, codes: { 200: 200 } });
});

test('what goes wrong is counted by its cause', async () => {
  const url = await serve((request, response) => (request.url === '/' ? void request.socket.destroy() : void response.end()));
  const run = await runLoad({ target: target(url), clock: realClock(), connections: 2, requests: 6 });
  expect(run.completed).toBe(0);
  expect([...run.errors.values()].reduce((a, b) => a + b, 0)).toBe(6);
});

test('a rate is kept, and an end by time is no failure', async () => {
  const url = await serve((_, response) => void response.end('ok'));
  const run = await runLoad({ target: target(url), clock: realClock(), connections: 4, rate: 200, durationMs: 500 });
  expect(run.completed).toBeGreaterThan(20);
  expect(run.completed).toBeLessThanOrEqual(110);
  expect(run.errors.size).toBe(0);
});

test.each([['ftp://x/', /only http/], ['http://', /no URL/], ['http://[x', /no URL/]])('%s is refused', (url, why) => {
  expect(() => target(url)).toThrow(why);
});

test('who cannot be reached is said, and why', async () => {
  const url = new URL(await serve((_, response) => void response.end('ok')));
  const clock = realClock();
  await reach(target(url.href), clock, 5_000);
  await expect(reach(target(`https://${url.host}/`), clock, 5_000)).rejects.toThrow(/does not speak TLS; try http/);
  await expect(reach(target('http://127.0.0.1:1/'), clock, 5_000)).rejects.toThrow('nothing listens at 127.0.0.1:1 (ECONNREFUSED)');
});

test('a run ends when its time is up or it is stopped, also in the middle of its ramp', async () => {
  const url = await serve((_, response) => void response.end('ok'));
  const timed = await runLoad({ target: target(url), clock: realClock(), connections: 4, durationMs: 100, rampMs: 600_000 });
  expect(timed.elapsedMs).toBeLessThan(60_000);
  const stop = new AbortController();
  const stopped = runLoad({ target: target(url), clock: realClock(), connections: 4, requests: 1_000_000_000, rampMs: 600_000, signal: stop.signal });
  stop.abort();
  expect((await stopped).elapsedMs).toBeLessThan(60_000);
});

test('header lines cannot be smuggled in', () => {
  expect(() => target('http://x/', { headers: { a: 'b\r\nc: d' } })).toThrow(/line breaks/);
  expect(target('a.localhost:8080/p?q=1', { headers: { host: 'other' }, body: 'ä' }).request.toString()).toBe('GET /p?q=1 HTTP/1.1\r\nUser-Agent: coracle-load\r\nAccept: */*\r\nContent-Length: 2\r\nhost: other\r\n\r\nä');
});

test("the URL's credentials become a header, and are not shown", () => {
  const aim = target('http://me:p%40ss@x/');
  expect(aim.request.toString()).toContain(`Authorization: Basic ${Buffer.from('me:p@ss').toString('base64')}\r\n`);
  expect(aim.url.href).toBe('http://x/');
});

test('a request that takes too long has failed, and the connection goes on', async () => {
  let seen = 0;
  const url = await serve((_, response) => void (++seen > 1 && response.end('ok')));
  const run = await runLoad({ target: target(url), clock: realClock(), connections: 1, requests: 3, timeoutMs: 100 });
  expect([...run.errors]).toEqual([['timeout', 1]]);
  expect(run.completed).toBe(2);
});
