import type { IngressClass } from '../../types/networking.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { ageColumn, nameColumn, text } from '../columns.ts';
import { oldIngressClasses } from './old-versions.ts';
import { validateIngressClass, validateIngressClassUpdate } from './ingress-validation.ts';

export const ingressClass = defineKind<IngressClass>({
  kind: 'IngressClass',
  plural: 'ingressclasses',
  singular: 'ingressclass',
  namespaced: false,
  storage: { group: 'networking.k8s.io', version: 'v1', message: 'networking/v1.IngressClass' },
  served: oldIngressClasses,
  generation: true,
  defaults(ingressClass) {
    ingressClass.spec ??= {};
    if (ingressClass.spec.parameters) ingressClass.spec.parameters.scope ??= 'Cluster';
  },
  validate: validateIngressClass,
  validateUpdate: validateIngressClassUpdate,
  columns: [
    nameColumn,
    text('Controller', (ingressClass) => ingressClass.spec.controller ?? ''),
    text('Parameters', ({ spec: { parameters } }) => (parameters ? `${parameters.kind}${parameters.apiGroup === undefined ? '' : `.${parameters.apiGroup}`}/${parameters.name}` : '<none>')),
    ageColumn,
  ],
});

export const IngressClasses = resourceOf(ingressClass);
