/** An IPv4 range as numbers. */
export interface Cidr {
  readonly text: string;
  readonly base: number;
  /** How many addresses it holds, the network's own and the broadcast included. */
  readonly size: number;
}

/** Reads `10.96.0.0/12`. Throws when it is no IPv4 range. */
export function parseCidr(text: string): Cidr {
  const [address = '', bits = ''] = text.split('/');
  const base = parseIPv4(address);
  const length = Number(bits);
  if (base === undefined || !/^\d+$/.test(bits) || length > 30) throw new Error(`not an IPv4 range: ${JSON.stringify(text)}`);
  const size = 2 ** (32 - length);
  return { text, base: base - (base % size), size };
}

export function parseIPv4(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)) return undefined;
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0);
}

export function formatIPv4(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}
