import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Makes every address of `cidr` this machine's own (Linux' AnyIP), so that a process can listen on any of them without NAT or firewall rules. `replace` also takes over what a killed process left
 * behind. Rejects with what `ip` says.
 */
export async function claimRange(cidr: string): Promise<void> {
  await run('ip', ['route', 'replace', 'local', cidr, 'dev', 'lo']);
}

/** Gives the range back. Nothing happens when it is gone already. */
export async function releaseRange(cidr: string): Promise<void> {
  await run('ip', ['route', 'del', 'local', cidr, 'dev', 'lo']).catch(() => {});
}

/** Single addresses carry a mark, by which a killed process' are found again: the routing protocol of this number, which differs between the clusters of a machine as their service ranges (10.N.0.0/16) do. */
const markOf = (serviceCidr: string): string => serviceCidr.split('.')[1] ?? '';

/** Gives back the single addresses that a cluster of this service range has claimed, in whichever process. */
export async function releaseAddresses(serviceCidr: string): Promise<void> {
  await run('ip', ['-4', 'route', 'flush', 'table', 'local', 'type', 'local', 'proto', markOf(serviceCidr)]).catch(() => {});
}

/** Single addresses outside the service range that Services have: of other ServiceCIDRs, and externalIPs. */
export interface Claims {
  /** Whether the address can be listened on. Where it cannot yet, it is made this machine's own, and `changed` called. */
  ready(address: string): boolean;
  /** Gives back what is not among these. */
  keep(addresses: ReadonlySet<string>): void;
  /** Gives back what a killed process of this cluster had claimed; at the latest before the first claim. Not at the start, which every program that it runs makes some 5 ms longer. */
  clear(): void;
  /** Gives all back. */
  close(): Promise<void>;
}

/** `isOwn`: addresses that the machine answers without being asked to. */
export function addressClaims(serviceCidr: string, isOwn: (address: string) => boolean, changed: () => void): Claims {
  const claimed = new Map<string, 'coming' | 'there'>();
  /** What is done to one address is done one after another. */
  let last = Promise.resolve();
  const then = (step: () => Promise<void>) => void (last = last.then(step, step));
  let [cleared, used] = [false, false];
  const clear = () => {
    if (!cleared) then(() => releaseAddresses(serviceCidr));
    cleared = true;
  };
  return {
    clear,
    async close() {
      if (!cleared || used) then(() => releaseAddresses(serviceCidr));
      await last;
    },
    ready(address) {
      const state = claimed.get(address);
      if (state !== undefined || isOwn(address)) return state !== 'coming';
      claimed.set(address, 'coming');
      clear();
      used = true;
      then(async () => {
        if (!claimed.has(address)) return;
        // What could not be had is found out when it is listened on.
        await run('ip', ['route', 'replace', 'local', `${address}/32`, 'dev', 'lo', 'proto', markOf(serviceCidr)]).catch(() => {});
        claimed.set(address, 'there');
        changed();
      });
      return false;
    },
    keep(addresses) {
      for (const address of claimed.keys()) {
        if (addresses.has(address)) continue;
        claimed.delete(address);
        then(async () => (claimed.has(address) ? undefined : releaseRange(`${address}/32`)));
      }
    },
  };
}
