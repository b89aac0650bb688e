import type { Service } from '../../api/types/core.v1.ts';
import type { EndpointSlice } from '../../api/types/discovery.v1.ts';
import { isProxied } from '../table/spec.ts';

/** What the zone is drawn from. */
export interface ZoneSource {
  readonly clusterDomain: string;
  service(namespace: string, name: string): Service | undefined;
  services(): readonly Service[];
  slices(namespace: string, name: string): readonly EndpointSlice[];
}

export type ZoneRecord =
  | { readonly type: 'A'; readonly name: string; readonly ttl: number; readonly data: string }
  | { readonly type: 'CNAME' | 'PTR'; readonly name: string; readonly ttl: number; readonly data: string }
  | { readonly type: 'TXT'; readonly name: string; readonly ttl: number; readonly data: string }
  | { readonly type: 'SRV'; readonly name: string; readonly ttl: number; readonly data: { readonly priority: number; readonly weight: number; readonly port: number; readonly target: string } }
  | { readonly type: 'SOA'; readonly name: string; readonly ttl: number; readonly data: Soa };

export interface Soa {
  readonly mname: string;
  readonly rname: string;
  readonly serial: number;
  readonly refresh: number;
  readonly retry: number;
  readonly expire: number;
  readonly minimum: number;
}

/** What the zone has to say: an answer (perhaps with a name outside that must be followed), that there is no such name, or that it is not ours. */
export type ZoneAnswer =
  | { readonly kind: 'answer'; readonly records: readonly ZoneRecord[]; readonly additionals: readonly ZoneRecord[]; readonly follow?: string }
  | { readonly kind: 'nodata' }
  | { readonly kind: 'nxdomain' }
  | { readonly kind: 'elsewhere' };

/** Seconds that clients may remember an answer (CoreDNS' kubernetes plugin: ttl 5). */
const TTL = 5;

interface Address {
  readonly ip: string;
  readonly host: string;
  readonly named: boolean;
  readonly port: number;
}

/** The answer to one question, by the Kubernetes DNS specification 1.1.0. `name` and `type` as asked, without the last dot. */
export function answer(source: ZoneSource, name: string, type: string): ZoneAnswer {
  const asked = name.toLowerCase();
  const domain = source.clusterDomain;
  if (asked === 'localhost' || asked.endsWith('.localhost')) return records(type === 'A' ? [{ type: 'A', name, ttl: TTL, data: '127.0.0.1' }] : []);
  if (asked.endsWith('.in-addr.arpa')) return reverse(source, name, asked, type);
  if (asked === domain) return { kind: 'nodata' };
  if (!asked.endsWith(`.${domain}`)) return asked.includes('.') ? { kind: 'elsewhere' } : { kind: 'nxdomain' };
  const labels = asked.slice(0, -domain.length - 1).split('.').reverse();
  const [kind, namespace, service, ...rest] = labels;
  if (kind === 'dns-version' && namespace === undefined) return records(type === 'TXT' ? [{ type: 'TXT', name, ttl: TTL, data: '1.1.0' }] : []);
  if (kind === 'pod') return podAnswer(name, type, namespace, service, rest.length);
  if (kind !== 'svc') return { kind: 'nxdomain' };
  if (namespace === undefined) return { kind: 'nodata' };
  if (service === undefined) return { kind: source.services().some((s) => s.metadata.namespace === namespace) ? 'nodata' : 'nxdomain' };
  const found = source.service(namespace, service);
  if (!found) return { kind: 'nxdomain' };
  return serviceAnswer(source, found, `${service}.${namespace}.svc.${domain}`, name, type, rest);
}

function serviceAnswer(source: ZoneSource, service: Service, base: string, name: string, type: string, rest: readonly string[]): ZoneAnswer {
  if (service.spec.type === 'ExternalName') {
    if (rest.length > 0) return { kind: 'nxdomain' };
    const target = (service.spec.externalName ?? '').replace(/\.$/, '');
    return { kind: 'answer', records: [{ type: 'CNAME', name, ttl: TTL, data: target }], additionals: [], ...(type !== 'CNAME' && { follow: target }) };
  }
  const headless = !isProxied(service);
  if (rest.length === 0) {
    if (type === 'SRV') return srvAnswer(source, service, base, name, headless, undefined, undefined);
    if (type !== 'A') return { kind: 'nodata' };
    const ips = headless ? [...new Set(addresses(source, service).map((a) => a.ip))] : [service.spec.clusterIP!];
    return records(ips.map((ip) => ({ type: 'A' as const, name, ttl: TTL, data: ip })));
  }
  const [first, second] = rest;
  if (rest.length === 2 && first!.startsWith('_') && second!.startsWith('_')) {
    const answer = srvAnswer(source, service, base, name, headless, second!.slice(1), first!.slice(1));
    return type === 'SRV' || answer.kind === 'nxdomain' ? answer : { kind: 'nodata' };
  }
  if (rest.length !== 1 || !headless) return { kind: 'nxdomain' };
  const mine = addresses(source, service).filter((a) => a.host === first);
  if (mine.length === 0) return { kind: 'nxdomain' };
  return records(type === 'A' ? [...new Set(mine.map((a) => a.ip))].map((ip) => ({ type: 'A' as const, name, ttl: TTL, data: ip })) : []);
}

