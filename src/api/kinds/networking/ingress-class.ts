import type { IngressClass } from '../../types/networking.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';

export const ingressClass = defineKind<IngressClass>({
  kind: 'IngressClass',
  plural: 'ingressclasses',
  singular: 'ingressclass',
  namespaced: false,
  storage: { group: 'networking.k8s.io', version: 'v1', message: 'networking/v1.IngressClass' },
  generation: true,
});

export const IngressClasses = resourceOf(ingressClass);
