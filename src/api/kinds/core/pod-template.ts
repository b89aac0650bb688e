import type { PodTemplate } from '../../types/core.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';

export const podTemplate = defineKind<PodTemplate>({
  kind: 'PodTemplate',
  plural: 'podtemplates',
  singular: 'podtemplate',
  namespaced: true,
  storage: { group: '', version: 'v1', message: 'core/v1.PodTemplate' },
});

export const PodTemplates = resourceOf(podTemplate);
