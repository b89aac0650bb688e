import { createServer } from 'node:http';
import { readKeys } from './redis.ts';

/** A small API that says its version and three values that it reads from redis: `null` when redis has none, `ERROR` when there is no redis. */
const version = process.env['APP_VERSION'] ?? 'DEV';
const host = process.env['REDIS_HOST'] ?? 'redis-service';
const port = Number(process.env['REDIS_PORT'] ?? 4321);
const keys = ['environment', 'first-name', 'last-name'] as const;

const server = createServer((request, response) => {
  void answer(request.url ?? '/').then(([status, body]) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(`${JSON.stringify(body)}\n`);
  });
});

async function answer(url: string): Promise<[number, Record<string, string | null>]> {
  const path = url.split('?')[0];
  // Work that costs processor time, for autoscaling; the milliseconds can be given: /busy?ms=20
  if (path === '/busy') {
    burn(Math.min(1_000, Number(new URL(url, 'http://localhost').searchParams.get('ms') ?? 5)));
    return [200, { 'app-version': version, busy: 'busy busy...' }];
  }
  if (path === '/version') return [200, { 'app-version': version }];
  if (path !== '/') return [404, { error: 'not found' }];
  const values = await readKeys(host, port, keys).catch(() => keys.map(() => 'ERROR'));
  return [200, { 'app-version': version, ...Object.fromEntries(keys.map((key, i) => [key, values[i] ?? null])) }];
}

/** Work of about `ms` milliseconds on a processor of today; under a CPU limit it takes as much longer as the limit says. */
function burn(ms: number): number {
  let x = 1;
  for (let i = 0; i < ms * 700_000; i++) x = (Math.imul(x, 48_271) + 11) | 0;
  return x;
}

server.listen(Number(process.env['PORT'] ?? 3894), '0.0.0.0', () => console.log(`dummy-api ${version} listens on ${process.env['PORT'] ?? 3894}`));

// As process 1 of its container it would not end at SIGTERM by itself: open requests are answered first.
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    server.close();
    server.closeIdleConnections();
  });
}
