import type { ValidatingAdmissionPolicy } from '../../types/admissionregistration.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';

export const validatingAdmissionPolicy = defineKind<ValidatingAdmissionPolicy>({
  kind: 'ValidatingAdmissionPolicy',
  plural: 'validatingadmissionpolicies',
  singular: 'validatingadmissionpolicy',
  categories: ['api-extensions'],
  namespaced: false,
  storage: { group: 'admissionregistration.k8s.io', version: 'v1', message: 'admissionregistration/v1.ValidatingAdmissionPolicy' },
  status: true,
  generation: true,
});

export const ValidatingAdmissionPolicies = resourceOf(validatingAdmissionPolicy);
