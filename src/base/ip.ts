/** An IPv4 range as numbers. */
export interface Cidr {
  readonly text: string;
  /** Its first address. */
  readonly base: number;
  /** The length of its prefix. */
  readonly bits: number;
  /** How many addresses it holds, the network's own and the broadcast included. */
  readonly size: number;
}

/** Reads `10.96.0.0/12`; undefined when it is no IPv4 range, or has no room beside its network and broadcast addresses. */
export function parseCidr(text: string): Cidr | undefined {
  const [address = '', bits = ''] = text.split('/');
  const base = parseIPv4(address);
  const length = Number(bits);
  if (base === undefined || !/^\d+$/.test(bits) || length > 30) return undefined;
  const size = 2 ** (32 - length);
  return { text, base: base - (base % size), bits: length, size };
}

/** Reads `10.96.0.1`; undefined when it is no IPv4 address as Kubernetes writes them (no leading zeros). */
export function parseIPv4(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)) return undefined;
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0);
}

/** `10.96.0.1` */
export function formatIPv4(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}

/** Whether an address is one that something in the range can have: neither the network's own nor the broadcast. */
export const holds = ({ base, size }: Cidr, address: number): boolean => address > base && address < base + size - 1;
