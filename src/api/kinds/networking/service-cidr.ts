import ipaddr from 'ipaddr.js';
import type { FieldError } from '../../errors.ts';
import type { ServiceCIDR } from '../../types/networking.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { ageColumn, nameColumn, text } from '../columns.ts';
import { each, invalid, required } from '../../validation/field.ts';
import { immutable } from '../../validation/immutable.ts';
import { cidr, ipFamily } from '../../validation/values.ts';

export const serviceCIDR = defineKind<ServiceCIDR>({
  kind: 'ServiceCIDR',
  plural: 'servicecidrs',
  singular: 'servicecidr',
  namespaced: false,
  storage: { group: 'networking.k8s.io', version: 'v1', message: 'networking/v1.ServiceCIDR' },
  status: true,
  validate: ({ spec }) => ((spec.cidrs ?? []).length === 0 ? [required('spec.cidrs', 'at least one CIDR required')] : [...each(spec.cidrs, 'spec.cidrs', strictCidr), ...onePerFamily(spec.cidrs)]),
  validateUpdate: (next, old) => immutable(next.spec.cidrs, old.spec.cidrs, 'spec.cidrs'),
  columns: [nameColumn, text('CIDRs', (cidr) => (cidr.spec.cidrs ?? []).join(',')), ageColumn],
});

function strictCidr(text: string, at: string): FieldError[] {
  const errors = cidr(text, at);
  if (errors.length > 0) return errors;
  const [address = ''] = text.split('/');
  const network = ipFamily(address) === 6 ? ipaddr.IPv6.networkAddressFromCIDR(text) : ipaddr.IPv4.networkAddressFromCIDR(text);
  return network.toString() === ipaddr.parse(address).toString() ? [] : [invalid(at, text, 'must not have bits set beyond the prefix length')];
}

function onePerFamily(ranges: readonly string[] = []): FieldError[] {
  const families = ranges.map((range) => ipFamily(range.split('/')[0]!));
  return new Set(families).size < families.length ? [invalid('spec.cidrs', ranges, 'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64')] : [];
}

export const ServiceCIDRs = resourceOf(serviceCIDR);
