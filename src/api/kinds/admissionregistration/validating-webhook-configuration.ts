import type { ValidatingWebhookConfiguration } from '../../types/admissionregistration.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';

export const validatingWebhookConfiguration = defineKind<ValidatingWebhookConfiguration>({
  kind: 'ValidatingWebhookConfiguration',
  plural: 'validatingwebhookconfigurations',
  singular: 'validatingwebhookconfiguration',
  categories: ['api-extensions'],
  namespaced: false,
  storage: { group: 'admissionregistration.k8s.io', version: 'v1', message: 'admissionregistration/v1.ValidatingWebhookConfiguration' },
  generation: true,
});

export const ValidatingWebhookConfigurations = resourceOf(validatingWebhookConfiguration);
