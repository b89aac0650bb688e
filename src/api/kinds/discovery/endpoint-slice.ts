import type { EndpointSlice } from '../../types/discovery.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';

export const endpointSlice = defineKind<EndpointSlice>({
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  singular: 'endpointslice',
  namespaced: true,
  storage: { group: 'discovery.k8s.io', version: 'v1', message: 'discovery/v1.EndpointSlice' },
  generation: true,
});

export const EndpointSlices = resourceOf(endpointSlice);
