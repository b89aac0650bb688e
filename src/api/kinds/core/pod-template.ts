import type { PodTemplate } from '../../types/core.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { containerImages, containerNames, labelsText, nameColumn, text } from '../columns.ts';
import { defaultPodTemplate } from './pod-spec-defaults.ts';
import { validatePodTemplate } from './pod-spec-validation.ts';

export const podTemplate = defineKind<PodTemplate>({
  kind: 'PodTemplate',
  plural: 'podtemplates',
  singular: 'podtemplate',
  namespaced: true,
  storage: { group: '', version: 'v1', message: 'core/v1.PodTemplate' },
  generation: true,
  defaults(object) {
    object.template ??= { metadata: {}, spec: { containers: [] } };
    defaultPodTemplate(object.template);
  },
  validate: (object) => (object.template ? validatePodTemplate(object.template, 'template') : []),
  columns: [
    nameColumn,
    text('Containers', (object) => containerNames(object.template?.spec.containers)),
    text('Images', (object) => containerImages(object.template?.spec.containers)),
    text('Pod Labels', (object) => labelsText(object.template?.metadata.labels)),
  ],
});

export const PodTemplates = resourceOf(podTemplate);
