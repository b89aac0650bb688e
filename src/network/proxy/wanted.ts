import type { Service } from '../../api/types/core.v1.ts';
import type { Backend } from '../table/backend.ts';
import { isProxied } from '../table/spec.ts';
import type { ServiceEntry } from '../table/table.ts';

/** A socket that should listen. */
export interface Wanted {
  readonly protocol: 'TCP' | 'UDP';
  readonly address: string;
  readonly port: number;
  readonly external: boolean;
  readonly service: Service;
  readonly backend: Backend;
}

export const wantedKey = (w: Pick<Wanted, 'protocol' | 'address' | 'port'>): string => `${w.protocol} ${w.address}:${w.port}`;

export interface WantedOptions {
  /** The host's addresses that stand for a load balancer's. */
  readonly loadBalancerAddresses: readonly string[];
  /** Whether a service address can be listened on at all here. */
  readonly serves: (address: string) => boolean;
  /** This machine's own addresses, for node ports. */
  readonly nodeAddresses: readonly string[];
  /** Sockets that belong to others: the DNS server's, the ingress'. */
  readonly taken: ReadonlySet<string>;
}

/**
 * The sockets that the Services ask for, by key; where two ask for the same one the older Service has it, and the other is in `conflicts`. Backends without prospect are left out, so that the kernel refuses
 * connections to them at once.
 */
export function wantedSockets(entries: Iterable<ServiceEntry>, options: WantedOptions): { sockets: Map<string, Wanted>; conflicts: Wanted[] } {
  const sockets = new Map<string, Wanted>();
  const conflicts: Wanted[] = [];
  const byAge = [...entries].map((entry) => ({ ...entry, age: age(entry) })).sort((a, b) => (a.age < b.age ? -1 : 1));
  for (const { service, backends } of byAge) {
    if (!isProxied(service)) continue;
    for (const backend of backends) {
      const { protocol, port, nodePort } = backend.spec;
      const add = (address: string, at: number, external: boolean) => {
        if (address.includes(':')) return;
        const wanted: Wanted = { protocol, address, port: at, external, service, backend };
        const key = wantedKey(wanted);
        if (options.taken.has(key)) {
          // The cluster's DNS Service names what the DNS server itself answers on; outside addresses cannot be shared.
          if (external) conflicts.push(wanted);
        } else if (sockets.has(key)) {
          if (sockets.get(key)!.backend !== backend) conflicts.push(wanted);
        } else sockets.set(key, wanted);
      };
      for (const ip of service.spec.clusterIPs ?? [service.spec.clusterIP!]) if (options.serves(ip)) add(ip, port, false);
      for (const ip of service.spec.externalIPs ?? []) add(ip, port, true);
      if (service.spec.type === 'NodePort' || service.spec.type === 'LoadBalancer') {
        if (nodePort !== undefined) for (const address of options.nodeAddresses) add(address, nodePort, true);
      }
      if (service.spec.type === 'LoadBalancer') for (const address of options.loadBalancerAddresses) add(socketAddress(address), port, true);
    }
  }
  for (const [key, wanted] of sockets) if (!wanted.backend.open) sockets.delete(key);
  return { sockets, conflicts };
}

/** What to bind for an address as it is shown to users. */
const socketAddress = (shown: string): string => (shown === 'localhost' ? '127.0.0.1' : shown);

const age = ({ service: { metadata } }: ServiceEntry): string => `${metadata.creationTimestamp ?? ''} ${metadata.namespace ?? ''}/${metadata.name ?? ''}`;
