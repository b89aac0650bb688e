import type { Namespace } from '../../types/core.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { dns1123Label } from '../../validation/formats.ts';
import { ageColumn, nameColumn, text } from '../columns.ts';
import { validateNamespace } from './cluster-object-validation.ts';

export const namespace = defineKind<Namespace>({
  kind: 'Namespace',
  plural: 'namespaces',
  singular: 'namespace',
  shortNames: ['ns'],
  namespaced: false,
  storage: { group: '', version: 'v1', message: 'core/v1.Namespace' },
  // A cluster's namespaces are not deleted all at once (registry/core/namespace/storage).
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  status: true,
  subresources: [{ name: 'finalize', kind: 'Namespace', verbs: ['update'] }],
  validateName: dns1123Label,
  defaults(namespace) {
    namespace.spec ??= {};
    if (namespace.metadata.name) (namespace.metadata.labels ??= {})['kubernetes.io/metadata.name'] = namespace.metadata.name;
    namespace.status ??= {};
    namespace.status.phase ||= 'Active';
  },
  validate: validateNamespace,
  prepareCreate(namespace) {
    namespace.status = { phase: 'Active' };
    const finalizers = namespace.spec.finalizers ?? [];
    namespace.spec.finalizers = finalizers.includes('kubernetes') ? finalizers : [...finalizers, 'kubernetes'];
  },
  prepareUpdate(next, old) {
    next.spec.finalizers = old.spec.finalizers;
  },
  fieldSelectors: { 'status.phase': (namespace) => namespace.status?.phase ?? '', name: (namespace) => namespace.metadata.name ?? '' },
  columns: [nameColumn, text('Status', (namespace) => namespace.status?.phase ?? ''), ageColumn],
});

export const Namespaces = resourceOf(namespace);
