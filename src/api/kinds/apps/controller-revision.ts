import type { ControllerRevision } from '../../types/apps.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { parseApiVersion } from '../../object.ts';
import { ageColumn, nameColumn, text } from '../columns.ts';
import { oldControllerRevisions } from './old-versions.ts';
import { invalid, required } from '../../validation/field.ts';
import { immutable } from '../../validation/immutable.ts';

export const controllerRevision = defineKind<ControllerRevision>({
  kind: 'ControllerRevision',
  plural: 'controllerrevisions',
  singular: 'controllerrevision',
  namespaced: true,
  storage: { group: 'apps', version: 'v1', message: 'apps/v1.ControllerRevision' },
  served: oldControllerRevisions,
  validate: (revision) => [
    ...(revision.revision < 0 ? [invalid('revision', revision.revision, 'must be greater than or equal to 0')] : []),
    ...(typeof revision.data === 'object' && revision.data !== null ? [] : [required('data', 'data is mandatory')]),
  ],
  validateUpdate: (next, old) => immutable(next.data, old.data, 'data'),
  columns: [nameColumn, text('Controller', controllerText), text('Revision', (revision) => revision.revision ?? 0), ageColumn],
});

export const ControllerRevisions = resourceOf(controllerRevision);

/** `deployment.apps/web`. */
function controllerText(revision: ControllerRevision): string {
  const controller = revision.metadata.ownerReferences?.find((ref) => ref.controller);
  if (!controller) return '<none>';
  const { group } = parseApiVersion(controller.apiVersion);
  return `${controller.kind.toLowerCase()}${group === '' ? '' : `.${group.toLowerCase()}`}/${controller.name}`;
}
