import type { EndpointSlice } from '../../types/discovery.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { ageColumn, listWithMore, nameColumn, text } from '../columns.ts';
import { oldSlice } from './old-versions.ts';
import { sliceTypeStays, validateSlice } from './validation.ts';

export const endpointSlice = defineKind<EndpointSlice>({
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  singular: 'endpointslice',
  namespaced: true,
  storage: { group: 'discovery.k8s.io', version: 'v1', message: 'discovery/v1.EndpointSlice' },
  served: [oldSlice],
  generation: true,
  defaults(slice) {
    slice.endpoints ??= [];
    for (const port of slice.ports ?? []) {
      port.name ??= '';
      port.protocol ??= 'TCP';
    }
  },
  validate: validateSlice,
  validateUpdate: sliceTypeStays,
  columns: [
    nameColumn,
    text('AddressType', (slice) => slice.addressType),
    text('Ports', (slice) => listWithMore((slice.ports ?? []).map((port) => (port.port === undefined ? (port.name ?? '*') : String(port.port))), 3, '<unset>')),
    text('Endpoints', (slice) => listWithMore(slice.endpoints.flatMap((endpoint) => endpoint.addresses), 3, '<unset>')),
    ageColumn,
  ],
});

export const EndpointSlices = resourceOf(endpointSlice);
