import fc from 'fast-check';
import { build } from 'hdr-histogram-js';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { realClock } from '../../base/clock.ts';
import { selfSigned } from '../../network/ingress/certificate.ts';
import { summarize } from './report.ts';
import { dueAt, runLoad } from './run.ts';
import type { LoadResult } from './tally.ts';
import { reach, target } from './target.ts';

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
async function listen(made: Server): Promise<number> {
  server = made;
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
  return (made.address() as AddressInfo).port;
}
const serve = async (answer: RequestListener): Promise<string> => `http://127.0.0.1:${await listen(createServer(answer))}/`;

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

test('answers to HEAD have a length and no body', async () => {
  const url = await serve((_, response) => void response.setHeader('content-length', 1000).end());
  const summary = summarize(await runLoad({ target: target(url, { method: 'HEAD' }), clock: realClock(), connections: 2, requests: 20, timeoutMs: 1_000 }));
  expect(summary).toMatchObject({ requests: 20, failed: 0, codes: { 200: 20 } });
});

test('TLS is loaded as plain HTTP is, whole bodies larger than a read included', async () => {
  const { cert, key } = await selfSigned(['localhost'], Date.now());
  const body = Buffer.alloc(300_000, 'x');
  const port = await listen(createTlsServer({ cert, key }, (_, response) => void response.end(body)));
  const run = await runLoad({ target: target(`https://localhost:${port}/`, { insecure: true }), clock: realClock(), connections: 3, requests: 30 });
  expect(summarize(run)).toMatchObject({ requests: 30, failed: 0, codes: { 200: 30 } });
  expect(run.bytes).toBeGreaterThan(30 * body.length);
});

test('what a server sends behind an answer that ends its connection is nobody\'s answer', async () => {
  const answer = 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';
  let asked = 0;
  const port = await listen(createTcpServer((socket) => {
    socket.on('error', () => {}).on('data', () => {
      asked++;
      socket.end(answer.repeat(3));
    });
  }));
  const run = await runLoad({ target: target(`http://127.0.0.1:${port}/`), clock: realClock(), connections: 1, requests: 5 });
  expect(run.completed).toBe(5);
  expect(asked).toBe(5);
});

test('a reset and a cut answer are failures, each by its cause', async () => {
  let seen = 0;
  const port = await listen(createTcpServer((socket) => {
    socket.on('error', () => {}).on('data', () => void (++seen % 2 === 0 ? socket.resetAndDestroy() : socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc')));
  }));
  const run = await runLoad({ target: target(`http://127.0.0.1:${port}/`), clock: realClock(), connections: 1, requests: 4 });
  expect(Object.fromEntries(run.errors)).toEqual({ 'closed before the response': 2, ECONNRESET: 2 });
});
