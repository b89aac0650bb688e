import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
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

export interface AddressOptions {
  /** Where the ranges are kept; undefined: nowhere. */
  readonly directory: string | undefined;
  readonly name: string;
  /** Without root Services get addresses that this machine answers without being asked to. */
  readonly onLoopback?: boolean;
  /** The bridge that the pods will be on; undefined where nothing of the cluster is on this machine's network. */
  readonly bridge: string | undefined;
  readonly machine?: Machine;
}

/** What of 10.0.0.0/8 this machine has already. */
export interface Machine {
  /** Every N of a 10.N.… that there is an address or a route of: other clusters, containers, private networks. */
  taken(): ReadonlySet<number>;
  /** The network interface that has this address. */
  interfaceWith(address: string): string | undefined;
}

/** The ranges of a cluster, the same at each start on one directory: its Services are written with them. Throws where no range is free, or its own are another's by now. */
export function loadAddresses({ directory, name, onLoopback = false, bridge, machine = thisMachine }: AddressOptions): Addresses {
  const known = directory === undefined ? undefined : knownAddresses(directory);
  if (known) return unlessTaken(known, directory ?? '', bridge, machine);
  const addresses = addressesFor(directory, name, onLoopback ? 127 : 10, bridge !== undefined, machine.taken());
  if (directory !== undefined) writeKept(addressesFile(directory), addresses);
  return addresses;
}

/** While this cluster was down another one may have taken its place: both would answer for the same pods. */
function unlessTaken(addresses: Addresses, directory: string, bridge: string | undefined, machine: Machine): Addresses {
  const holder = bridge === undefined ? undefined : machine.interfaceWith(addresses.gateway);
  if (holder === undefined || holder === bridge) return addresses;
  throw new Error(`the pod network of this cluster, ${addresses.podCidr}, is in use: the interface ${holder} has ${addresses.gateway}, perhaps another cluster's that was made while this one was down. Take that one down, or remove ${addressesFile(directory)} to get new ranges; Services of before then keep addresses that lead nowhere until they are made again`);
}

/** Those of the cluster that was started on this directory before, if one was. */
export function knownAddresses(directory: string): Addresses | undefined {
  return readKept<Addresses>(addressesFile(directory), 'the cluster then gets new ranges, which its Services of before are not in');
}

const addressesFile = (directory: string) => join(directory, 'addresses.json');

/** Clusters beside the first that one machine has room for. */
const SLOTS = 60;

/** kubeadm's ranges for the first cluster; a second one on the same machine gets ranges of its own, always the same for the same directory. */
function addressesFor(directory: string | undefined, name: string, first: 10 | 127, exclusive: boolean, taken: ReadonlySet<number>): Addresses {
  const free = (...seconds: number[]) => seconds.every((second) => !taken.has(second));
  if (name === 'default' && free(244, 96)) return ranges(244, 96, first);
  const start = createHash('sha256').update(directory ?? name).digest()[0]! % SLOTS;
  for (let i = 0; i < SLOTS; i++) {
    const slot = (start + i) % SLOTS;
    if (free(100 + slot, 160 + slot)) return ranges(100 + slot, 160 + slot, first);
  }
  if (exclusive) throw new Error(`no addresses are left for this cluster: this machine has addresses or routes in each of the ${SLOTS} pairs 10.100.0.0/16 and 10.160.0.0/16 … 10.159.0.0/16 and 10.219.0.0/16. Take another cluster down (coracle down), or see \`ip route\` for what else holds them`);
  return ranges(100 + start, 160 + start, first);
}

const thisMachine: Machine = {
  taken: () => new Set([...readFileSync('/proc/net/fib_trie', 'utf8').matchAll(/\b10\.(\d+)\.\d+\.\d+/g)].map(([, second]) => Number(second))),
  interfaceWith: (address) => Object.entries(networkInterfaces()).find(([, infos]) => infos?.some((info) => info.address === address))?.[0],
};

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
