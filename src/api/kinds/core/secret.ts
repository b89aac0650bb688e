import type { Secret } from '../../types/core.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';

export const secret = defineKind<Secret>({
  kind: 'Secret',
  plural: 'secrets',
  singular: 'secret',
  namespaced: true,
  storage: { group: '', version: 'v1', message: 'core/v1.Secret' },
});

export const Secrets = resourceOf(secret);
