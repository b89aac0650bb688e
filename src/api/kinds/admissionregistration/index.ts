import { erase } from '../../kind.ts';
import { validatingWebhookConfiguration } from './validating-webhook-configuration.ts';
import { mutatingWebhookConfiguration } from './mutating-webhook-configuration.ts';
import { validatingAdmissionPolicy } from './validating-admission-policy.ts';
import { validatingAdmissionPolicyBinding } from './validating-admission-policy-binding.ts';

/** The kinds of the admissionregistration group, in the order discovery lists them. */
export const admissionregistrationKinds = [
  erase(validatingWebhookConfiguration),
  erase(mutatingWebhookConfiguration),
  erase(validatingAdmissionPolicy),
  erase(validatingAdmissionPolicyBinding),
];
