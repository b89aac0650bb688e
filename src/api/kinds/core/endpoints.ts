import type { Endpoints } from '../../types/core.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { ageColumn, listWithMore, nameColumn, text } from '../columns.ts';
import { repackSubsets } from './endpoint-subsets.ts';
import { validateEndpoints } from './cluster-object-validation.ts';

export const endpoints = defineKind<Endpoints>({
  kind: 'Endpoints',
  plural: 'endpoints',
  singular: 'endpoints',
  shortNames: ['ep'],
  namespaced: true,
  storage: { group: '', version: 'v1', message: 'core/v1.Endpoints', warning: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice' },
  defaults(endpoints) {
    for (const subset of endpoints.subsets ?? []) for (const port of subset.ports ?? []) port.protocol ||= 'TCP';
  },
  validate: validateEndpoints,
  prepareCreate: repack,
  prepareUpdate: repack,
  createOnUpdate: true,
  columns: [nameColumn, text('Endpoints', addressesText), ageColumn],
});

export const EndpointsList = resourceOf(endpoints);

function repack(endpoints: Endpoints): void {
  if (endpoints.subsets) endpoints.subsets = repackSubsets(endpoints.subsets);
}

function addressesText(endpoints: Endpoints): string {
  const list = (endpoints.subsets ?? []).flatMap(({ addresses = [], ports = [] }) =>
    ports.length === 0 ? addresses.map((a) => a.ip) : ports.flatMap((port) => addresses.map((a) => `${a.ip.includes(':') ? `[${a.ip}]` : a.ip}:${port.port}`)),
  );
  return (endpoints.subsets ?? []).length === 0 ? '<none>' : listWithMore(list, 3, '');
}
