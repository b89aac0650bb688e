import type { ValidatingAdmissionPolicy } from '../../types/admissionregistration.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { ageColumn, integer, nameColumn, text } from '../columns.ts';
import { defaultMatchResources } from './webhook-defaults.ts';
import { validatePolicy } from './validation.ts';

export const validatingAdmissionPolicy = defineKind<ValidatingAdmissionPolicy>({
  kind: 'ValidatingAdmissionPolicy',
  plural: 'validatingadmissionpolicies',
  singular: 'validatingadmissionpolicy',
  categories: ['api-extensions'],
  namespaced: false,
  storage: { group: 'admissionregistration.k8s.io', version: 'v1', message: 'admissionregistration/v1.ValidatingAdmissionPolicy' },
  anyFinalizer: true,
  status: true,
  generation: true,
  defaults(policy) {
    policy.spec ??= {};
    policy.spec.failurePolicy ??= 'Fail';
    defaultMatchResources(policy.spec.matchConstraints);
  },
  validate: validatePolicy,
  unconditionalUpdate: false,
  columns: [
    nameColumn,
    integer('Validations', (policy) => (policy.spec.validations ?? []).length),
    text('ParamKind', ({ spec: { paramKind } }) => (paramKind ? `${paramKind.apiVersion}/${paramKind.kind}` : '<unset>')),
    ageColumn,
  ],
});

export const ValidatingAdmissionPolicies = resourceOf(validatingAdmissionPolicy);
