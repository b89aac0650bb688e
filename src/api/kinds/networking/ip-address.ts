import { isIP } from 'node:net';
import type { IPAddress } from '../../types/networking.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { required } from '../../validation/field.ts';
import { ipFamily } from '../../validation/values.ts';
import { ageColumn, nameColumn, text } from '../columns.ts';

export const ipAddress = defineKind<IPAddress>({
  kind: 'IPAddress',
  plural: 'ipaddresses',
  singular: 'ipaddress',
  shortNames: ['ip'],
  namespaced: false,
  storage: { group: 'networking.k8s.io', version: 'v1', message: 'networking/v1.IPAddress' },
  validateName: canonicalAddress,
  validate: ({ spec }) => {
    const parent = spec?.parentRef;
    if (!parent) return [required('spec.parentRef')];
    return (['resource', 'name'] as const).filter((field) => !parent[field]).map((field) => required(`spec.parentRef.${field}`));
  },
  columns: [nameColumn, text('ParentRef', parentText), ageColumn],
});

export const IPAddresses = resourceOf(ipAddress);

/** An address has one name only (pkg/apis/networking/validation ValidateIPAddressName). */
function canonicalAddress(name: string): string[] {
  if (ipFamily(name) === 0) return ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'];
  if (isIP(name) === 0) return ['must not have leading 0s'];
  const canonical = new URL(isIP(name) === 6 ? `http://[${name}]` : `http://${name}`).hostname.replace(/^\[|\]$/g, '');
  return canonical === name ? [] : [`must be in canonical form (${JSON.stringify(canonical)})`];
}

function parentText(address: IPAddress): string {
  const { parentRef } = address.spec;
  if (!parentRef) return '<none>';
  const resource = parentRef.group ? `${parentRef.resource}.${parentRef.group}` : parentRef.resource;
  return [resource.toLowerCase(), ...(parentRef.namespace ? [parentRef.namespace] : []), parentRef.name].join('/');
}
