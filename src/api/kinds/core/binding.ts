import type { Binding } from '../../types/core.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { validateBindingTarget } from './pod-validation.ts';

export const binding = defineKind<Binding>({
  kind: 'Binding',
  plural: 'bindings',
  singular: 'binding',
  namespaced: true,
  storage: { group: '', version: 'v1', message: 'core/v1.Binding' },
  verbs: ['create'],
  validate: (binding) => validateBindingTarget(binding.target),
});

export const Bindings = resourceOf(binding);
