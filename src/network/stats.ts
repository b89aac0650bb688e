import type { MeterSnapshot } from './meter.ts';
import type { RoutingTable } from './table/table.ts';

/** What the proxies counted since they started. */
export interface RequestStats {
  readonly pods: readonly PodRequests[];
  readonly services: readonly ServiceRequests[];
  readonly routes: readonly RouteRequests[];
}

export interface PodRequests extends MeterSnapshot {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly port: number;
  /** Streams that are not cut into requests: databases, WebSockets. */
  readonly connections: number;
}

/** What the pods behind a Service answer now, whichever Service or route the requests came by. */
export interface ServiceRequests {
  readonly namespace: string;
  readonly name: string;
  readonly perSecond: number;
  /** Being answered, and waiting for a pod. */
  readonly inFlight: number;
  /** The worst pod's; 0 when nothing was asked lately. */
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
}

export interface RouteRequests extends MeterSnapshot {
  readonly kind: 'Ingress' | 'HTTPRoute' | 'GRPCRoute';
  readonly namespace: string;
  readonly name: string;
  readonly host: string;
  readonly path: string;
}

/** The counts of every pod that is an endpoint now. */
export function podRequests(table: RoutingTable): PodRequests[] {
  const found: PodRequests[] = [];
  for (const endpoint of table.endpoints()) {
    if (endpoint.pod === '') continue;
    const [namespace = '', name = ''] = endpoint.pod.split('/');
    found.push({ namespace, name, uid: endpoint.podUid, port: endpoint.port, connections: endpoint.tunnels.size, ...endpoint.meter.snapshot() });
  }
  return found;
}

/** The load of every Service, those without pods included. */
export function serviceRequests(table: RoutingTable): ServiceRequests[] {
  return [...table.services()].map(({ service, backends }) => {
    const endpoints = [...new Set(backends.flatMap((backend) => backend.endpoints))].map((endpoint) => ({ load: endpoint.load, ...endpoint.meter.snapshot() }));
    const sum = (value: (of: (typeof endpoints)[number]) => number) => endpoints.reduce((total, endpoint) => total + value(endpoint), 0);
    const worst = (value: (of: (typeof endpoints)[number]) => number) => endpoints.reduce((highest, endpoint) => Math.max(highest, value(endpoint)), 0);
    return {
      namespace: service.metadata.namespace ?? '',
      name: service.metadata.name ?? '',
      perSecond: sum(({ perSecond }) => perSecond),
      inFlight: sum(({ load }) => load) + backends.reduce((waiting, backend) => waiting + backend.waiting, 0),
      p50Ms: worst(({ latency }) => latency.p50Ms),
      p95Ms: worst(({ latency }) => latency.p95Ms),
      p99Ms: worst(({ latency }) => latency.p99Ms),
    };
  });
}
