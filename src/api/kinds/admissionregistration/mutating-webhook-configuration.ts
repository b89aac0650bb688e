import type { MutatingWebhookConfiguration } from '../../types/admissionregistration.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { ageColumn, integer, nameColumn } from '../columns.ts';
import { defaultMutatingWebhook } from './webhook-defaults.ts';
import { validateWebhooks } from './validation.ts';

export const mutatingWebhookConfiguration = defineKind<MutatingWebhookConfiguration>({
  kind: 'MutatingWebhookConfiguration',
  plural: 'mutatingwebhookconfigurations',
  singular: 'mutatingwebhookconfiguration',
  categories: ['api-extensions'],
  namespaced: false,
  storage: { group: 'admissionregistration.k8s.io', version: 'v1', message: 'admissionregistration/v1.MutatingWebhookConfiguration' },
  anyFinalizer: true,
  generation: true,
  defaults(configuration) {
    configuration.webhooks?.forEach(defaultMutatingWebhook);
  },
  validate: validateWebhooks,
  unconditionalUpdate: false,
  columns: [nameColumn, integer('Webhooks', (configuration) => (configuration.webhooks ?? []).length), ageColumn],
});

export const MutatingWebhookConfigurations = resourceOf(mutatingWebhookConfiguration);
