import type { Binding } from '../../types/core.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';

export const binding = defineKind<Binding>({
  kind: 'Binding',
  plural: 'bindings',
  singular: 'binding',
  namespaced: true,
  storage: { group: '', version: 'v1', message: 'core/v1.Binding' },
  verbs: ['create'],
});

export const Bindings = resourceOf(binding);
