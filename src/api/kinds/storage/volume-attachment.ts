import type { VolumeAttachment } from '../../types/storage.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';

export const volumeAttachment = defineKind<VolumeAttachment>({
  kind: 'VolumeAttachment',
  plural: 'volumeattachments',
  singular: 'volumeattachment',
  namespaced: false,
  storage: { group: 'storage.k8s.io', version: 'v1', message: 'storage/v1.VolumeAttachment' },
  status: true,
});

export const VolumeAttachments = resourceOf(volumeAttachment);
