import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { basename } from 'node:path';
import { formatIPv4, parseCidr, type Cidr } from '../../../base/ip.ts';
import { allowBridge, forgetBridge } from './bridge-filter.ts';
import type { Launcher } from './launcher/launcher.ts';

/** What the runtime asks of whatever gives sandboxes their addresses. */
export interface PodNetwork {
  /** Connects a sandbox's network namespace (that of process `pid`) and gives it an address. */
  attach(sandboxId: string, pid: number): Promise<{ readonly ip: string }>;
  /** Takes the address back; idempotent. The link itself goes with the namespace. */
  detach(sandboxId: string): Promise<void>;
  /** Tells of a sandbox that runs since before this process. */
  adopt(sandboxId: string, ip: string): void;
}

export interface BridgeOptions {
  /** The bridge's name, at most 15 characters; nodes that share one share a link layer, so their pods reach each other without routing. */
  readonly bridge: string;
  /** All pods of the cluster: `10.244.0.0/16`. Its first address is the bridge's own, the pods' gateway. */
  readonly clusterCIDR: string;
  /** This node's part of it: `10.244.1.0/24`. */
  readonly podCIDR: string;
}

/** A bridge name of our own for a cluster, the same for the same directory. */
export function bridgeName(directory: string): string {
  return `cor-${createHash('sha256').update(directory).digest('hex').slice(0, 8)}`;
}

/** A sandbox's end on the host. */
export function linkName(sandboxId: string): string {
  return `cv${sandboxId.slice(0, 12)}`;
}

/** Every pod a veth pair on one bridge, addresses from the node's CIDR. Nothing is forwarded beyond the bridge, and no netfilter rule is made but where one is needed for the bridge itself. */
export async function bridgeNetwork(launcher: Launcher, options: BridgeOptions): Promise<PodNetwork> {
  const { base, bits: prefix } = podRange(options.clusterCIDR);
  const gateway = formatIPv4(base + 1);
  const addresses = addressPool(options.podCIDR, new Set([gateway]));
  const mac = `02${createHash('sha256').update(options.bridge).digest('hex').slice(0, 10)}`;
  await launcher.request('bridge', { name: options.bridge, ip: gateway, prefix, mac });
  await allowBridge(options.bridge);
  return {
    async attach(sandboxId, pid) {
      const ip = addresses.take(sandboxId);
      try {
        await launcher.request('attach', { pid, bridge: options.bridge, link: linkName(sandboxId), ip, prefix, gateway, mac: macOf(ip) });
        return { ip };
      } catch (error) {
        addresses.give(sandboxId);
        throw error;
      }
    },
    detach: async (sandboxId) => addresses.give(sandboxId),
    adopt: (sandboxId, ip) => addresses.mark(sandboxId, ip),
  };
}

/**
 * Without the right to make network namespaces, pods share the host's network, and each gets a loopback address of its own (all of 127/8 answers on Linux): 10.244.1.5 becomes 127.244.1.5.
 * Programs that listen on every address then still collide.
 */
export function loopbackNetwork(options: BridgeOptions): PodNetwork {
  const addresses = addressPool(options.podCIDR.replace(/^\d+/, '127'), new Set(['127.0.0.1']));
  return {
    attach: async (sandboxId) => ({ ip: addresses.take(sandboxId) }),
    detach: async (sandboxId) => addresses.give(sandboxId),
    adopt: (sandboxId, ip) => addresses.mark(sandboxId, ip),
  };
}

/** Removes a bridge and what still hangs on it. */
export async function removeBridge(launcher: Launcher, bridge: string): Promise<void> {
  const links = await readdir(`/sys/class/net/${basename(bridge)}/brif`).catch(() => []);
  await launcher.request('unlink', { links: [...links, bridge] });
  await forgetBridge(bridge);
}

/** As the docker bridge does it: an address' MAC is made of it, so that neighbours' caches stay right when an address moves to a new pod … of the same address. */
function macOf(ip: string): string {
  return `0a58${ip.split('.').map((part) => Number(part).toString(16).padStart(2, '0')).join('')}`;
}

function podRange(cidr: string): Cidr {
  const range = parseCidr(cidr);
  if (!range || range.bits < 8) throw new Error(`invalid pod CIDR "${cidr}": an IPv4 range from /8 to /30 is needed`);
  return range;
}

/** Hands out addresses round robin, so that one just freed rests as long as possible before it comes again. */
export function addressPool(cidr: string, reserved: ReadonlySet<string>): { take(owner: string): string; give(owner: string): void; mark(owner: string, ip: string): void } {
  const { base, size } = podRange(cidr);
  const owners = new Map<string, string>();
  const used = new Set<string>();
  let cursor = 1;
  const mark = (owner: string, ip: string) => {
    owners.set(owner, ip);
    used.add(ip);
  };
  return {
    mark,
    take(owner) {
      const had = owners.get(owner);
      if (had) return had;
      for (let tried = 0; tried < size; tried++) {
        const offset = cursor;
        cursor = (cursor + 1) % size;
        const ip = formatIPv4(base + offset);
        // Network and broadcast address are no pod's.
        if (offset === 0 || offset === size - 1 || used.has(ip) || reserved.has(ip)) continue;
        mark(owner, ip);
        return ip;
      }
      throw new Error(`no IP addresses available in range set: ${formatIPv4(base + 1)}-${formatIPv4(base + size - 2)}`);
    },
    give(owner) {
      const ip = owners.get(owner);
      owners.delete(owner);
      if (ip) used.delete(ip);
    },
  };
}
