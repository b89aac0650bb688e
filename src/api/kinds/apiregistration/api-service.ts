import type { APIService } from '../../types/apiregistration.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';

export const apiService = defineKind<APIService>({
  kind: 'APIService',
  plural: 'apiservices',
  singular: 'apiservice',
  categories: ['api-extensions'],
  namespaced: false,
  storage: { group: 'apiregistration.k8s.io', version: 'v1', message: 'apiregistration/v1.APIService' },
  status: true,
});

export const APIServices = resourceOf(apiService);
