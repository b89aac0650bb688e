import { readFileSync } from 'node:fs';

// Bits of capabilities(7): networks, and namespaces, mounts and control groups.
const NET_ADMIN = 12n;
const SYS_ADMIN = 21n;

/**
 * Whether this process may make networks, mounts and control groups. Root of an ordinary container (Docker's, a CI job's) has user id 0 and may not: it is as any user then.
 */
export const isPrivileged: boolean = process.getuid?.() === 0 && administers(readStatus());

/** Reads that out of /proc/self/status. A kernel that does not say is believed to let root do what root does. */
export function administers(status: string): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1];
  if (effective === undefined) return true;
  const bits = BigInt(`0x${effective}`);
  return [NET_ADMIN, SYS_ADMIN].every((capability) => (bits & (1n << capability)) !== 0n);
}

function readStatus(): string {
  try {
    return readFileSync('/proc/self/status', 'utf8');
  } catch {
    return '';
  }
}
