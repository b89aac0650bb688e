import fc from 'fast-check';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import type { Pod } from '../api/types/core.v1.ts';
import { realClock } from '../base/clock.ts';
import { customMetricsApi, externalMetricsApi, quantity } from './custom-api.ts';
import type { CustomSources, RequestFigures } from './custom.ts';
import { parseExposition } from './exposition.ts';
import { createScraper, readPage, scrapeTarget } from './scrape.ts';

const PAGE = `# HELP http_requests_total Requests.
# TYPE http_requests_total counter
http_requests_total{method="GET",path="/a\\"b\\\\c"} 120 1700000000000
http_requests_total{method="POST"} 3
# TYPE queue gauge
queue 4.5
# TYPE jobs counter
jobs{} 7
took_bucket{le="1"} 9
took_count 9
cpu_seconds_total 2
strange NaN
worse +Inf
no value here
open{a="b 1
`;

test('a page in text format is read; what is no number, a bucket or broken is left out', () => {
  expect(parseExposition(PAGE)).toEqual([
    { name: 'http_requests_total', labels: { method: 'GET', path: '/a"b\\c' }, value: 120, counter: true },
    { name: 'http_requests_total', labels: { method: 'POST' }, value: 3, counter: true },
    { name: 'queue', labels: {}, value: 4.5, counter: false },
    { name: 'jobs', labels: {}, value: 7, counter: true },
    { name: 'took_count', labels: {}, value: 9, counter: false },
    { name: 'cpu_seconds_total', labels: {}, value: 2, counter: true },
  ]);
});

test('any text is read without throwing', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseExposition(text)));
  fc.assert(fc.property(fc.array(fc.constantFrom('a', '{', '}', '"', '=', ',', ' ', '1', '\\', '\n', '#')), (parts) => void parseExposition(parts.join(''))));
});

test('counters are rates between two pages, also when they began anew or have just appeared; gauges are what they are', () => {
  const series = (value: number) => parseExposition(`a_total ${value}\nb_seconds_total{x="1"} 1\ng 3`);
  const first = readPage(series(100), 1_000, undefined);
  expect(first.values).toEqual([{ metric: 'g', labels: {}, value: 3, at: 1_000 }]);
  const second = readPage(series(130), 3_000, first);
  expect(second.values).toContainEqual({ metric: 'a', labels: {}, value: 15, at: 3_000, windowMs: 2_000 });
  expect(second.values).toContainEqual({ metric: 'b', labels: { x: '1' }, value: 0, at: 3_000, windowMs: 2_000 });
  expect(readPage(series(20), 5_000, second).values).toContainEqual({ metric: 'a', labels: {}, value: 10, at: 5_000, windowMs: 2_000 });
  expect(readPage(parseExposition('new_total 8'), 5_000, second).values).toEqual([{ metric: 'new', labels: {}, value: 4, at: 5_000, windowMs: 2_000 }]);
});

const pod = (name: string, labels: Record<string, string>, annotations: Record<string, string> = {}, podIP = '127.0.0.1'): Pod => ({
  apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'd', uid: `uid-${name}`, labels, annotations },
  spec: { containers: [{ name: 'c', ports: [{ containerPort: 8080 }] }] }, status: { phase: 'Running', podIP },
});

test.each<[string, Record<string, string>, ReturnType<typeof scrapeTarget>]>([
  ['not asked for', {}, undefined],
  ['the declared port and /metrics', { scrape: 'true' }, { host: '127.0.0.1', port: 8080, path: '/metrics' }],
  ['its own port and path', { scrape: 'true', port: '9', path: '/m?a=b' }, { host: '127.0.0.1', port: 9, path: '/m?a=b' }],
  ['no port', { scrape: 'true', port: 'x' }, undefined],
  ['no path', { scrape: 'true', path: 'http://elsewhere/' }, undefined],
  ['two lines', { scrape: 'true', path: '/a\r\nHost: b' }, undefined],
])('where a page is: %s', (_, annotations, expected) => {
  expect(scrapeTarget(pod('p', {}, Object.fromEntries(Object.entries(annotations).map(([name, value]) => [`prometheus.io/${name}`, value]))))).toEqual(expected);
});

const figures = (perSecond: number) => ({ perSecond, inFlight: 2, latency: { p50Ms: 1, p95Ms: 2, p99Ms: perSecond } });
const requests: RequestFigures = {
  pods: [{ uid: 'uid-a', ...figures(10) }, { uid: 'uid-b', ...figures(20) }, { uid: 'uid-b', ...figures(1.5) }],
  services: [{ namespace: 'd', name: 's', perSecond: 30, inFlight: 5, p50Ms: 1, p95Ms: 2, p99Ms: 3 }],
  routes: [{ kind: 'Ingress', namespace: 'd', name: 'i', host: 'h', path: '/', ...figures(7) }, { kind: 'Ingress', namespace: 'd', name: 'i', host: 'h', path: '/x', ...figures(8) }],
};
const sources: CustomSources = {
  pods: () => [pod('a', { app: 'web' }), pod('b', { app: 'web' }), pod('other', { app: 'db' })],
  scraped: (uid) => (uid === 'uid-a' ? [{ metric: 'http_requests', labels: { method: 'GET' }, value: 5, at: 0 }, { metric: 'http_requests', labels: { method: 'POST' }, value: 1, at: 0 }] : []),
  requests: () => requests,
  now: () => 0,
};
const get = (resource: string, name: string, subresource: string, parameters: Record<string, string> = {}, version = 'v1beta2') =>
  customMetricsApi(sources).get({ version, namespace: 'd', resource, name, subresource, parameter: (p) => parameters[p] });

