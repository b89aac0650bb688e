import { invalid } from '../../api/errors.ts';
import type { KubeObject } from '../../api/object.ts';
import type { StatusError } from '../../api/errors.ts';
import { isHeadless, needsClusterIP } from '../../api/kinds/core/service-strategy.ts';
import { invalid as invalidField } from '../../api/validation/field.ts';
import type { Service } from '../../api/types/core.v1.ts';
import type { IPAddress, ServiceCIDR } from '../../api/types/networking.v1.ts';
import type { Random } from '../../base/random.ts';
import type { Store } from '../../store/store.ts';
import type { WriteHooks } from '../registry/hooks.ts';
import { formatIPv4, holds, parseCidr, parseIPv4, type Cidr } from '../../base/ip.ts';

export interface ServiceRanges {
  /** `10.96.0.0/16` */
  readonly serviceCidr: string;
  /** First and last node port; default 30000 and 32767. */
  readonly nodePorts?: readonly [number, number];
}

const PREFIX = 'services/';
const RANGES = 'servicecidrs.networking.k8s.io/';
const ADDRESSES = 'ipaddresses.networking.k8s.io/';

/**
 * Gives Services their cluster IPs and node ports (pkg/registry/core/service/storage/alloc.go). What is taken is read off the stored Services, and off IPAddresses of others than Services; what is being written
 * meanwhile is held until the write is over. Addresses come from the cluster's own range, and when that is full from the ServiceCIDRs that are ready (ipallocator/cidrallocator.go).
 */
export function serviceAllocator(store: Store, random: Random, { serviceCidr, nodePorts = [30_000, 32_767] }: ServiceRanges): WriteHooks {
  const range = parseCidr(serviceCidr);
  if (!range) throw new Error(`services.serviceCidr: not an IPv4 range: ${JSON.stringify(serviceCidr)}`);
  const taken = new Map<string, number>();
  const count = (keys: readonly string[], step: number) => {
    for (const key of keys) {
      const left = (taken.get(key) ?? 0) + step;
      if (left === 0) taken.delete(key);
      else taken.set(key, left);
    }
  };
  const countAll = (prefix: string, keysOf: (object: KubeObject) => string[]) => {
    for (const { object } of store.list(prefix).entries) count(keysOf(object), 1);
    store.watch(prefix, store.revision, ({ type, entry, previous }) => {
      if (previous) count(keysOf(previous.object), -1);
      if (type !== 'DELETED') count(keysOf(entry.object), 1);
    });
  };
  countAll(PREFIX, (object) => claims(object as Service));
  countAll(ADDRESSES, (object) => claimsOfOthers(object as IPAddress));
  let added = addedRanges(store, range);
  store.watch(RANGES, store.revision, () => void (added = addedRanges(store, range)));
  const held = new Set<string>();
  const free = (key: string) => !taken.has(key) && !held.has(key);

  return {
    group: '',
    plural: 'services',
    before(next, old) {
      const service = next as Service;
      const own = new Set(old ? claims(old as Service) : []);
      const mine: string[] = [];
      const claim = (key: string) => {
        if (own.has(key)) return true;
        if (!free(key)) return false;
        held.add(key);
        mine.push(key);
        return true;
      };
      const release = () => {
        for (const key of mine) held.delete(key);
      };
      try {
        // An address once given stays; validation says so to those who would have another.
        if (!old || !needsClusterIP(old as Service)) giveClusterIP(service, [range, ...added], random, claim);
        givePorts(service, nodePorts, random, claim);
      } catch (error) {
        release();
        throw error;
      }
      return release;
    },
  };
}

/** What a stored service holds: `10.96.0.10`, `TCP/30080`. */
function claims({ spec }: Service): string[] {
  const ips = (spec?.clusterIPs ?? []).filter((ip) => ip !== 'None' && ip !== '');
  const ports = (spec?.ports ?? []).filter((port) => port.nodePort).map((port) => `${port.protocol ?? 'TCP'}/${port.nodePort}`);
  const health = spec?.healthCheckNodePort ? [`TCP/${spec.healthCheckNodePort}`] : [];
  return [...ips, ...new Set([...ports, ...health])];
}

/** An IPAddress of a Service says no more than the Service itself does, and may outlive it for a moment. */
function claimsOfOthers({ metadata, spec }: IPAddress): string[] {
  const { group = '', resource } = spec.parentRef ?? {};
  return group === '' && resource === 'services' ? [] : [metadata.name ?? ''];
}

/** The ranges beside the cluster's own that addresses may come from, by name. */
function addedRanges(store: Store, own: Cidr): Cidr[] {
  const texts = store.list(RANGES).entries.map(({ object }) => object as ServiceCIDR).filter(isUsable).flatMap(({ spec }) => spec?.cidrs ?? []);
  return [...new Set(texts)].filter((text) => text !== own.text).flatMap((text) => parseCidr(text) ?? []);
}

const isUsable = ({ metadata, status }: ServiceCIDR): boolean => metadata.deletionTimestamp === undefined && (status?.conditions ?? []).some((c) => c.type === 'Ready' && c.status === 'True');

