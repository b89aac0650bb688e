import { networkInterfaces } from 'node:os';

/**
 * This machine's IPv4 addresses, loopback first. Sockets are bound to each of them rather than to 0.0.0.0, which would also answer on every service address that nobody listens on, and keep Services from having that
 * port.
 */
export function machineAddresses(): string[] {
  const found = new Set(['127.0.0.1']);
  for (const infos of Object.values(networkInterfaces())) for (const info of infos ?? []) if (info.family === 'IPv4') found.add(info.address);
  return [...found];
}

/** `0.0.0.0` means all addresses of the machine. */
export const expandHosts = (hosts: readonly string[], machine: readonly string[]): string[] => [...new Set(hosts.flatMap((host) => (host === '0.0.0.0' ? machine : [host])))];
