import { connect } from 'node:http2';
import { get } from 'node:https';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigMaps } from '../api/kinds/core/config-map.ts';
import { Secrets } from '../api/kinds/core/secret.ts';
import { memoryStore } from '../store/index.ts';
import { serve, type Served } from './testing.suite.ts';

let api: Served & { readonly defects: unknown[] };
const store = memoryStore({ historyLimit: 2_000 });
beforeAll(async () => {
  api = await serve({ admission: [], store, tokens: [{ token: 'idler', user: 'idler', groups: ['system:masters'] }] });
});
afterAll(() => api.close());

interface Event {
  readonly type: string;
  readonly object: { readonly metadata: { readonly name?: string; readonly resourceVersion: string; readonly annotations?: Record<string, string> }; readonly code?: number; readonly message?: string };
}
const parse = (lines: readonly string[]) => lines.map((line) => JSON.parse(line) as Event);
const make = (name: string, labels = {}) => api.server.client().create(ConfigMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default', labels }, data: {} });
const maps = '/api/v1/namespaces/default/configmaps';

describe('watch over HTTPS', () => {
  it('sends 200 watchers every event, once, in order', { timeout: 60_000 }, async () => {
    const watchers = 200;
    const events = 100;
    const { metadata } = await api.server.client().list(ConfigMaps);
    let open = 0;
    let allOpen = () => {};
    const ready = new Promise<void>((resolve) => void (allOpen = resolve));
    const streams = Array.from({ length: watchers }, () => api.stream(`${maps}?watch=1&resourceVersion=${metadata.resourceVersion}`, (lines) => lines.length >= events, {
      ready: () => {
        if (++open === watchers) allOpen();
      },
    }));
    await ready;
    const revisions: string[] = [];
    for (let i = 0; i < events; i++) revisions.push((await make(`each-${i}`)).metadata.resourceVersion!);
    for (const lines of await Promise.all(streams)) {
      expect(parse(lines).map(({ object }) => object.metadata.resourceVersion)).toEqual(revisions);
    }
  });

  it('goes on where it stopped', async () => {
    const first = await make('resume-0');
    const lines = await Promise.all([api.stream(`${maps}?watch=1&resourceVersion=${first.metadata.resourceVersion}`, (seen) => seen.length >= 2), make('resume-1').then(() => make('resume-2'))]);
    expect(parse(lines[0]).map(({ type, object }) => [type, object.metadata.name])).toEqual([['ADDED', 'resume-1'], ['ADDED', 'resume-2']]);
  });

  it('waits for what is yet to come', async () => {
    const { metadata } = await make('before');
    const after = Number(metadata.resourceVersion) + 1;
    const lines = await Promise.all([api.stream(`${maps}?watch=1&resourceVersion=${after}`, (seen) => seen.length >= 1), make('future-1').then(() => make('future-2'))]);
    expect(parse(lines[0]).map(({ object }) => object.metadata.name)).toEqual(['future-2']);
  });

  it('tells who comes too late', async () => {
    store.compact(store.revision - 1);
    const [event] = parse(await api.stream(`${maps}?watch=1&resourceVersion=1`, () => false));
    expect(event).toMatchObject({ type: 'ERROR', object: { code: 410, reason: 'Expired', message: expect.stringMatching(/^too old resource version: 1 \(\d+\)$/) } });
  });

  it('sends tables, with columns once', async () => {
    const headers = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' };
    const stream = api.stream(`${maps}?watch=1&resourceVersion=${store.revision}`, (lines) => lines.length >= 2, { headers });
    await make('plain-0');
    await make('plain-1');
    const tables = (await stream).map((line) => (JSON.parse(line) as { object: { kind: string; columnDefinitions: object[] | null; rows: { cells: unknown[] }[] } }).object);
    expect(tables.map(({ kind, columnDefinitions, rows }) => [kind, columnDefinitions?.length ?? 0, rows[0]!.cells[0]])).toEqual([['Table', 3, 'plain-0'], ['Table', 0, 'plain-1']]);
  });

  it('lists first for those who ask so', async () => {
    await make('listed', { pick: 'me' });
    const events = parse(await api.stream(`${maps}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&labelSelector=pick%3Dme`, (lines) => lines.length >= 2));
    expect(events.map(({ type }) => type)).toEqual(['ADDED', 'BOOKMARK']);
    expect(events[1]!.object.metadata.annotations).toEqual({ 'k8s.io/initial-events-end': 'true' });
  });

  // A snapshot larger than what a watcher may leave unread: the server waits for its reader.
  const slowReaders: [protocol: string, follow: (path: string, chunk: (text: string) => void) => () => void][] = [
    ['HTTP/1.1', (path, chunk) => {
      const request = get(`${api.url}${path}`, { ca: api.pki.ca.cert, headers: { authorization: 'Bearer idler' } }, (response) => response.setEncoding('latin1').on('data', chunk));
      request.on('error', () => {});
      return () => request.destroy();
    }],
    ['HTTP/2', (path, chunk) => {
      const session = connect(api.url, { ca: api.pki.ca.cert });
      session.request({ ':path': path, authorization: 'Bearer idler' }).setEncoding('latin1').on('data', chunk).on('error', () => {});
      return () => session.destroy();
    }],
  ];
  it.each(slowReaders)('sends all of a large list before the changes, over %s', { timeout: 60_000 }, async (protocol, follow) => {
    const namespace = `large-${protocol.at(-1)}`;
    const make = (name: string) => api.server.client().create(Secrets, { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, type: 'Opaque', data: { a: Buffer.alloc(700_000).toString('base64') } });
    const names = Array.from({ length: 30 }, (_, i) => `present-${String(i).padStart(2, '0')}`);
    for (const name of names) await make(name);
    let text = '';
    const close = follow(`/api/v1/namespaces/${namespace}/secrets?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`, (chunk) => {
      // Made while the snapshot is still on its way.
      if (text === '') void make('later');
      text += chunk;
    });
    const seen = () => [...text.matchAll(/"k8s.io\/initial-events-end|"name":"([a-z]+(?:-\d+)?)"/g)].map((match) => match[1] ?? 'BOOKMARK');
    await expect.poll(() => seen().length, { timeout: 20_000 }).toBe(names.length + 2);
    expect(seen()).toEqual([...names, 'BOOKMARK', 'later']);
    close();
    await api.server.client().deleteCollection(Secrets, { namespace });
  });

  // Neither reads a byte of its answer.
  const idlers: [protocol: string, open: (url: string) => () => void][] = [
    ['HTTP/1.1', (path) => {
      const request = get(`${api.url}${path}`, { ca: api.pki.ca.cert, headers: { authorization: 'Bearer idler' } }, (response) => response.pause());
      request.on('error', () => {});
      return () => request.destroy();
    }],
    ['HTTP/2', (path) => {
      const session = connect(api.url, { ca: api.pki.ca.cert });
      session.on('error', () => {});
      const stream = session.request({ ':path': path, authorization: 'Bearer idler' });
      stream.on('error', () => {});
      return () => session.destroy();
    }],
  ];
  it.each(idlers)('drops who does not read, over %s', { timeout: 60_000 }, async (_protocol, open) => {
    const watching = async () => Number(/apiserver_longrunning_requests\{verb="WATCH",resource="secrets"\} (\d+)/.exec((await api.ask('GET', '/metrics')).text)?.[1] ?? 0);
    const close = open('/api/v1/namespaces/default/secrets?watch=1');
    await expect.poll(watching, { timeout: 10_000 }).toBe(1);
    for (let i = 0; i < 40; i++) await api.server.client().create(Secrets, { apiVersion: 'v1', kind: 'Secret', metadata: { generateName: 'big-', namespace: 'default' }, type: 'Opaque', data: { a: Buffer.alloc(700_000).toString('base64') } });
    // Dropped by the server, not because the client went.
    await expect.poll(watching, { timeout: 10_000 }).toBe(0);
    close();
    await api.server.client().deleteCollection(Secrets, { namespace: 'default' });
  });

  it('ends when its time is over', async () => {
    expect(await api.stream(`${maps}?watch=1&timeoutSeconds=1&resourceVersion=${store.revision}`, () => false)).toEqual([]);
  });

  it('refuses parameters that cannot stand together', async () => {
    const answer = await api.ask('GET', `${maps}?watch=1&resourceVersionMatch=Exact`);
    expect(answer.json()).toMatchObject({ code: 422, message: 'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided' });
  });
});
