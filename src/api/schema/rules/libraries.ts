import type { Environment } from '@marcbachmann/cel-js';
import ipaddr from 'ipaddr.js';
import { isIP } from 'node:net';
import { addQuantities, compareQuantities, parseQuantity, quantityOf, subQuantities, type Quantity } from '../../../base/quantity.ts';

/** Kubernetes' own types in CEL: quantities, URLs, addresses (apiserver pkg/cel/library quantity.go, urls.go, ip.go, cidr.go). The engine tells types by their classes. */
export function registerLibraries(env: Environment): void {
  registerQuantities(env);
  registerUrls(env);
  registerAddresses(env);
}

class CelQuantity {
  readonly quantity: Quantity;
  constructor(quantity: Quantity) {
    this.quantity = quantity;
  }
}

const NANO = 1_000_000_000n;

function registerQuantities(env: Environment): void {
  const of = (text: string) => new CelQuantity(parseQuantity(text));
  const compare = (a: CelQuantity, b: CelQuantity) => compareQuantities(a.quantity, b.quantity);
  const isInteger = ({ quantity: { nanos } }: CelQuantity) => nanos % NANO === 0n && BigInt.asIntN(64, nanos / NANO) === nanos / NANO;
  env.registerType('kubernetes.Quantity', CelQuantity);
  const methods: Readonly<Record<string, (a: CelQuantity, b: CelQuantity) => unknown>> = {
    'isGreaterThan(kubernetes.Quantity): bool': (a, b) => compare(a, b) > 0,
    'isLessThan(kubernetes.Quantity): bool': (a, b) => compare(a, b) < 0,
    'compareTo(kubernetes.Quantity): int': (a, b) => BigInt(compare(a, b)),
    'add(kubernetes.Quantity): kubernetes.Quantity': (a, b) => new CelQuantity(addQuantities(a.quantity, b.quantity)),
    'sub(kubernetes.Quantity): kubernetes.Quantity': (a, b) => new CelQuantity(subQuantities(a.quantity, b.quantity)),
  };
  for (const [signature, method] of Object.entries(methods)) env.registerFunction(`kubernetes.Quantity.${signature}`, method);
  env.registerFunction('kubernetes.Quantity.add(int): kubernetes.Quantity', (a: CelQuantity, b: bigint) => new CelQuantity(addQuantities(a.quantity, quantityOf(b))));
  env.registerFunction('kubernetes.Quantity.sub(int): kubernetes.Quantity', (a: CelQuantity, b: bigint) => new CelQuantity(subQuantities(a.quantity, quantityOf(b))));
  env.registerFunction('sign(kubernetes.Quantity): int', ({ quantity: { nanos } }: CelQuantity) => (nanos > 0n ? 1n : nanos < 0n ? -1n : 0n));
  env.registerFunction('kubernetes.Quantity.isInteger(): bool', isInteger);
  env.registerFunction('kubernetes.Quantity.asApproximateFloat(): double', ({ quantity: { nanos } }: CelQuantity) => Number(nanos) / Number(NANO));
  env.registerFunction('kubernetes.Quantity.asInteger(): int', (a: CelQuantity) => {
    if (!isInteger(a)) throw new Error('cannot convert value to integer');
    return a.quantity.nanos / NANO;
  });
  env.registerFunction('quantity(string): kubernetes.Quantity', of);
  env.registerFunction('isQuantity(string): bool', succeeds(of));
}

/** Parts of a URL, none of them normalised: `new URL` would drop a default port and write the host in lower case. */
class CelUrl {
  readonly scheme: string;
  readonly host: string;
  readonly path: string;
  readonly query: string;
  constructor(scheme: string, host: string, path: string, query: string) {
    this.scheme = scheme;
    this.host = host;
    this.path = path;
    this.query = query;
  }
}

const HOST = /^(?:\[[^\]]*\]|[^ :[\]<>"\\^`{|}]*)(?::\d*)?$/;

/** As Go's url.ParseRequestURI: an absolute URI or an absolute path; `#` is no fragment there. */
function parseUrl(text: string): CelUrl {
  const parts = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/(?:[^/?@]*@)?([^/?]*))?([^?]*)(?:\?([^]*))?$/.exec(text);
  const [, scheme = '', host = '', path = '', query = ''] = parts ?? [];
  const absolute = scheme !== '' || text.startsWith('/') || text === '*';
  const bad = !parts || !absolute || /\p{Cc}/u.test(text) || /%(?![0-9A-Fa-f]{2})/.test(host + path) || !HOST.test(host);
  if (bad) throw new Error(`URL parse error during conversion from string: parse ${JSON.stringify(text)}: invalid URI for request`);
  return new CelUrl(scheme.toLowerCase(), host, path, query);
}

