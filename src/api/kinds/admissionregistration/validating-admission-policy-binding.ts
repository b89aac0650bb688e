import type { ValidatingAdmissionPolicyBinding } from '../../types/admissionregistration.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { ageColumn, nameColumn, selectorText, text } from '../columns.ts';
import { defaultMatchResources } from './webhook-defaults.ts';
import { validatePolicyBinding } from './validation.ts';

export const validatingAdmissionPolicyBinding = defineKind<ValidatingAdmissionPolicyBinding>({
  kind: 'ValidatingAdmissionPolicyBinding',
  plural: 'validatingadmissionpolicybindings',
  singular: 'validatingadmissionpolicybinding',
  categories: ['api-extensions'],
  namespaced: false,
  storage: { group: 'admissionregistration.k8s.io', version: 'v1', message: 'admissionregistration/v1.ValidatingAdmissionPolicyBinding' },
  anyFinalizer: true,
  generation: true,
  defaults(binding) {
    binding.spec ??= {};
    defaultMatchResources(binding.spec.matchResources);
  },
  validate: validatePolicyBinding,
  unconditionalUpdate: false,
  columns: [
    nameColumn,
    text('PolicyName', (binding) => binding.spec.policyName ?? ''),
    text('ParamRef', ({ spec: { paramRef } }) => {
      if (paramRef?.name) return `${paramRef.namespace || '*'}/${paramRef.name}`;
      return paramRef?.selector ? selectorText(paramRef.selector) : '<unset>';
    }),
    ageColumn,
  ],
});

export const ValidatingAdmissionPolicyBindings = resourceOf(validatingAdmissionPolicyBinding);
