import { afterEach, describe, expect, it } from 'vitest';
import { ConfigMaps } from '../api/kinds/core/config-map.ts';
import { virtualClock } from '../base/clock.ts';
import { memoryStore } from '../store/memory.ts';
import { clientSuite } from './client.suite.ts';
import { httpClient, type HttpClientConfig } from './http.ts';
import { tinyApi, tinyServer } from './tiny-api.suite.ts';

clientSuite('tiny API', async () => ({ client: tinyApi(memoryStore()), close: async () => {} }));
clientSuite('httpClient', async () => {
  const server = await tinyServer(tinyApi(memoryStore()), ConfigMaps);
  const client = httpClient({ server: server.url });
  return {
    client,
    close: async () => {
      await client.close();
      await server.close();
    },
  };
});

describe('httpClient', () => {
  const closers: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0)) await close();
  });
  const started = async (config: Partial<HttpClientConfig> = {}) => {
    const server = await tinyServer(tinyApi(memoryStore()), ConfigMaps);
    const client = httpClient({ server: server.url, ...config });
    closers.push(() => client.close(), () => server.close());
    return { server, client };
  };

  it('says who it is, and as whom it acts', async () => {
    const { client, server } = await started({ credentials: async () => ({ authorization: 'Bearer t' }), impersonate: { user: 'jane', groups: ['a', 'b'], extra: { 'x/y': ['1'] } } });
    await client.list(ConfigMaps);
    expect(server.requests[0]!.headers).toMatchObject({ authorization: 'Bearer t', accept: 'application/json', 'impersonate-user': 'jane', 'impersonate-group': 'a, b', 'impersonate-extra-x%2fy': '1' });
  });

  it('asks for new credentials once after a 401, and no more', async () => {
    const asked: boolean[] = [];
    const { client, server } = await started({ credentials: async (retry) => (asked.push(retry), { authorization: retry ? 'Bearer new' : 'Bearer old' }) });
    server.answer = (request, response) => request.headers.authorization === 'Bearer old' && Boolean(response.writeHead(401).end('no'));
    await client.list(ConfigMaps);
    server.answer = (_, response) => Boolean(response.writeHead(401).end('no'));
    await expect(client.list(ConfigMaps)).rejects.toMatchObject({ code: 401, reason: 'Unauthorized' });
    expect(asked).toEqual([false, true, false, true]);
  });

  it('comes again when the server says when', async () => {
    const clock = virtualClock();
    const { client, server } = await started({ clock });
    server.answer = (_, response) => server.requests.length < 3 && Boolean(response.writeHead(429, { 'retry-after': '2' }).end());
    const listed = client.list(ConfigMaps);
    await expect.poll(() => clock.advance(500).then(() => server.requests.length)).toBe(3);
    await listed;
    expect(clock.monotonic()).toBeGreaterThanOrEqual(4_000);
  });

  it('makes a status of what is none', async () => {
    const { client, server } = await started();
    server.answer = (_, response) => Boolean(response.writeHead(502).end('<h1>Bad gateway</h1>'));
    await expect(client.list(ConfigMaps)).rejects.toMatchObject({ code: 502, message: 'an error on the server ("<h1>Bad gateway</h1>") has prevented the request from succeeding (get configmaps)' });
  });

  it('names the server that it cannot reach', async () => {
    const client = httpClient({ server: 'http://127.0.0.1:1' });
    closers.push(() => client.close());
    await expect(client.get(ConfigMaps, 'a', { namespace: 'd' })).rejects.toThrow(/GET http:\/\/127.0.0.1:1\/api\/v1\/namespaces\/d\/configmaps\/a: .*ECONNREFUSED/);
  });

  it('tells a watch that its connection broke, once, and a refused one why', async () => {
    const { client, server } = await started();
    const closed: (Error | undefined)[] = [];
    const handler = { event: () => {}, closed: (error?: Error) => void closed.push(error) };
    client.watch(ConfigMaps, { resourceVersion: '0' }, handler);
    await expect.poll(() => server.requests.length).toBe(1);
    server.drop();
    await expect.poll(() => closed.length).toBe(1);
    expect(closed[0]).toBeInstanceOf(Error);
    server.answer = (_, response) => Boolean(response.writeHead(403).end('{"kind":"Status","reason":"Forbidden","message":"no"}'));
    client.watch(ConfigMaps, { resourceVersion: '0' }, handler);
    await expect.poll(() => closed.length).toBe(2);
    expect(closed[1]).toMatchObject({ code: 403, reason: 'Forbidden' });
  });

  it('keeps names in their segment', async () => {
    const { client, server } = await started();
    await expect(client.get(ConfigMaps, 'a/../b?c', { namespace: 'd' })).rejects.toMatchObject({ code: 404 });
    expect(server.requests[0]!.url).toBe('/api/v1/namespaces/d/configmaps/a%2F..%2Fb%3Fc');
    await expect(client.get(ConfigMaps, '..', { namespace: 'd' })).rejects.toThrow('is no name');
  });
});