test('custom metrics: of selected pods, of one object, of a namespace; a page wins over what the proxies counted', () => {
  expect(get('pods', '*', 'http_requests', { labelSelector: 'app=web' })).toEqual({
    kind: 'MetricValueList', apiVersion: 'custom.metrics.k8s.io/v1beta2', metadata: {},
    items: [
      { describedObject: { apiVersion: 'v1', kind: 'Pod', namespace: 'd', name: 'a' }, metric: { name: 'http_requests', selector: null }, timestamp: '1970-01-01T00:00:00Z', value: '6' },
      { describedObject: { apiVersion: 'v1', kind: 'Pod', namespace: 'd', name: 'b' }, metric: { name: 'http_requests', selector: null }, timestamp: '1970-01-01T00:00:00Z', windowSeconds: 10, value: '21500m' },
    ],
  });
  expect(get('pods', '*', 'http_requests', { metricLabelSelector: 'method=POST' })).toMatchObject({ items: [{ value: '1' }] });
  expect(get('ingresses.networking.k8s.io', 'i', 'http_requests_per_second')).toMatchObject({ items: [{ describedObject: { kind: 'Ingress', name: 'i' }, value: '15' }] });
  expect(get('ingresses.networking.k8s.io', 'i', 'http_request_duration_p99_ms')).toMatchObject({ items: [{ value: '8' }] });
  expect(get('services', 's', 'http_requests_in_flight', {}, 'v1beta1')).toMatchObject({ items: [{ metricName: 'http_requests_in_flight', value: '5' }] });
  expect(get('metrics', 'http_requests_per_second', '')).toMatchObject({ items: [{ describedObject: { kind: 'Namespace', name: 'd' }, value: '31500m' }] });
  expect(() => get('pods', '*', 'nothing')).toThrow('the server could not find the metric nothing for pods');
  expect(() => get('pods', '*', 'http_requests', { labelSelector: '!!' })).toThrow(/unable to parse requirement/);
});

test('external metrics carry the object as a label', () => {
  const api = externalMetricsApi(sources);
  const ask = (labelSelector: string) => api.get({ version: 'v1beta1', namespace: 'd', resource: 'http_requests_per_second', name: '', subresource: '', parameter: () => labelSelector });
  expect(ask('service=s')).toMatchObject({ kind: 'ExternalMetricValueList', items: [{ metricName: 'http_requests_per_second', metricLabels: { service: 's' }, value: '30', window: 10 }] });
  expect(ask('ingress=i,host=h')).toMatchObject({ items: [{ value: '7' }, { value: '8' }] });
  expect(ask('service=none')).toMatchObject({ items: [] });
});

test('discovery names every metric there is', () => {
  expect(customMetricsApi(sources).resources('v1beta2').map(({ name }) => name)).toEqual(expect.arrayContaining(['pods/http_requests', 'services/http_requests_in_flight', 'ingresses.networking.k8s.io/http_requests_per_second']));
});

test.each([[0, '0'], [50, '50'], [1.5, '1500m'], [0.0004, '0'], [-2.25, '-2250m'], [1e18, '1000000000000000000'], [1e300, '9000000000000000000']])('%d is the quantity %s', (value, text) => {
  expect(quantity(value)).toBe(text);
});

test('pages are fetched from pods that ask for it; one that hangs up has no figures', async () => {
  let count = 0;
  const server = createServer((request, response) => (request.url === '/broken' ? void request.socket.destroy() : void response.end(`n_total ${(count += 10)}\n`)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const port = String((server.address() as AddressInfo).port);
  const scrape = { 'prometheus.io/scrape': 'true', 'prometheus.io/port': port };
  const scraper = createScraper({ clock: realClock(), intervalMs: 20, pods: () => [pod('a', {}, scrape), pod('b', {}, { ...scrape, 'prometheus.io/path': '/broken' }), pod('c', {})] });
  await scraper.start();
  await expect.poll(() => scraper.values('uid-a')).toMatchObject([{ metric: 'n' }]);
  expect(scraper.values('uid-a')[0]!.value).toBeGreaterThan(0);
  expect(scraper.values('uid-b')).toEqual([]);
  await scraper.stop();
  server.close();
});
