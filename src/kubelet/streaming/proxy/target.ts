/** Where a `/proxy` request goes (pkg/registry/core/{pod,service,node}: ResourceLocation; apimachinery pkg/util/net/port_split.go). */
import ipaddr from 'ipaddr.js';
import { badRequest, serviceUnavailable } from '../../../api/errors.ts';
import type { Endpoints, EndpointSubset, Pod, Service } from '../../../api/types/core.v1.ts';

/** `NAME`, `NAME:PORT` or `https:NAME:PORT`, read. */
export interface TargetName {
  readonly scheme: 'http' | 'https';
  readonly name: string;
  /** '' when none is named. */
  readonly port: string;
}

/** Throws BadRequest. */
export function splitTarget(kind: 'pod' | 'service' | 'node', text: string): TargetName {
  const parts = text.split(':');
  const [scheme = '', name = '', port = ''] = parts.length === 3 ? parts : ['', ...parts];
  if (parts.length > 3 || name === '' || !['', 'http', 'https'].includes(scheme)) throw badRequest(`invalid ${kind} request "${text}"`);
  return { scheme: scheme === 'https' ? 'https' : 'http', name, port };
}

/** The port of a pod: the one that is named, else the first that a container declares, else the scheme's. */
export function podPort(pod: Pod, { port, scheme }: TargetName): number {
  if (port !== '') return portNumber(port);
  const declared = pod.spec.containers.flatMap((container) => container.ports ?? [])[0]?.containerPort;
  return declared ?? (scheme === 'https' ? 443 : 80);
}

/** The endpoint ports' name that a Service's port number or name stands for. Throws ServiceUnavailable. */
export function servicePortName(service: Service | undefined, { name, port }: TargetName): string {
  if (!/^\d+$/.test(port)) return port;
  const found = service?.spec?.ports?.find((candidate) => candidate.port === Number(port));
  if (!found) throw serviceUnavailable(`no service port ${port} found for service "${name}"`);
  return found.name ?? '';
}

export interface Candidate {
  readonly ip: string;
  readonly port: number;
  /** The pod that the address belongs to. */
  readonly pod: string;
}

/** All addresses of pods that serve a port. Throws ServiceUnavailable when there is none. */
export function candidates(endpoints: Endpoints, portName: string, request: string): readonly Candidate[] {
  const subsets: readonly EndpointSubset[] = endpoints.subsets ?? [];
  const found = subsets.flatMap((subset) => (subset.ports ?? []).filter((port) => (port.name ?? '') === portName).flatMap(({ port }) =>
    (subset.addresses ?? []).flatMap(({ ip, targetRef }) => (targetRef?.kind === 'Pod' && targetRef.name ? [{ ip, port, pod: targetRef.name }] : []))));
  if (found.length === 0) throw noEndpoints(request);
  return found;
}

export const noEndpoints = (request: string) => serviceUnavailable(`no endpoints available for service "${request}"`);

/** Throws BadRequest for an address that a proxy must not reach: this machine's own, link-local ones, multicast. With `loopbackPods`, pods have addresses in 127/8. */
export function checkAddress(ip: string, loopbackPods: boolean): void {
  const range = ipaddr.isValid(ip) ? ipaddr.process(ip).range() : 'invalid';
  if (['invalid', 'unspecified', 'linkLocal', 'multicast', 'broadcast'].includes(range)) throw badRequest('address not allowed');
  if (range === 'loopback' && !(loopbackPods && ip.startsWith('127.') && !ip.startsWith('127.0.0.'))) throw badRequest('address not allowed');
}

export function portNumber(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 0xffff) throw badRequest(`invalid port "${text}"`);
  return port;
}