function refuse(service: Service, field: string, value: unknown, detail: string): StatusError {
  return invalid({ group: '', kind: 'Service' }, service.metadata.name ?? '', [invalidField(field, value, detail)]);
}

function giveClusterIP(service: Service, ranges: readonly Cidr[], random: Random, claim: (key: string) => boolean): void {
  const { spec } = service;
  if (!needsClusterIP(service)) return;
  refuseOtherFamilies(service);
  if (isHeadless(service)) {
    spec.clusterIPs = ['None'];
    return;
  }
  const wanted = spec.clusterIPs?.[0] ?? spec.clusterIP;
  if (wanted) {
    const fail = (why: string) => refuse(service, 'spec.clusterIPs', [wanted], `failed to allocate IP ${wanted}: ${why}`);
    const value = parseIPv4(wanted);
    // Addresses of the other family are not ours to give; validation says what is no address at all.
    if (value === undefined) return;
    if (!ranges.some((range) => holds(range, value))) throw fail('the provided network does not match the current range');
    if (!claim(wanted)) throw fail('provided IP is already allocated');
    spec.clusterIP = wanted;
    spec.clusterIPs ??= [wanted];
    return;
  }
  const ip = firstOf(ranges, (range) => pick(range.size - 2, lowerBand(range.size), random, (offset) => {
    const text = formatIPv4(range.base + 1 + offset);
    return claim(text) ? text : undefined;
  }));
  if (ip === undefined) throw refuse(service, 'spec.clusterIPs', null, 'failed to allocate a serviceIP: range is full');
  spec.clusterIP = ip;
  spec.clusterIPs = [ip];
}

function firstOf<T, R>(list: readonly T[], find: (item: T) => R | undefined): R | undefined {
  for (const item of list) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Pods have IPv4 addresses only. A headless Service without a selector is free: its endpoints are somebody else's. */
function refuseOtherFamilies(service: Service): void {
  const { ipFamilies = [], ipFamilyPolicy, selector } = service.spec;
  if (isHeadless(service) && Object.keys(selector ?? {}).length === 0) return;
  if (ipFamilyPolicy === 'RequireDualStack') throw refuse(service, 'spec.ipFamilyPolicy', ipFamilyPolicy, 'this cluster is not configured for dual-stack services');
  const other = ipFamilies.indexOf('IPv6');
  if (other >= 0) throw refuse(service, `spec.ipFamilies[${other}]`, 'IPv6', 'not configured on this cluster');
}

/** The low addresses are left for those who ask for one by name (KEP-3070). */
function lowerBand(size: number): number {
  return Math.min(Math.max(16, Math.floor(size / 16)), 256);
}

function givePorts(service: Service, [first, last]: readonly [number, number], random: Random, claim: (key: string) => boolean): void {
  const { spec } = service;
  const wanted = spec.type === 'NodePort' || (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false);
  const mine = new Set<string>();
  const anyPort = (field: string, protocol: string): number => {
    // The first 86 are left for those who choose (KEP-3668).
    const port = pick(last - first + 1, 86, random, (offset) => (take(`${protocol}/${first + offset}`) ? first + offset : undefined));
    if (port === undefined) throw refuse(service, field, null, 'failed to allocate a nodePort: range is full');
    return port;
  };
  const take = (key: string) => mine.has(key) || (claim(key) && mine.add(key) !== undefined);
  for (const [i, port] of (spec.ports ?? []).entries()) {
    const protocol = port.protocol ?? 'TCP';
    if (port.nodePort) {
      const fail = (why: string) => refuse(service, `spec.ports[${i}].nodePort`, port.nodePort, why);
      if (port.nodePort < first || port.nodePort > last) throw fail(`provided port is not in the valid range. The range of valid ports is ${first}-${last}`);
      if (!take(`${protocol}/${port.nodePort}`)) throw fail('provided port is already allocated');
    } else if (wanted) {
      // One Service's TCP and UDP ports of the same number share the node port.
      const twin = spec.ports!.find((other) => other !== port && other.port === port.port && (other.protocol ?? 'TCP') !== protocol && other.nodePort);
      if (twin && take(`${protocol}/${twin.nodePort}`)) port.nodePort = twin.nodePort;
      else port.nodePort = anyPort(`spec.ports[${i}].nodePort`, protocol);
    }
  }
  if (spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local' && !spec.healthCheckNodePort) {
    spec.healthCheckNodePort = anyPort('spec.healthCheckNodePort', 'TCP');
  }
}

/** Tries offsets from a random one on, those above `band` first. */
function pick<T>(size: number, band: number, random: Random, attempt: (offset: number) => T | undefined): T | undefined {
  const upper = Math.max(0, size - band);
  const start = upper > 0 ? random.int(upper) : 0;
  for (let i = 0; i < upper; i++) {
    const found = attempt(band + ((start + i) % upper));
    if (found !== undefined) return found;
  }
  for (let offset = 0; offset < Math.min(band, size); offset++) {
    const found = attempt(offset);
    if (found !== undefined) return found;
  }
  return undefined;
}
