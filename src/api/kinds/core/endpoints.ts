import type { Endpoints } from '../../types/core.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';

export const endpoints = defineKind<Endpoints>({
  kind: 'Endpoints',
  plural: 'endpoints',
  singular: 'endpoints',
  shortNames: ['ep'],
  namespaced: true,
  storage: { group: '', version: 'v1', message: 'core/v1.Endpoints' },
});

export const EndpointsList = resourceOf(endpoints);
