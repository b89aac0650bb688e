import type { IPAddress } from '../../types/networking.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { required } from '../../validation/field.ts';
import { ageColumn, nameColumn, text } from '../columns.ts';

export const ipAddress = defineKind<IPAddress>({
  kind: 'IPAddress',
  plural: 'ipaddresses',
  singular: 'ipaddress',
  shortNames: ['ip'],
  namespaced: false,
  storage: { group: 'networking.k8s.io', version: 'v1', message: 'networking/v1.IPAddress' },
  validate: ({ spec }) => {
    const parent = spec?.parentRef;
    if (!parent) return [required('spec.parentRef')];
    return (['resource', 'name'] as const).filter((field) => !parent[field]).map((field) => required(`spec.parentRef.${field}`));
  },
  columns: [nameColumn, text('ParentRef', parentText), ageColumn],
});

export const IPAddresses = resourceOf(ipAddress);

function parentText(address: IPAddress): string {
  const { parentRef } = address.spec;
  if (!parentRef) return '<none>';
  const resource = parentRef.group ? `${parentRef.resource}.${parentRef.group}` : parentRef.resource;
  return [resource.toLowerCase(), ...(parentRef.namespace ? [parentRef.namespace] : []), parentRef.name].join('/');
}
