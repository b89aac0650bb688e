import type { ServiceCIDR } from '../../types/networking.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';

export const serviceCIDR = defineKind<ServiceCIDR>({
  kind: 'ServiceCIDR',
  plural: 'servicecidrs',
  singular: 'servicecidr',
  namespaced: false,
  storage: { group: 'networking.k8s.io', version: 'v1', message: 'networking/v1.ServiceCIDR' },
  status: true,
});

export const ServiceCIDRs = resourceOf(serviceCIDR);
