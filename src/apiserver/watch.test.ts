import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigMaps } from '../api/kinds/core/config-map.ts';
import { memoryStore } from '../store/index.ts';
import { serve, type Served } from './testing.suite.ts';

let api: Served & { readonly defects: unknown[] };
const store = memoryStore({ historyLimit: 2_000 });
beforeAll(async () => {
  api = await serve({ admission: [], store });
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

  it('ends when its time is over', async () => {
    expect(await api.stream(`${maps}?watch=1&timeoutSeconds=1&resourceVersion=${store.revision}`, () => false)).toEqual([]);
  });

  it('refuses parameters that cannot stand together', async () => {
    const answer = await api.ask('GET', `${maps}?watch=1&resourceVersionMatch=Exact`);
    expect(answer.json()).toMatchObject({ code: 422, message: 'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided' });
  });
});
