import type { CustomResourceDefinition } from '../../types/apiextensions.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { nameColumn } from '../columns.ts';
import { defaultDefinition, keepStoredVersion } from './crd-defaults.ts';
import { markTerminating } from './crd-deletion.ts';
import { validateDefinition, validateDefinitionUpdate } from './crd-validation.ts';

export const customResourceDefinition = defineKind<CustomResourceDefinition>({
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  singular: 'customresourcedefinition',
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  namespaced: false,
  storage: { group: 'apiextensions.k8s.io', version: 'v1', message: 'apiextensions/v1.CustomResourceDefinition' },
  anyFinalizer: true,
  status: true,
  generation: true,
  defaults: defaultDefinition,
  validate: validateDefinition,
  validateUpdate: validateDefinitionUpdate,
  prepareCreate(definition) {
    definition.status = { storedVersions: [] };
    keepStoredVersion(definition);
  },
  prepareDelete: markTerminating,
  prepareUpdate: (next) => keepStoredVersion(next),
  columns: [nameColumn, { name: 'Created At', type: 'date', cell: (definition) => definition.metadata.creationTimestamp ?? '' }],
});

export const CustomResourceDefinitions = resourceOf(customResourceDefinition);