function registerUrls(env: Environment): void {
  env.registerType('kubernetes.URL', CelUrl);
  const parts: Readonly<Record<string, (url: CelUrl) => string>> = {
    getScheme: ({ scheme }) => scheme,
    getHost: ({ host }) => host,
    getHostname: ({ host }) => host.replace(/:\d*$/, '').replace(/^\[|\]$/g, ''),
    getPort: ({ host }) => /:(\d*)$/.exec(host.replace(/^\[.*\]/, ''))?.[1] ?? '',
    getEscapedPath: ({ path }) => path.replaceAll(/[^\w$&+,/:;=@.~!*'()%-]/gu, (rune) => encodeURIComponent(rune)),
  };
  for (const [name, part] of Object.entries(parts)) env.registerFunction(`kubernetes.URL.${name}(): string`, part);
  env.registerFunction('kubernetes.URL.getQuery(): map<string, list<string>>', ({ query }: CelUrl) => {
    const values = new URLSearchParams(query);
    return new Map([...values.keys()].map((key) => [key, values.getAll(key)]));
  });
  env.registerFunction('url(string): kubernetes.URL', parseUrl);
  env.registerFunction('isURL(string): bool', succeeds(parseUrl));
}

type Address = ipaddr.IPv4 | ipaddr.IPv6;

class CelIp {
  readonly address: Address;
  constructor(address: Address) {
    this.address = address;
  }
}

class CelCidr {
  readonly address: Address;
  readonly bits: number;
  constructor(address: Address, bits: number) {
    this.address = address;
    this.bits = bits;
  }
}

/** No zones, no leading zeros, and no IPv4 in the clothes of IPv6. */
function parseIp(text: string): CelIp {
  const address = isIP(text) > 0 && !text.includes('%') ? ipaddr.parse(text) : undefined;
  if (!address || (address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress())) throw new Error(`IP Address ${JSON.stringify(text)} parse error during conversion from string`);
  return new CelIp(address);
}

function parseCidr(text: string): CelCidr {
  const [, host = '', bits = ''] = /^(.*)\/(0|[1-9]\d*)$/.exec(text) ?? [];
  const { address } = parseIp(host);
  if (Number(bits) > (address.kind() === 'ipv4' ? 32 : 128)) throw new Error(`network address parse error during conversion from string: netip.ParsePrefix(${JSON.stringify(text)}): prefix length out of range`);
  return new CelCidr(address, Number(bits));
}

const contains = (cidr: CelCidr, address: Address): boolean => cidr.address.kind() === address.kind() && address.match(cidr.address, cidr.bits);

function registerAddresses(env: Environment): void {
  env.registerType('net.IP', CelIp);
  env.registerType('net.CIDR', CelCidr);
  const ranges: Readonly<Record<string, readonly string[]>> = { isUnspecified: ['unspecified'], isLoopback: ['loopback'], isLinkLocalUnicast: ['linkLocal'] };
  for (const [name, kinds] of Object.entries(ranges)) env.registerFunction(`net.IP.${name}(): bool`, ({ address }: CelIp) => kinds.includes(address.range()));
  env.registerFunction('net.IP.family(): int', ({ address }: CelIp) => (address.kind() === 'ipv4' ? 4n : 6n));
  env.registerFunction('ip(string): net.IP', parseIp);
  env.registerFunction('isIP(string): bool', succeeds(parseIp));
  env.registerFunction('cidr(string): net.CIDR', parseCidr);
  env.registerFunction('isCIDR(string): bool', succeeds(parseCidr));
  env.registerFunction('net.CIDR.prefixLength(): int', ({ bits }: CelCidr) => BigInt(bits));
  env.registerFunction('net.CIDR.ip(): net.IP', ({ address }: CelCidr) => new CelIp(address));
  env.registerFunction('net.CIDR.containsIP(net.IP): bool', (cidr: CelCidr, { address }: CelIp) => contains(cidr, address));
  env.registerFunction('net.CIDR.containsIP(string): bool', (cidr: CelCidr, text: string) => contains(cidr, parseIp(text).address));
  env.registerFunction('net.CIDR.containsCIDR(net.CIDR): bool', (cidr: CelCidr, other: CelCidr) => cidr.bits <= other.bits && contains(cidr, other.address));
  env.registerFunction('net.CIDR.containsCIDR(string): bool', (cidr: CelCidr, text: string) => cidr.bits <= parseCidr(text).bits && contains(cidr, parseCidr(text).address));
}

const succeeds = (parse: (text: string) => unknown) => (text: string): boolean => {
  try {
    parse(text);
    return true;
  } catch {
    return false;
  }
};
