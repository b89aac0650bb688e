import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readKept, writeKept } from './kept.ts';

/** The address ranges of one cluster. */
export interface Addresses {
  /** All pods: `10.244.0.0/16`; each node has a /24 of it. */
  readonly podCidr: string;
  readonly serviceCidr: string;
  /** First address of the services: the API itself. */
  readonly kubernetes: string;
  readonly dns: string;
  /** The bridge's address, by which pods reach this machine. */
  readonly gateway: string;
}

/** The ranges of a cluster, the same at each start on one directory: its Services are written with them. On loopback (without root) Services get addresses that this machine answers without being asked to. */
export function loadAddresses(directory: string | undefined, name: string, onLoopback = false, taken: () => ReadonlySet<number> = routedRanges): Addresses {
  const known = directory === undefined ? undefined : knownAddresses(directory);
  const addresses = known ?? addressesFor(directory, name, onLoopback ? 127 : 10, taken());
  if (directory !== undefined && !known) writeKept(addressesFile(directory), addresses);
  return addresses;
}

/** Those of the cluster that was started on this directory before, if one was. */
export function knownAddresses(directory: string): Addresses | undefined {
  return readKept<Addresses>(addressesFile(directory), 'the cluster then gets new ranges, which its Services of before are not in');
}

const addressesFile = (directory: string) => join(directory, 'addresses.json');

/** kubeadm's ranges for the first cluster; a second one on the same machine gets ranges of its own, always the same for the same directory. */
function addressesFor(directory: string | undefined, name: string, first: 10 | 127, taken: ReadonlySet<number>): Addresses {
  const free = (...seconds: number[]) => seconds.every((second) => !taken.has(second));
  if (name === 'default' && free(244, 96)) return ranges(244, 96, first);
  const start = createHash('sha256').update(directory ?? name).digest()[0]! % 60;
  for (let i = 0; i < 60; i++) {
    const slot = (start + i) % 60;
    if (free(100 + slot, 160 + slot)) return ranges(100 + slot, 160 + slot, first);
  }
  return ranges(100 + start, 160 + start, first);
}

/** Every N of a 10.N.… that this machine has an address or a route of: other clusters, containers, private networks. */
function routedRanges(): Set<number> {
  return new Set([...readFileSync('/proc/net/fib_trie', 'utf8').matchAll(/\b10\.(\d+)\.\d+\.\d+/g)].map(([, second]) => Number(second)));
}

function ranges(pods: number, services: number, first: 10 | 127): Addresses {
  return { podCidr: `10.${pods}.0.0/16`, serviceCidr: `${first}.${services}.0.0/16`, kubernetes: `${first}.${services}.0.1`, dns: `${first}.${services}.0.10`, gateway: `10.${pods}.0.1` };
}

/** How many nodes the pod range has room for. */
export const MOST_NODES = 256;

/** The range of the node with this index (0 …). The first one also holds the gateway. Nodes whose pods are only played may be more; theirs go on in the ranges behind. */
export function nodeCidr(addresses: Addresses, index: number): string {
  const [a, b] = addresses.podCidr.split('.');
  return `${a}.${Number(b) + Math.floor(index / MOST_NODES)}.${index % MOST_NODES}.0/24`;
}

export const nodeNameOf = (index: number): string => `node-${index + 1}`;
