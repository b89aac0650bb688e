import { invalid, type FieldError } from '../../api/errors.ts';
import type { KubeObject } from '../../api/object.ts';
import type { Service } from '../../api/types/core.v1.ts';
import type { Random } from '../../base/random.ts';
import type { Store } from '../../store/store.ts';
import type { WriteHooks } from './hooks.ts';

export interface ServiceRanges {
  /** `10.96.0.0/16` */
  readonly serviceCidr: string;
  /** First and last node port; default 30000 and 32767. */
  readonly nodePorts?: readonly [number, number];
}

/**
 * Gives Services their cluster IPs and node ports, and refuses those that are taken (registry/core/service/storage/alloc.go). What is in use is read from the store; only writes under way
 * are remembered here.
 */
export function serviceAddresses(store: Store, random: Random, { serviceCidr, nodePorts = [30_000, 32_767] }: ServiceRanges): WriteHooks {
  const range = parseRange(serviceCidr);
  const underWay = new Map<string, string>();
  const keyOf = ({ metadata }: KubeObject) => `services/${metadata.namespace ?? ''}/${metadata.name ?? ''}`;

  /** `ip:10.96.0.7` or `port:TCP/30080` by the Service that has it. */
  const inUse = (): Map<string, string> => {
    const used = new Map(underWay);
    for (const { key, object } of store.list('services/').entries) for (const claim of claimsOf(object as Service)) used.set(claim, key);
    return used;
  };

  return {
    group: '',
    plural: 'services',
    before(next) {
      const service = next as Service;
      const self = keyOf(service);
      const used = inUse();
      const errors: FieldError[] = [];
      allocateIP(service, self, used, errors);
      allocatePorts(service, self, used, errors);
      if (errors.length > 0) throw invalid({ group: '', kind: 'Service' }, service.metadata.name ?? '', errors);
      const claims = claimsOf(service);
      for (const claim of claims) underWay.set(claim, self);
      return () => release(self, claims);
    },
    deleted({ key, object }) {
      release(key, claimsOf(object as Service));
    },
  };

  function release(key: string, claims: readonly string[]): void {
    for (const claim of claims) if (underWay.get(claim) === key) underWay.delete(claim);
  }

  function allocateIP({ spec }: Service, self: string, used: ReadonlyMap<string, string>, errors: FieldError[]): void {
    if (spec.type === 'ExternalName' || spec.clusterIP === 'None') return;
    const free = (ip: string) => (used.get(`ip:${ip}`) ?? self) === self;
    if (spec.clusterIP) {
      const refuse = (why: string) => errors.push({ type: 'FieldValueInvalid', field: 'spec.clusterIPs', detail: `Invalid value: []string{${(spec.clusterIPs ?? [spec.clusterIP]).map((ip) => `"${ip}"`).join(', ')}}: failed to allocate IP ${spec.clusterIP}: ${why}` });
      if (!contains(range, spec.clusterIP)) refuse(`the provided IP (${spec.clusterIP}) is not in the valid range. The range of valid IPs is ${serviceCidr}`);
      else if (!free(spec.clusterIP)) refuse('provided IP is already allocated');
      else spec.clusterIPs = [spec.clusterIP];
      return;
    }
    // The lower band is left for addresses that people choose (KEP-3070: min(max(16, size/16), 256)).
    const band = Math.min(Math.max(16, Math.floor(range.size / 16)), 256);
    const upper = range.size - 2 - band;
    const start = random.int(upper);
    for (let i = 0; i < range.size - 2; i++) {
      const offset = i < upper ? band + 1 + ((start + i) % upper) : i - upper + 1;
      const ip = format(range.base + offset);
      if (!free(ip)) continue;
      spec.clusterIP = ip;
      spec.clusterIPs = [ip];
      return;
    }
    errors.push({ type: 'InternalError', field: 'spec.clusterIP', detail: 'Internal error: failed to allocate a serviceIP: range is full' });
  }

  function allocatePorts({ spec }: Service, self: string, used: ReadonlyMap<string, string>, errors: FieldError[]): void {
    const wanted = spec.type === 'NodePort' || (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false);
    if (spec.type !== 'NodePort' && spec.type !== 'LoadBalancer') return;
    const [first, last] = nodePorts;
    const free = (protocol: string, port: number) => (used.get(`port:${protocol}/${port}`) ?? self) === self;
    const mine = new Set<string>();
    (spec.ports ?? []).forEach((port, i) => {
      const protocol = port.protocol ?? 'TCP';
      if (port.nodePort) {
        const refuse = (why: string) => errors.push({ type: 'FieldValueInvalid', field: `spec.ports[${i}].nodePort`, detail: `Invalid value: ${port.nodePort}: ${why}` });
        if (port.nodePort < first || port.nodePort > last) refuse(`provided port is not in the valid range. The range of valid ports is ${first}-${last}`);
        else if (!free(protocol, port.nodePort)) refuse('provided port is already allocated');
      } else if (wanted) {
        // One Service's TCP and UDP ports of the same number share the node port.
        const twin = (spec.ports ?? []).find((other) => other !== port && other.port === port.port && (other.protocol ?? 'TCP') !== protocol && other.nodePort);
        port.nodePort = twin?.nodePort ?? freePort(first, last, (candidate) => free(protocol, candidate) && !mine.has(`${protocol}/${candidate}`));
        if (port.nodePort === undefined) errors.push({ type: 'InternalError', field: `spec.ports[${i}].nodePort`, detail: 'Internal error: failed to allocate a nodePort: range is full' });
      }
      mine.add(`${protocol}/${port.nodePort ?? 0}`);
    });
  }

  function freePort(first: number, last: number, free: (port: number) => boolean): number | undefined {
    // As with addresses, the first 86 are left for those who choose (KEP-3668).
    const from = Math.min(first + 86, last);
    const start = random.int(last - from + 1);
    for (let i = 0; i <= last - from; i++) {
      const port = from + ((start + i) % (last - from + 1));
      if (free(port)) return port;
    }
    for (let port = first; port < from; port++) if (free(port)) return port;
    return undefined;
  }
}

function claimsOf({ spec }: Service): string[] {
  const ips = spec.clusterIP && spec.clusterIP !== 'None' && spec.type !== 'ExternalName' ? [`ip:${spec.clusterIP}`] : [];
  return [...ips, ...(spec.ports ?? []).filter((p) => p.nodePort).map((p) => `port:${p.protocol ?? 'TCP'}/${p.nodePort}`)];
}

interface IpRange {
  readonly base: number;
  readonly size: number;
}

function parseRange(cidr: string): IpRange {
  const [address = '', bits = ''] = cidr.split('/');
  const size = 2 ** (32 - Number(bits));
  return { base: Math.floor(parse(address) / size) * size, size };
}

const contains = ({ base, size }: IpRange, ip: string) => /^\d+\.\d+\.\d+\.\d+$/.test(ip) && parse(ip) > base && parse(ip) < base + size - 1;
const parse = (ip: string) => ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
const format = (n: number) => [n / 2 ** 24, n / 2 ** 16, n / 2 ** 8, n].map((part) => Math.floor(part) % 256).join('.');
