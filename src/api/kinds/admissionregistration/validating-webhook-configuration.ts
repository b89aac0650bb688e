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
  anyFinalizer: true,
  generation: true,
  defaults(configuration) {
    configuration.webhooks?.forEach(defaultWebhook);
  },
  validate: validateWebhooks,
  unconditionalUpdate: false,
  columns: [nameColumn, integer('Webhooks', (configuration) => (configuration.webhooks ?? []).length), ageColumn],
});

export const ValidatingWebhookConfigurations = resourceOf(validatingWebhookConfiguration);
