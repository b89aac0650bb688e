import type { ServiceCIDR } from '../../types/networking.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { ageColumn, nameColumn, text } from '../columns.ts';

export const serviceCIDR = defineKind<ServiceCIDR>({
  kind: 'ServiceCIDR',
  plural: 'servicecidrs',
  singular: 'servicecidr',
  namespaced: false,
  storage: { group: 'networking.k8s.io', version: 'v1', message: 'networking/v1.ServiceCIDR' },
  status: true,
  columns: [nameColumn, text('CIDRs', (cidr) => (cidr.spec.cidrs ?? []).join(',')), ageColumn],
});

export const ServiceCIDRs = resourceOf(serviceCIDR);
