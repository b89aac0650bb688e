import type { ServiceCIDR } from '../../types/networking.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { ageColumn, nameColumn, text } from '../columns.ts';
import { each, required } from '../../validation/field.ts';
import { immutable } from '../../validation/immutable.ts';
import { cidr } from '../../validation/values.ts';

export const serviceCIDR = defineKind<ServiceCIDR>({
  kind: 'ServiceCIDR',
  plural: 'servicecidrs',
  singular: 'servicecidr',
  namespaced: false,
  storage: { group: 'networking.k8s.io', version: 'v1', message: 'networking/v1.ServiceCIDR' },
  status: true,
  validate: ({ spec }) => ((spec.cidrs ?? []).length === 0 ? [required('spec.cidrs', 'at least one CIDR required')] : each(spec.cidrs, 'spec.cidrs', cidr)),
  validateUpdate: (next, old) => immutable(next.spec.cidrs, old.spec.cidrs, 'spec.cidrs'),
  columns: [nameColumn, text('CIDRs', (cidr) => (cidr.spec.cidrs ?? []).join(',')), ageColumn],
});

export const ServiceCIDRs = resourceOf(serviceCIDR);
