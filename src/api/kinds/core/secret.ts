import type { Secret } from '../../types/core.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { ageColumn, nameColumn, text } from '../columns.ts';
import { validateSecret, validateSecretUpdate } from './data-validation.ts';

export const secret = defineKind<Secret>({
  kind: 'Secret',
  plural: 'secrets',
  singular: 'secret',
  namespaced: true,
  storage: { group: '', version: 'v1', message: 'core/v1.Secret' },
  defaults(secret) {
    secret.type ||= 'Opaque';
    mergeStringData(secret);
  },
  validate: validateSecret,
  validateUpdate: validateSecretUpdate,
  prepareUpdate(next, old) {
    // An update without a type keeps the old one (registry/core/secret/strategy.go).
    if (!next.type) next.type = old.type;
  },
  fieldSelectors: { type: (secret) => secret.type ?? '' },
  columns: [nameColumn, text('Type', (secret) => secret.type ?? ''), text('Data', (secret) => Object.keys(secret.data ?? {}).length), ageColumn],
});

export const Secrets = resourceOf(secret);

/** stringData is only for writing: it overrides data and is never stored (pkg/apis/core/v1/conversion.go). */
function mergeStringData(secret: Secret): void {
  const entries = Object.entries(secret.stringData ?? {});
  delete secret.stringData;
  if (entries.length === 0) return;
  const added = entries.map(([key, value]) => [key, Buffer.from(value, 'utf8').toString('base64')] as const);
  secret.data = { ...secret.data, ...Object.fromEntries(added) };
}
