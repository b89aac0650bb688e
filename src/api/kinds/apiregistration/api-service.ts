import type { APIService } from '../../types/apiregistration.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { ageColumn, nameColumn, text } from '../columns.ts';

export const apiService = defineKind<APIService>({
  kind: 'APIService',
  plural: 'apiservices',
  singular: 'apiservice',
  categories: ['api-extensions'],
  namespaced: false,
  storage: { group: 'apiregistration.k8s.io', version: 'v1', message: 'apiregistration/v1.APIService' },
  status: true,
  defaults(service) {
    if (service.spec?.service) service.spec.service.port ??= 443;
  },
  prepareCreate(service) {
    service.status = {};
  },
  columns: [
    nameColumn,
    text('Service', ({ spec: { service } }) => (service ? `${service.namespace ?? ''}/${service.name ?? ''}` : 'Local')),
    text('Available', availableText),
    ageColumn,
  ],
});

export const APIServices = resourceOf(apiService);

function availableText(service: APIService): string {
  const condition = service.status?.conditions?.find((c) => c.type === 'Available');
  if (!condition) return 'Unknown';
  return condition.status !== 'True' && condition.reason ? `${condition.status} (${condition.reason})` : condition.status;
}
