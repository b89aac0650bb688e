import type { ControllerRevision } from '../../types/apps.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';

export const controllerRevision = defineKind<ControllerRevision>({
  kind: 'ControllerRevision',
  plural: 'controllerrevisions',
  singular: 'controllerrevision',
  namespaced: true,
  storage: { group: 'apps', version: 'v1', message: 'apps/v1.ControllerRevision' },
});

export const ControllerRevisions = resourceOf(controllerRevision);
