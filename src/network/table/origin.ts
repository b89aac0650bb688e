import type { Node } from '../../api/types/core.v1.ts';
import { parseCidr, parseIPv4 } from '../../base/ip.ts';

/** Where a client is. The machine itself is every node, and in the zone of its first. */
export interface Origin {
  readonly node: string | undefined;
  readonly zone: string | undefined;
}

/** Tells by a client's address where it is: a pod on the node whose range it is of, everybody else on the machine, whose own node is `home` and whose address among the pods is the first of that node's range. */
export function origins(nodes: readonly Node[], home: string | undefined): (client: string) => Origin {
  const all = nodes.map(({ metadata: { name, labels }, spec }) => ({ cidr: parseCidr(spec.podCIDR ?? ''), origin: { node: name, zone: labels?.['topology.kubernetes.io/zone'] } }));
  const own = all.find(({ origin }) => origin.node === home);
  const gateway = own?.cidr && own.cidr.base + 1;
  const machine = { node: undefined, zone: own?.origin.zone };
  return (client) => {
    const address = parseIPv4(client);
    if (address === undefined || address === gateway) return machine;
    return all.find(({ cidr }) => cidr && address >= cidr.base && address < cidr.base + cidr.size)?.origin ?? machine;
  };
}
