import type { Ingress } from '../../types/networking.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';

export const ingress = defineKind<Ingress>({
  kind: 'Ingress',
  plural: 'ingresses',
  singular: 'ingress',
  shortNames: ['ing'],
  namespaced: true,
  storage: { group: 'networking.k8s.io', version: 'v1', message: 'networking/v1.Ingress' },
  status: true,
  generation: true,
});

export const Ingresses = resourceOf(ingress);
