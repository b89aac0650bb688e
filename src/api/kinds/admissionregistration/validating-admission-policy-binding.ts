import type { ValidatingAdmissionPolicyBinding } from '../../types/admissionregistration.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';

export const validatingAdmissionPolicyBinding = defineKind<ValidatingAdmissionPolicyBinding>({
  kind: 'ValidatingAdmissionPolicyBinding',
  plural: 'validatingadmissionpolicybindings',
  singular: 'validatingadmissionpolicybinding',
  categories: ['api-extensions'],
  namespaced: false,
  storage: { group: 'admissionregistration.k8s.io', version: 'v1', message: 'admissionregistration/v1.ValidatingAdmissionPolicyBinding' },
  generation: true,
});

export const ValidatingAdmissionPolicyBindings = resourceOf(validatingAdmissionPolicyBinding);
