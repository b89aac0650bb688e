import type { IPAddress, ServiceCIDR } from '../../api/types/networking.v1.ts';
import { holds, parseCidr, parseIPv4, type Cidr } from '../../base/ip.ts';

/** The label of an IPAddress that says who made it (networking/v1 well_known_labels.go), and what Services' addresses carry. */
export const MANAGED_BY = 'ipaddress.kubernetes.io/managed-by';
export const ADDRESS_FAMILY = 'ipaddress.kubernetes.io/ip-family';
export const OF_SERVICES = 'ipallocator.k8s.io';

/** The IPv4 ranges of a ServiceCIDR: the cluster gives no other addresses. */
const rangesOf = ({ spec }: ServiceCIDR): Cidr[] => (spec.cidrs ?? []).flatMap((text) => parseCidr(text) ?? []);

/** Whether a ServiceCIDR has the address among those it gives. */
export function containsAddress(cidr: ServiceCIDR, { metadata }: IPAddress): boolean {
  const value = parseIPv4(metadata.name ?? '');
  return value !== undefined && rangesOf(cidr).some((range) => holds(range, value));
}

/** Whether two ServiceCIDRs have addresses in common. */
export const overlap = (a: ServiceCIDR, b: ServiceCIDR): boolean => rangesOf(a).some((one) => rangesOf(b).some((other) => one.base < other.base + other.size && other.base < one.base + one.size));

/** Whether no Service would be left with an address of no range: all the ranges lie in others', or every address that the range gave lies in another's (servicecidrs_controller.go canDeleteCIDR). */
export function mayGo(cidr: ServiceCIDR, all: readonly ServiceCIDR[], addresses: readonly IPAddress[]): boolean {
  const others = all.filter(({ metadata }) => metadata.name !== cidr.metadata.name);
  const own = rangesOf(cidr);
  const within = (range: Cidr) => others.some((other) => rangesOf(other).some((outer) => outer.bits <= range.bits && outer.base <= range.base && range.base < outer.base + outer.size));
  if (own.every(within)) return true;
  const given = addresses.filter((address) => address.metadata.labels?.[MANAGED_BY] === OF_SERVICES && containsAddress(cidr, address));
  return given.every((address) => others.some((other) => containsAddress(other, address)));
}
