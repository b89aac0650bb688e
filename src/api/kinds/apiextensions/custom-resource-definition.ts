import type { CustomResourceDefinition } from '../../types/apiextensions.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';

export const customResourceDefinition = defineKind<CustomResourceDefinition>({
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  singular: 'customresourcedefinition',
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  namespaced: false,
  storage: { group: 'apiextensions.k8s.io', version: 'v1', message: 'apiextensions/v1.CustomResourceDefinition' },
  status: true,
  generation: true,
});

export const CustomResourceDefinitions = resourceOf(customResourceDefinition);