function srvAnswer(source: ZoneSource, service: Service, base: string, name: string, headless: boolean, portName: string | undefined, protocol: string | undefined): ZoneAnswer {
  const found: ZoneRecord[] = [];
  const additionals = new Map<string, ZoneRecord>();
  const add = (port: number, target: string, ip: string) => {
    found.push({ type: 'SRV', name, ttl: TTL, data: { priority: 0, weight: 100, port, target } });
    additionals.set(`${target} ${ip}`, { type: 'A', name: target, ttl: TTL, data: ip });
  };
  for (const port of service.spec.ports ?? []) {
    if (portName !== undefined && ((port.name ?? '') !== portName || (port.protocol ?? 'TCP').toLowerCase() !== protocol)) continue;
    if (!headless) add(port.port, base, service.spec.clusterIP!);
    else for (const address of addresses(source, service, port.name ?? '')) add(address.port, `${address.host}.${base}`, address.ip);
  }
  if (found.length > 0) return { kind: 'answer', records: found, additionals: [...additionals.values()] };
  return { kind: portName === undefined ? 'nodata' : 'nxdomain' };
}

/** Ready addresses of a headless Service; those without a hostname go by their address with dashes. */
function addresses(source: ZoneSource, service: Service, portName?: string): Address[] {
  const found = new Map<string, Address>();
  for (const slice of source.slices(service.metadata.namespace ?? '', service.metadata.name ?? '')) {
    if (slice.addressType !== 'IPv4') continue;
    const port = slice.ports?.find((p) => portName === undefined || (p.name ?? '') === portName);
    if (portName !== undefined && !port) continue;
    for (const endpoint of slice.endpoints ?? []) {
      if (endpoint.conditions?.ready === false && !service.spec.publishNotReadyAddresses) continue;
      const ip = endpoint.addresses[0];
      if (ip === undefined) continue;
      found.set(`${ip} ${port?.port ?? 0}`, { ip, host: endpoint.hostname || ip.replaceAll('.', '-'), named: Boolean(endpoint.hostname), port: port?.port ?? 0 });
    }
  }
  return [...found.values()];
}

function podAnswer(name: string, type: string, namespace: string | undefined, dashed: string | undefined, more: number): ZoneAnswer {
  if (namespace === undefined || dashed === undefined) return { kind: 'nodata' };
  const parts = dashed.split('-');
  if (more > 0 || parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)) return { kind: 'nxdomain' };
  return records(type === 'A' ? [{ type: 'A', name, ttl: TTL, data: parts.map(Number).join('.') }] : []);
}

function reverse(source: ZoneSource, name: string, asked: string, type: string): ZoneAnswer {
  const ip = asked.slice(0, -'.in-addr.arpa'.length).split('.').reverse().join('.');
  for (const service of source.services()) {
    const base = `${service.metadata.name}.${service.metadata.namespace}.svc.${source.clusterDomain}`;
    if (isProxied(service)) {
      if (service.spec.clusterIP === ip) return records(type === 'PTR' ? [{ type: 'PTR', name, ttl: TTL, data: base }] : []);
    }
    const host = addresses(source, service).find((a) => a.ip === ip && a.named);
    if (host) return records(type === 'PTR' ? [{ type: 'PTR', name, ttl: TTL, data: `${host.host}.${base}` }] : []);
  }
  return { kind: 'elsewhere' };
}

const records = (list: readonly ZoneRecord[]): ZoneAnswer => (list.length === 0 ? { kind: 'nodata' } : { kind: 'answer', records: list, additionals: [] });

/** The zone's SOA, which tells resolvers how long a "no" may be remembered. */
export function soa(clusterDomain: string, serial: number): ZoneRecord {
  return {
    type: 'SOA',
    name: clusterDomain,
    ttl: TTL,
    data: { mname: `ns.dns.${clusterDomain}`, rname: `hostmaster.${clusterDomain}`, serial, refresh: 7200, retry: 1800, expire: 86_400, minimum: TTL },
  };
}
