import type { APIService } from '../../types/apiregistration.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { ageColumn, nameColumn, text } from '../columns.ts';
import { convertedVersion, oldVersion } from '../conversion.ts';
import { pathSegment } from '../../validation/formats.ts';
import { validateAPIService } from './validation.ts';

const STORED = { group: 'apiregistration.k8s.io', version: 'v1' };

export const apiService = defineKind<APIService>({
  kind: 'APIService',
  plural: 'apiservices',
  singular: 'apiservice',
  categories: ['api-extensions'],
  namespaced: false,
  storage: { group: 'apiregistration.k8s.io', version: 'v1', message: 'apiregistration/v1.APIService' },
  anyFinalizer: true,
  served: [convertedVersion(oldVersion('apiregistration.k8s.io', 'v1beta1', 'apiregistration/v1beta1', 'APIService', '1.19', '1.22', STORED), STORED)],
  status: true,
  // The core group has no name, so that `v1.` is one.
  validateName: pathSegment,
  defaults(service) {
    if (service.spec?.service) service.spec.service.port ??= 443;
  },
  validate: validateAPIService,
  prepareCreate(service, now) {
    // What this server serves itself is there at once (kube-aggregator pkg/registry/apiservice/strategy.go).
    service.status = service.spec.service ? {} : { conditions: [{ type: 'Available', status: 'True', lastTransitionTime: now, reason: 'Local', message: 'Local APIServices are always available' }] };
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
