import type { Node } from '../../api/types/core.v1.ts';
import { parseCidr, parseIPv4 } from '../../base/ip.ts';

/** Where a client is. */
export interface Origin {
  readonly node: string | undefined;
  readonly zone: string | undefined;
}

/** Tells by a client's address where it is: a pod on the node whose range it is of, everybody else on `home`. */
export function origins(nodes: readonly Node[], home: string | undefined): (client: string) => Origin {
  const all = nodes.map(({ metadata: { name, labels }, spec }) => ({ cidr: parseCidr(spec.podCIDR ?? ''), origin: { node: name, zone: labels?.['topology.kubernetes.io/zone'] } }));
  const elsewhere = all.find(({ origin }) => origin.node === home)?.origin ?? { node: home, zone: undefined };
  return (client) => {
    const address = parseIPv4(client);
    return (address === undefined ? undefined : all.find(({ cidr }) => cidr && address >= cidr.base && address < cidr.base + cidr.size)?.origin) ?? elsewhere;
  };
}
