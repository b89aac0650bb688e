import type { Service, ServicePort } from '../../api/types/core.v1.ts';
import type { Endpoint } from '../../api/types/discovery.v1.ts';
import { EndpointSlices } from '../../api/kinds/discovery/endpoint-slice.ts';
import { Services } from '../../api/kinds/core/service.ts';
import type { Client } from '../../client/index.ts';

/** A pod as a slice shows it. */
export interface TestPod {
  readonly name: string;
  readonly ip: string;
  readonly ready?: boolean;
  readonly serving?: boolean;
  readonly terminating?: boolean;
  readonly hostname?: string;
}

export const podOf = (name: string, namespace = 'default') => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, uid: `uid-of-${name}` }, spec: { containers: [] } });

/** Creates a Service. */
export function createService(client: Client, name: string, spec: Partial<Service['spec']> & { clusterIP: string; ports: ServicePort[] }, namespace = 'default'): Promise<Service> {
  return client.create(Services, { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec: { selector: { app: name }, type: 'ClusterIP', clusterIPs: [spec.clusterIP], ...spec } });
}

/** Writes the Service's one slice, whole. */
export async function setPods(client: Client, service: string, port: number, pods: readonly TestPod[], options: { namespace?: string; portName?: string; protocol?: 'TCP' | 'UDP' } = {}): Promise<void> {
  const namespace = options.namespace ?? 'default';
  const endpoints: Endpoint[] = pods.map((pod) => ({
    addresses: [pod.ip],
    conditions: { ready: pod.ready ?? !pod.terminating, serving: pod.serving ?? pod.ready ?? true, terminating: pod.terminating ?? false },
    targetRef: { kind: 'Pod', name: pod.name, namespace, uid: `uid-of-${pod.name}` },
    ...(pod.hostname !== undefined && { hostname: pod.hostname }),
  }));
  const slice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `${service}-abcde`, namespace, labels: { 'kubernetes.io/service-name': service } },
    addressType: 'IPv4' as const,
    endpoints,
    ports: [{ ...(options.portName !== undefined && { name: options.portName }), port, protocol: options.protocol ?? ('TCP' as const) }],
  };
  await client.update(EndpointSlices, slice).catch(() => client.create(EndpointSlices, slice));
}
