import type { Namespace } from '../../types/core.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';

export const namespace = defineKind<Namespace>({
  kind: 'Namespace',
  plural: 'namespaces',
  singular: 'namespace',
  shortNames: ['ns'],
  namespaced: false,
  storage: { group: '', version: 'v1', message: 'core/v1.Namespace' },
  status: true,
});

export const Namespaces = resourceOf(namespace);
