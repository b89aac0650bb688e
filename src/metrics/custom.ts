import { matchesLabels, type LabelSelector, type Labels } from '../api/selectors.ts';
import type { Pod } from '../api/types/core.v1.ts';
import type { PodValue } from './scrape.ts';

/** What the proxies counted; the network's fits by shape. */
export interface RequestFigures {
  readonly pods: readonly (Figures & { readonly uid: string })[];
  readonly services: readonly ServiceFigures[];
  readonly routes: readonly (Figures & { readonly kind: string; readonly namespace: string; readonly name: string; readonly host: string; readonly path: string })[];
}

interface Figures {
  readonly perSecond: number;
  readonly inFlight: number;
  readonly latency: { readonly p50Ms: number; readonly p95Ms: number; readonly p99Ms: number };
}

interface ServiceFigures {
  readonly namespace: string;
  readonly name: string;
  readonly perSecond: number;
  readonly inFlight: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
}

export interface CustomSources {
  readonly pods: () => readonly Pod[];
  readonly scraped: (uid: string) => readonly PodValue[];
  readonly requests: () => RequestFigures;
  readonly now: () => number;
}

/** A metric of one object. */
export interface ObjectValue {
  /** `pods`, `services`, `ingresses.networking.k8s.io` …: plural and group, as the API's paths have it. */
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  readonly metric: string;
  readonly labels: Labels;
  readonly value: number;
  readonly at: number;
  readonly windowMs?: number;
}

/** Over how long the proxies average requests per second. */
const RATE_WINDOW_MS = 10_000;

export const ROUTE_RESOURCES: Readonly<Record<string, string>> = { Ingress: 'ingresses.networking.k8s.io', HTTPRoute: 'httproutes.gateway.networking.k8s.io', GRPCRoute: 'grpcroutes.gateway.networking.k8s.io' };

/** Everything that is known of pods, Services and routes beyond their CPU and memory. Where a pod's page has a metric that the proxies count too, the page wins. */
export function* customValues(sources: CustomSources): Generator<ObjectValue> {
  const at = sources.now();
  const requests = sources.requests();
  const byUid = new Map<string, (typeof requests.pods)[number][]>();
  for (const pod of requests.pods) byUid.set(pod.uid, [...(byUid.get(pod.uid) ?? []), pod]);
  for (const { metadata } of sources.pods()) {
    const subject = { resource: 'pods', namespace: metadata.namespace ?? '', name: metadata.name ?? '' };
    const scraped = sources.scraped(metadata.uid ?? '');
    const own = new Set(scraped.map(({ metric }) => metric));
    for (const value of scraped) yield { ...subject, ...value };
    // One line a port: they add up.
    for (const figures of byUid.get(metadata.uid ?? '') ?? []) {
      for (const line of requestLines(flat(figures), at)) if (!own.has(line.metric)) yield { ...subject, ...line };
    }
  }
  for (const service of requests.services) for (const line of requestLines(service, at)) yield { resource: 'services', namespace: service.namespace, name: service.name, ...line };
  for (const route of requests.routes) {
    const resource = ROUTE_RESOURCES[route.kind];
    if (resource === undefined) continue;
    for (const line of requestLines(flat(route), at)) yield { resource, namespace: route.namespace, name: route.name, ...line, labels: { host: route.host, path: route.path } };
  }
}

const flat = ({ perSecond, inFlight, latency }: Figures) => ({ perSecond, inFlight, ...latency });

function requestLines(figures: Omit<ServiceFigures, 'namespace' | 'name'>, at: number): Pick<ObjectValue, 'metric' | 'labels' | 'value' | 'at' | 'windowMs'>[] {
  const rate = { labels: {}, value: figures.perSecond, at, windowMs: RATE_WINDOW_MS };
  return [
    { metric: 'http_requests_per_second', ...rate },
    // What prometheus-adapter makes of http_requests_total, and the name in upstream's walk-through of Object metrics.
    { metric: 'http_requests', ...rate },
    { metric: 'requests-per-second', ...rate },
    { metric: 'http_requests_in_flight', labels: {}, value: figures.inFlight, at },
    { metric: 'http_request_duration_p50_ms', labels: {}, value: figures.p50Ms, at },
    { metric: 'http_request_duration_p95_ms', labels: {}, value: figures.p95Ms, at },
    { metric: 'http_request_duration_p99_ms', labels: {}, value: figures.p99Ms, at },
  ];
}

/** One figure for each object: the sum of its series, the worst of its latencies. In order of namespace and name. */
export function combined(values: Iterable<ObjectValue>): ObjectValue[] {
  const found = new Map<string, ObjectValue>();
  for (const value of values) {
    const key = `${value.resource}/${value.namespace}/${value.name}/${value.metric}`;
    const known = found.get(key);
    found.set(key, known ? { ...known, labels: {}, value: /_p\d+_ms$/.test(value.metric) ? Math.max(known.value, value.value) : known.value + value.value } : value);
  }
  return [...found.values()].sort((a, b) => (`${a.namespace}/${a.name}` < `${b.namespace}/${b.name}` ? -1 : 1));
}

/** A value as an external metric: not about an object, so the object is among its labels. */
export function asExternal(value: ObjectValue): ObjectValue {
  const kind = { pods: 'pod', services: 'service', [ROUTE_RESOURCES['Ingress']!]: 'ingress', [ROUTE_RESOURCES['HTTPRoute']!]: 'httproute', [ROUTE_RESOURCES['GRPCRoute']!]: 'grpcroute' }[value.resource] ?? value.resource;
  return { ...value, labels: { ...value.labels, [kind]: value.name } };
}

export function selected(values: Iterable<ObjectValue>, selector: LabelSelector): ObjectValue[] {
  return [...values].filter(({ labels }) => matchesLabels(selector, labels));
}
