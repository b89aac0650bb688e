import type { Ingress } from '../../types/networking.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { ageColumn, listWithMore, loadBalancerAddresses, nameColumn, text } from '../columns.ts';
import { oldIngresses } from './old-versions.ts';
import { ingressWarnings, validateIngress, validateIngressStatus, validateNewIngress } from './ingress-validation.ts';

export const ingress = defineKind<Ingress>({
  kind: 'Ingress',
  plural: 'ingresses',
  singular: 'ingress',
  shortNames: ['ing'],
  namespaced: true,
  storage: { group: 'networking.k8s.io', version: 'v1', message: 'networking/v1.Ingress' },
  served: oldIngresses,
  status: true,
  generation: true,
  defaults(ingress) {
    ingress.spec ??= {};
  },
  validate: validateIngress,
  validateCreate: validateNewIngress,
  validateStatus: validateIngressStatus,
  prepareCreate(ingress) {
    ingress.status = { loadBalancer: {} };
  },
  warnings: (ingress, old) => (old ? [] : ingressWarnings(ingress)),
  columns: [
    nameColumn,
    text('Class', (ingress) => ingress.spec.ingressClassName ?? '<none>'),
    text('Hosts', (ingress) => listWithMore((ingress.spec.rules ?? []).flatMap((rule) => rule.host || []), 3, '*')),
    text('Address', (ingress) => loadBalancerAddresses(ingress.status?.loadBalancer).join(',')),
    text('Ports', (ingress) => ((ingress.spec.tls ?? []).length > 0 ? '80, 443' : '80')),
    ageColumn,
  ],
});

export const Ingresses = resourceOf(ingress);
