import type { MeterSnapshot } from './meter.ts';
import type { RoutingTable } from './table/table.ts';

/** What the proxies counted since they started. */
export interface RequestStats {
  readonly pods: readonly PodRequests[];
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

export interface RouteRequests extends MeterSnapshot {
  readonly kind: 'Ingress' | 'HTTPRoute';
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
