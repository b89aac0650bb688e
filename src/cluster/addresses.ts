import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';

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

/** The ranges of a cluster, the same at each start on one directory: its Services are written with them. */
export function loadAddresses(directory: string | undefined, name: string): Addresses {
  const known = directory === undefined ? undefined : knownAddresses(directory);
  const addresses = known ?? addressesFor(directory, name);
  if (directory !== undefined && !known) writeWhole(addressesFile(directory), JSON.stringify(addresses));
  return addresses;
}

/** Those of the cluster that was started on this directory before, if one was. */
export function knownAddresses(directory: string): Addresses | undefined {
  const file = addressesFile(directory);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Addresses) : undefined;
}

const addressesFile = (directory: string) => join(directory, 'addresses.json');

/** Whole or not at all, also when the process is killed or the disk is full. */
function writeWhole(file: string, text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

/** kubeadm's ranges for the first cluster; a second one on the same machine gets ranges of its own, always the same for the same directory. */
function addressesFor(directory: string | undefined, name: string): Addresses {
  const taken = takenRanges();
  if (name === 'default' && !taken.has('10.244')) return ranges(244, 96);
  const start = createHash('sha256').update(directory ?? name).digest()[0]! % 60;
  for (let i = 0; i < 60; i++) {
    const slot = (start + i) % 60;
    if (!taken.has(`10.${100 + slot}`)) return ranges(100 + slot, 160 + slot);
  }
  return ranges(100 + start, 160 + start);
}

/**
 * The first two numbers of the ranges that interfaces of this machine have. A cluster without a running pod has a bridge without carrier: Node leaves such
 * interfaces out, the routing table does not.
 */
function takenRanges(): Set<string> {
  const routes = existsSync('/proc/net/route') ? readFileSync('/proc/net/route', 'utf8').split('\n').slice(1) : [];
  const own = Object.values(networkInterfaces()).flatMap((infos) => (infos ?? []).map((info) => info.address.split('.').slice(0, 2).join('.')));
  return new Set([...own, ...routes.map(rangeOfRoute)]);
}

/** `cor-1	0000F40A	…` is a route to 10.244.0.0: the bytes of the address from last to first. */
function rangeOfRoute(line: string): string {
  const destination = line.split('\t')[1] ?? '';
  return [destination.slice(6, 8), destination.slice(4, 6)].map((byte) => Number.parseInt(byte, 16)).join('.');
}

function ranges(pods: number, services: number): Addresses {
  return { podCidr: `10.${pods}.0.0/16`, serviceCidr: `10.${services}.0.0/16`, kubernetes: `10.${services}.0.1`, dns: `10.${services}.0.10`, gateway: `10.${pods}.0.1` };
}

/** The range of the node with this index (0 …). The first one also holds the gateway. */
export function nodeCidr(addresses: Addresses, index: number): string {
  const [a, b] = addresses.podCidr.split('.');
  return `${a}.${b}.${index}.0/24`;
}
