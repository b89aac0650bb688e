import type { ValidatingWebhookConfiguration } from '../../types/admissionregistration.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { ageColumn, integer, nameColumn } from '../columns.ts';
import { defaultWebhook } from './webhook-defaults.ts';
import { validateWebhooks } from './validation.ts';

export const validatingWebhookConfiguration = defineKind<ValidatingWebhookConfiguration>({
  kind: 'ValidatingWebhookConfiguration',
  plural: 'validatingwebhookconfigurations',
  singular: 'validatingwebhookconfiguration',
  categories: ['api-extensions'],
  namespaced: false,
  storage: { group: 'admissionregistration.k8s.io', version: 'v1', message: 'admissionregistration/v1.ValidatingWebhookConfiguration' },
  generation: true,
  unconditionalUpdate: false,
  defaults(configuration) {
    configuration.webhooks?.forEach(defaultWebhook);
  },
  columns: [nameColumn, integer('Webhooks', (configuration) => (configuration.webhooks ?? []).length), ageColumn],
  validate: validateWebhooks,
});

export const ValidatingWebhookConfigurations = resourceOf(validatingWebhookConfiguration);
