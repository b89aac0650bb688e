import type { VolumeAttachment } from '../../types/storage.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { ageColumn, boolean, nameColumn, text } from '../columns.ts';
import { validateAttachment } from './validation.ts';
import { immutable } from '../../validation/immutable.ts';

export const volumeAttachment = defineKind<VolumeAttachment>({
  kind: 'VolumeAttachment',
  plural: 'volumeattachments',
  singular: 'volumeattachment',
  namespaced: false,
  storage: { group: 'storage.k8s.io', version: 'v1', message: 'storage/v1.VolumeAttachment' },
  status: true,
  validate: validateAttachment,
  validateUpdate: (next, old) => immutable(next.spec, old.spec, 'spec'),
  prepareCreate(attachment) {
    attachment.status = { attached: false };
  },
  unconditionalUpdate: false,
  columns: [
    nameColumn,
    { name: 'Attacher', type: 'string', format: 'name', cell: (attachment) => attachment.spec.attacher },
    text('PV', (attachment) => attachment.spec.source.persistentVolumeName ?? ''),
    text('Node', (attachment) => attachment.spec.nodeName),
    boolean('Attached', (attachment) => attachment.status?.attached ?? false),
    ageColumn,
  ],
});

export const VolumeAttachments = resourceOf(volumeAttachment);
